"""What would be asked where a policy is tried on the past: as a program asks, or one kind by one channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import BigIntegerField, QuerySet
from django.db.models.expressions import RawSQL

from contacts.copying import micros_of
from contacts.frequency import Request
from contacts.frequency.plans import Plan
from contacts.ledger import BEGINNING
from contacts.models import Touchpoint
from contacts.models.words import OURS, Channel, Purpose
from surveys.candidates import draw, matching
from surveys.channels.gateways import served
from surveys.models import Program, SurveyVersion

MICROS = RawSQL(micros_of("contacts_touchpoint.occurred_at"), (), BigIntegerField())  # noqa: S611 (no value in it)


class CannotReplayError(ValueError):
    """What cannot be replayed, and what to do about it."""


class Lived(NamedTuple):
    """Touchpoints of the past as columns: customer ids, instants in microseconds since the epoch, kinds, draws.

    A draw is from 0 to below 1, and always the same for a program and a touchpoint.
    """

    customers: Sequence[int]
    instants: Sequence[int]
    kinds: Sequence[str]
    draws: Sequence[float]


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Which touchpoints are asked about and how; `share` of them is drawn, in the name of `program`."""

    plan: Plan
    touchpoints: QuerySet[Touchpoint]
    program: str = ""
    share: float = 1.0

    def count(self, since: datetime, until: datetime) -> int:
        """How many touchpoints there are from `since` on and before `until`."""
        return self._inside(since, until).count()

    def lived(self, since: datetime, until: datetime) -> Lived:
        """The touchpoints from `since` on and before `until`."""
        inside = self._inside(since, until).annotate(micros=MICROS)
        key = ("source", "external_id") if self.program else ()
        rows = list(inside.values_list("customer_id", "micros", "kind", *key).iterator(chunk_size=5000))
        if not rows:
            return Lived((), (), (), ())
        customers, instants, kinds, *names = zip(*rows, strict=True)
        draws = [draw(self.program, *name) for name in zip(*names, strict=True)] if names else [0.0] * len(rows)
        return Lived(customers, instants, kinds, draws)

    def _inside(self, since: datetime, until: datetime) -> QuerySet[Touchpoint]:
        return self.touchpoints.filter(occurred_at__gte=since, occurred_at__lt=until)


def of_program(program: Program) -> Inquiry:
    """As the program asks now, whenever it began and whether or not it is active. Raises CannotReplayError."""
    channels = served(program.contact_channels)
    if not channels:
        raise CannotReplayError(
            f"“{program}” asks by no channel that this installation has a gateway for. Add one to it."
        )
    published = SurveyVersion.objects.filter(survey=program.survey_id, state=SurveyVersion.State.PUBLISHED)
    seconds = published.values_list("seconds", flat=True).first() or 0
    requests = tuple(
        _request(channel, survey=program.survey.slug, program=program.slug, seconds=seconds) for channel in channels
    )
    plan = Plan(requests, program.delay, program.worth, program.priority, addressed=True)
    return Inquiry(
        plan, matching(program, Touchpoint.objects.filter(kind__in=program.kinds)), program.slug, program.share
    )


def of_kind(kind: str, channel: str, delay: timedelta, worth: timedelta) -> Inquiry:
    """Every touchpoint of a kind by one channel, as if every customer had an address for it."""
    return Inquiry(Plan((_request(channel),), delay, worth), Touchpoint.objects.filter(kind=kind))


def _request(channel: str, survey: str = "", program: str = "", seconds: int = 0) -> Request:
    """What the gate would be asked; the instants are those of each experience."""
    purpose = Purpose.CALL if channel == Channel.PHONE else Purpose.INVITATION
    return Request(
        id="",
        customer="",
        at=BEGINNING,
        channel=channel,
        purpose=purpose.value,
        survey=survey,
        program=program,
        source=OURS,
        seconds=seconds,
    )
