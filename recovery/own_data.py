"""What a customer may see of what this room did for her."""

from collections.abc import Collection

from contacts.own_data import OwnData, rows
from recovery.models import FollowUp, FollowUpNote, WebhookDelivery

FOLLOW_UP_COLUMNS = ("opened_at", "trigger", "state", "due_at", "closed_at", "action", "no_action_reason")
TOLD_COLUMNS = ("event__happened_at", "event__type", "endpoint__name")


def own_data(records: Collection[int]) -> OwnData:
    """Return all that is kept about the person with these records, the oldest first; not which colleague wrote it."""
    follow_ups = FollowUp.objects.filter(customer__in=records).order_by("opened_at")
    notes = FollowUpNote.objects.filter(follow_up__customer__in=records)
    told = WebhookDelivery.objects.filter(event__customer__in=records, state=WebhookDelivery.State.DELIVERED)
    return {
        "follow_ups": rows(follow_ups, FOLLOW_UP_COLUMNS),
        "notes": rows(notes, ("at", "text")),
        "told_to_other_systems": rows(told.order_by("done_at"), TOLD_COLUMNS),
    }


def last_follow_up(records: Collection[int]) -> FollowUp | None:
    """Return what we do or did about the newest answer that asked for it."""
    return FollowUp.objects.filter(customer__in=records).order_by("-opened_at").first()
