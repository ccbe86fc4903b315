"""Sending stopped and let go on: everything, a channel, a program or a wave; by a person, or by itself."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.admin.models import ADDITION, CHANGE
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable

from contacts.gate.audit import audit
from contacts.models.words import Outcome
from surveys.channels.events import Status
from surveys.models import Attempt, Invitation, Pause, Wave
from surveys.models.waves import BEING_CANCELLED

BOUNCES = 0.05
"""Share of the messages of a program and channel that bounce, from which on sending them pauses itself (Amazon SES
reviews senders from 5 %)."""
COMPLAINTS = 0.001
"""The same of complaints (Amazon SES, Gmail and Yahoo: 0.1 %)."""
LEAST_BOUNCES, LEAST_COMPLAINTS = 5, 2
"""Fewer than these are no rate: a single typing error among ten addresses, a single annoyed customer among hundreds."""
PERIOD = timedelta(days=7)
"""Rates are about what was sent in it, but not before the last pause of the same was ended."""


class Stream(NamedTuple):
    """What pauses itself: the messages of a program by a channel."""

    program_id: int
    channel: str


@dataclass(frozen=True, slots=True)
class Rates:
    """What became of the messages of a stream."""

    sent: int
    bounced: int
    complained: int

    @property
    def too_high(self) -> str:
        """Why sending should pause, in words; empty where it may go on."""
        if self.bounced >= max(LEAST_BOUNCES, BOUNCES * self.sent):
            return f"{self.bounced} of {self.sent} messages bounced. Look at where these addresses come from."
        if self.complained >= max(LEAST_COMPLAINTS, COMPLAINTS * self.sent):
            return f"{self.complained} of {self.sent} customers complained. Look at whom this program asks, and what."
        return ""


def paused(channel: Combinable | None = None) -> Exists:
    """Whether an open pause holds an invitation, as a condition for it; with `channel` anything else of a program."""
    fits = Q(program=None) | Q(program=OuterRef("program"))
    fits &= Q(wave=None) if channel else Q(wave=None) | Q(wave=OuterRef("wave"))
    return Exists(Pause.objects.filter(fits, channel__in=[Value(""), channel or OuterRef("channel")], ended_at=None))


@transaction.atomic
def pause(
    reason: str,
    *,
    at: datetime,
    by_id: int | None = None,
    channel: str = "",
    program_id: int | None = None,
    wave_id: int | None = None,
) -> Pause:
    """Hold what fits all that is named, everything if nothing is; an open pause of the same is returned as it is.

    What a worker has in its hands at this moment goes out, nothing after it.
    """
    about = {"channel": channel, "program_id": program_id, "wave_id": wave_id, "ended_at": None}
    made, new = Pause.objects.get_or_create(**about, defaults={"reason": reason[:300], "at": at, "by_id": by_id})
    if new and by_id:
        audit(made, ADDITION, f"Paused: {reason}", by_id=by_id, at=at)
    return made


@transaction.atomic
def resume(pause_id: int, *, at: datetime, by_id: int | None) -> bool:
    """Let go on what a pause holds; False where somebody did already, or where its wave is being cancelled."""
    held = Pause.objects.filter(pk=pause_id, ended_at=None).exclude(wave__in=Wave.objects.filter(BEING_CANCELLED))
    ended = held.update(ended_at=at, ended_by_id=by_id)
    if ended and by_id:
        audit(Pause.objects.get(pk=pause_id), CHANGE, "Resumed", by_id=by_id, at=at)
    return bool(ended)


def pause_of_everything() -> Pause | None:
    """The kill switch, while it is on."""
    return Pause.objects.filter(channel="", program=None, wave=None, ended_at=None).first()


def open_pauses() -> QuerySet[Pause]:
    """Pauses that hold something back, or may yet; of one wave only while anything of it is still to be sent."""
    waiting = Invitation.objects.filter(wave=OuterRef("wave"), state=Invitation.State.PLANNED)
    still = Q(wave=None) | Q(wave__open=True) | Exists(waiting)
    return Pause.objects.filter(still, ended_at=None).order_by("at", "pk")


def watch(streams: Collection[Stream], at: datetime) -> list[Pause]:
    """Pause those of the streams of which too many bounced or complained."""
    rates = {stream: rates_of(stream, at) for stream in streams}
    return [
        pause(rate.too_high, at=at, channel=stream.channel, program_id=stream.program_id)
        for stream, rate in rates.items()
        if rate.too_high
    ]


def rates_of(stream: Stream, at: datetime) -> Rates:
    """What became of what was sent lately; an address that was refused at hand-over counts as bounced."""
    ended = Pause.objects.filter(program=stream.program_id, channel=stream.channel, ended_at__isnull=False)
    last = ended.order_by("-ended_at").values_list("ended_at", flat=True).first()
    since = max(at - PERIOD, last) if last else at - PERIOD
    made = Attempt.objects.filter(
        started_at__gt=since, invitation__program=stream.program_id, channel=stream.channel
    ).exclude(outcome__in=[Attempt.Outcome.STARTED, Attempt.Outcome.PASSING])
    refused = Q(outcome=Attempt.Outcome.PERMANENT, invitation__contact__outcome=Outcome.REJECTED)
    counted = made.aggregate(
        sent=Count("pk"),
        bounced=Count("pk", filter=refused | Q(delivery=Status.BOUNCED)),
        complained=Count("pk", filter=Q(delivery=Status.COMPLAINED)),
    )
    return Rates(**counted)
