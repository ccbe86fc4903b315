"""Take out of this room's tables what was written about a customer."""

from collections.abc import Collection
from datetime import datetime

from recovery.models import FollowUp, FollowUpNote, WebhookAttempt, WebhookEvent
from recovery.webhooks.payloads import without_who

ERASED = "The customer had everything erased."


def erase(records: Collection[int], *, at: datetime) -> None:
    """Close what is open, and leave of each follow-up that there was one."""
    follow_ups = FollowUp.objects.filter(customer__in=records)
    FollowUpNote.objects.filter(follow_up__in=follow_ups).delete()
    follow_ups.exclude(action="").update(action=ERASED)
    follow_ups.exclude(no_action_reason="").update(no_action_reason=ERASED)
    still_open = follow_ups.filter(state=FollowUp.State.OPEN)
    still_open.update(state=FollowUp.State.CLOSED, closed_at=at, no_action_reason=ERASED)
    _erase_what_others_are_told(records)


def _erase_what_others_are_told(records: Collection[int]) -> None:
    """Leave ids, scores and times of what was told or still is; answers may repeat what they were sent."""
    WebhookAttempt.objects.filter(delivery__event__customer__in=records).update(answer="")
    for event in WebhookEvent.objects.filter(customer__in=records).only("data", "customer"):
        data = without_who(event.data, event.customer_id or 0)
        WebhookEvent.objects.filter(pk=event.pk).update(data=data, personal={})
