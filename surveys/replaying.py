"""What would be asked where a policy is tried on the past: as a program asks, or one kind by one channel."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from contacts.frequency import Request
from contacts.frequency.plans import Plan
from contacts.ledger import BEGINNING
from contacts.models import Touchpoint
from contacts.models.words import OURS, Channel, Purpose
from surveys.candidates import matching
from surveys.channels.gateways import served
from surveys.models import Program, SurveyVersion


class CannotReplayError(ValueError):
    """What cannot be replayed, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Which touchpoints are asked about and how; `share` of them is drawn, in the name of `program`."""

    plan: Plan
    touchpoints: QuerySet[Touchpoint]
    program: str = ""
    share: float = 1.0

    def count(self, since: datetime, until: datetime) -> int:
        """How many touchpoints there are from `since` on and before `until`."""
        return self.inside(since, until).count()

    def inside(self, since: datetime, until: datetime) -> QuerySet[Touchpoint]:
        """The touchpoints from `since` on and before `until`."""
        return self.touchpoints.filter(occurred_at__gte=since, occurred_at__lt=until)


def of_program(program: Program) -> Inquiry:
    """As the program asks now, whenever it began and whether or not it is active. Raises CannotReplayError."""
    channels = (Channel.PHONE.value,) if program.by_phone else served(program.contact_channels)
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
