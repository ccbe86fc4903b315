"""Take out of this room's tables what was written about a customer."""

from collections.abc import Collection
from datetime import datetime

from recovery.models import FollowUp, FollowUpNote

ERASED = "The customer had everything erased."


def erase(records: Collection[int], *, at: datetime) -> None:
    """Close what is open, and leave of each follow-up that there was one."""
    follow_ups = FollowUp.objects.filter(customer__in=records)
    FollowUpNote.objects.filter(follow_up__in=follow_ups).delete()
    follow_ups.exclude(action="").update(action=ERASED)
    follow_ups.exclude(no_action_reason="").update(no_action_reason=ERASED)
    still_open = follow_ups.filter(state=FollowUp.State.OPEN)
    still_open.update(state=FollowUp.State.CLOSED, closed_at=at, no_action_reason=ERASED)
