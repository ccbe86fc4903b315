"""For how long notes about customers, and what other systems were told, are kept."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from contacts.retention import Kind, deleted, in_lots
from recovery.models import FollowUp, FollowUpNote, WebhookEvent

PUT_AWAY = "No longer kept."


def _written(before: datetime) -> QuerySet[FollowUp]:
    notes = FollowUpNote.objects.filter(follow_up=OuterRef("pk"))
    worded = ~Q(action__in=("", PUT_AWAY)) | ~Q(no_action_reason__in=("", PUT_AWAY))
    return FollowUp.objects.filter(Exists(notes) | worded, state=FollowUp.State.CLOSED, closed_at__lt=before)


def put_away(ids: Collection[int]) -> None:
    """Leave of each follow-up that there was one, and whether something was done."""
    FollowUpNote.objects.filter(follow_up__in=ids).delete()
    closed = FollowUp.objects.filter(pk__in=ids)
    closed.exclude(action="").update(action=PUT_AWAY)
    closed.exclude(no_action_reason="").update(no_action_reason=PUT_AWAY)


KINDS = (
    Kind(
        key="follow_ups",
        name="Notes of follow-ups that are closed",
        becomes="notes and words removed; that there was one, why and how fast it was seen to stay",
        why="Two years show whether the same customer had the same trouble again.",
        days=730,
        **in_lots(_written, lambda ids, _at: put_away(ids)),
    ),
    Kind(
        key="told",
        name="What other systems were told by webhooks",
        becomes="deleted",
        why="They are needed to send again what another system lost.",
        days=30,
        **deleted(WebhookEvent, lambda before: WebhookEvent.objects.filter(made_at__lt=before)),
    ),
)
