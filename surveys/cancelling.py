"""A wave is cancelled: what of it is not sent yet never will be, and its places are given back.

The word holds from the instant it is given, because the wave is paused with it. To give the places back takes a second
for some thousand: the first go at once and the rest by a job, until nothing is planned or in a worker's hands.
"""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.admin.models import CHANGE
from django.db import transaction
from django.db.models import QuerySet

from contacts import gate
from contacts.gate.audit import audit
from contacts.models.words import Outcome
from surveys.models import Invitation, Wave
from surveys.models.waves import BEING_CANCELLED
from surveys.pausing import pause

LOT = 500
"""Invitations of one transaction."""
State = Invitation.State


@transaction.atomic
def cancel_wave(wave: Wave, reason: str, *, at: datetime, by_id: int) -> None:
    """Send nothing more of a wave that is planned to its end; `give_back` then gives the places back.

    It stays paused, so that what a worker has in its hands at this moment is not tried again meanwhile.
    """
    pause(reason, at=at, by_id=by_id, wave_id=wave.pk)
    wave.cancel_reason, wave.cancelled_at = reason, None
    wave.save(update_fields=["cancel_reason", "cancelled_at"])
    audit(wave, CHANGE, f"Cancelled what is not sent yet: {reason}", by_id=by_id, at=at)


def being_cancelled() -> QuerySet[Wave]:
    """Waves that somebody cancelled and of which something is still to be given back."""
    return Wave.objects.filter(BEING_CANCELLED).order_by("pk")


def give_back(wave: Wave, *, at: datetime, most: int) -> int:
    """Give back up to so many places of a wave that is being cancelled; return how many.

    Notes when the last one is. Any number of processes may do so at once, and again.
    """
    cancelled = cancel(wave.invitations.all(), f"wave cancelled: {wave.cancel_reason}", at=at, most=most)
    left = wave.invitations.filter(state__in=[State.PLANNED, State.CLAIMED])
    if cancelled < most and not left.exists():
        being_cancelled().filter(pk=wave.pk).update(cancelled_at=at)
    return cancelled


def cancel(invitations: QuerySet[Invitation], reason: str, *, at: datetime, most: int) -> int:
    """Never send up to so many of the invitations that are planned, and give their places back; return how many."""
    planned = invitations.filter(state=State.PLANNED).order_by("due_at", "pk")
    ids = list(planned.values_list("pk", flat=True)[:most])
    return sum(_cancel_some(ids[first : first + LOT], reason, at) for first in range(0, len(ids), LOT))


@transaction.atomic
def _cancel_some(ids: Sequence[int], reason: str, at: datetime) -> int:
    planned = Invitation.objects.filter(pk__in=ids, state=State.PLANNED)
    contacts = dict(planned.select_for_update(of=("self",)).order_by("pk").values_list("pk", "contact"))
    Invitation.objects.filter(pk__in=contacts).update(state=State.CANCELLED, state_reason=reason[:200])
    gate.settle_all(contacts.values(), Outcome.CANCELLED, at=at)
    return len(contacts)
