"""The appointments that are still to be kept: what the interviewers' list shows."""

from datetime import datetime

from django.db.models import QuerySet

from contacts.models import Appointment


def appointments_to_keep(at: datetime) -> QuerySet[Appointment]:
    """Return the open appointments that are not over at `at`, the earliest first.

    One about an experience that the customer has answered about since is not open any more: the gate has ended it.
    """
    waiting = Appointment.objects.filter(state=Appointment.State.OPEN, ends_at__gt=at)
    return waiting.order_by("starts_at", "pk")
