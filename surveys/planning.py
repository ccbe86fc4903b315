"""Touchpoint -> decision -> invitation: one pass over what every active program has not yet decided about."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q

from contacts.frequency import Reason
from contacts.gate import Ask, Grant, reserve
from contacts.models import Contact, Decision, Touchpoint
from contacts.models.words import Purpose
from surveys.asking import granted, main_reason
from surveys.candidates import undecided
from surveys.channels.gateways import served
from surveys.models import Invitation, Program, SurveyVersion

BATCH = 500
"""Asks in one transaction: their persons stay locked until it ends."""
SAMPLING = Reason("sampling", "sampling")
MESSAGE_CHANNELS = {"email", "sms"}


@dataclass
class ProgramReport:
    """What a pass did for one program; `delayed` is the part of `asked` that must wait, `skipped` counts by kind.

    `problem`: why the program could not be planned at all, and what to do about it.
    """

    program: str
    touchpoints: int = 0
    asked: int = 0
    delayed: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    problem: str = ""


@dataclass(frozen=True)
class PlanReport:
    """What a pass did, by program."""

    at: datetime
    programs: tuple[ProgramReport, ...]

    def as_dict(self) -> dict[str, object]:
        """Return totals and programs as JSON can hold them."""
        return {
            "at": self.at.isoformat(),
            "touchpoints": sum(program.touchpoints for program in self.programs),
            "asked": sum(program.asked for program in self.programs),
            "delayed": sum(program.delayed for program in self.programs),
            "skipped": dict(sum((program.skipped for program in self.programs), Counter())),
            "programs": [vars(program) | {"skipped": dict(program.skipped)} for program in self.programs],
        }


@dataclass(frozen=True, slots=True)
class Candidate:
    """A touchpoint that a program has to decide about; `draw` is its stable hash, from 0 to below 1."""

    program: Program
    version: SurveyVersion
    touchpoint_id: int
    customer_id: int
    occurred_at: datetime
    simulated: bool
    language: str
    draw: float

    @property
    def rank(self) -> tuple[int, datetime, float]:
        """Who is served first when two compete (docs/frequency.md, section 6); all ask for the same instant."""
        return (-self.program.priority, self.occurred_at, self.draw)

    def ask(self, at: datetime) -> Ask:
        """Return the question to the gate; a touchpoint outside the sample carries its refusal."""
        program = self.program
        return Ask(
            customer_id=self.customer_id,
            at=at,
            channels=served(program.contact_channels),
            purpose=Purpose.INVITATION,
            survey=program.survey.slug,
            program=program.slug,
            touchpoint_id=self.touchpoint_id,
            expires=self.occurred_at + program.worth,
            priority=program.priority,
            seconds=self.version.seconds,
            probability=program.share,
            refusal=None if self.draw < program.share else SAMPLING,
            simulated=self.simulated,
        )


def plan(at: datetime) -> PlanReport:
    """Decide about every touchpoint that is ripe at `at` and invite those whom the gate lets through.

    All programs compete in one order. Any number of passes may run at once: each touchpoint is decided about once.
    """
    newest = Touchpoint.objects.aggregate(newest=Max("pk"))["newest"] or 0
    published = _published_versions()
    reports: dict[str, ProgramReport] = {}
    candidates: list[Candidate] = []
    planned: list[int] = []
    for program in Program.objects.filter(active=True).select_related("survey").order_by("-priority", "slug"):
        version = published.get(program.survey_id)
        reports[program.slug] = ProgramReport(program.slug, problem=_problem(program, version))
        if version and not reports[program.slug].problem:
            planned.append(program.pk)
            candidates += _candidates(program, version, at)
    candidates.sort(key=lambda candidate: candidate.rank)
    for start in range(0, len(candidates), BATCH):
        for grant in _decide(candidates[start : start + BATCH], at):
            _count(reports[grant.ask.program], grant)
    # A pass at an instant before the newest one leaves the marks where they are.
    behind = Program.objects.filter(Q(planned_at__isnull=True) | Q(planned_at__lt=at), pk__in=planned)
    behind.update(planned_at=at, seen_touchpoint=newest)
    return PlanReport(at, tuple(reports.values()))


def draw(program: str, source: str, external_id: str) -> float:
    """Return a number from 0 to below 1 that is always the same for a program and a touchpoint."""
    digest = hashlib.sha256(f"{program}\n{source}\n{external_id}".encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48  # 48 bits: exact in a float, and never rounded up to 1


def _published_versions() -> dict[int, SurveyVersion]:
    versions = SurveyVersion.objects.filter(state=SurveyVersion.State.PUBLISHED).select_related("survey__brand")
    return {version.survey_id: version for version in versions}


def _problem(program: Program, version: SurveyVersion | None) -> str:
    if version is None:
        return f"The survey “{program.survey}” has no published version. Publish one, and the next pass plans again."
    if not program.contact_channels or set(program.contact_channels) - MESSAGE_CHANNELS:
        return "Name one or both of email and sms as the channels to ask by."
    if not served(program.contact_channels):
        return f"This installation has no gateway for {program.contact_channels[0]}. Ask by another channel too."
    return ""


def _candidates(program: Program, version: SurveyVersion, at: datetime) -> Iterator[Candidate]:
    columns = ("pk", "customer", "occurred_at", "customer__language", "simulated", "customer__simulated")
    for touchpoints in undecided(program, at):
        rows = touchpoints.values_list(*columns, "source", "external_id").iterator()
        for pk, customer, occurred_at, language, made_up, by_made_up, *key in rows:
            # What a made-up customer answers is made up, also about a real touchpoint.
            simulated = made_up or by_made_up
            yield Candidate(program, version, pk, customer, occurred_at, simulated, language, draw(program.slug, *key))


@transaction.atomic
def _decide(batch: Sequence[Candidate], at: datetime) -> list[Grant]:
    by_ask = {candidate.ask(at): candidate for candidate in batch}
    grants = reserve(list(by_ask), at=at, stage=Decision.Stage.PLAN)
    Invitation.objects.bulk_create(
        _invitation(by_ask[grant.ask], grant.ask, grant.contact, at) for grant in grants if grant.contact
    )
    return grants


def _invitation(candidate: Candidate, ask: Ask, contact: Contact, at: datetime) -> Invitation:
    program = candidate.program
    invitation = granted(
        ask,
        contact,
        candidate.version,
        language=candidate.language,
        expires=candidate.occurred_at + program.worth,
        closes=contact.at + timedelta(days=program.link_days),
        at=at,
    )
    invitation.program = program
    return invitation


def _count(report: ProgramReport, grant: Grant) -> None:
    report.touchpoints += 1
    if grant.contact:
        report.asked += 1
        report.delayed += grant.decision.result == Decision.Result.DELAY
    else:
        report.skipped[main_reason(grant.decision)["kind"]] += 1
