"""The appointments that are still to be kept: what the interviewers' list shows."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from contacts.models import Appointment
from surveys.models import Response


def appointments_to_keep(at: datetime) -> QuerySet[Appointment]:
    """Return the open appointments that are not over at `at`, the earliest first.

    One about an experience that the customer has answered about since is none any more: there is nothing to call for.
    """
    answered = Response.objects.filter(touchpoint=OuterRef("touchpoint"), answered_at__gte=OuterRef("at"))
    waiting = Appointment.objects.filter(~Exists(answered), state=Appointment.State.OPEN, ends_at__gt=at)
    return waiting.order_by("starts_at", "pk")
