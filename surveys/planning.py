"""Touchpoint -> decision -> invitation: one pass over what every active program has not yet decided about."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np

from contacts.gate.rounds import Told
from contacts.gate.wave import Served
from surveys import waves
from surveys.asking import main_reason
from surveys.calls.opening import open_cases
from surveys.channels.gateways import served
from surveys.following import Following
from surveys.inviting import Inviting, invite
from surveys.models import Program, SurveyVersion

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

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as JSON can hold them."""
        return vars(self) | {"skipped": dict(self.skipped)}

    def add(self, figures: Mapping[str, Any]) -> None:
        """Add what a range of a wave reports."""
        self.touchpoints += figures["touchpoints"]
        self.asked += figures["asked"]
        self.delayed += figures["delayed"]
        self.skipped.update(figures["skipped"])


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
            "programs": [program.as_dict() for program in self.programs],
        }


def plan(at: datetime) -> PlanReport:
    """Decide about every touchpoint that is ripe at `at` and invite, or have called, those whom the gate lets through.

    Any number of passes may run at once: they share the work of one wave. What a pass that died has left is done first.
    The report is about what this one did.
    """
    published = _published_versions()
    programs = list(Program.objects.filter(active=True).select_related("survey").order_by("-priority", "slug"))
    reports = {
        program.slug: ProgramReport(program.slug, problem=_problem(program, published.get(program.survey_id)))
        for program in programs
    }
    able = [program for program in programs if not reports[program.slug].problem]
    inviting = {str(program.pk): Inviting(program, published[program.survey_id]) for program in able}
    planned = [program for program in able if not program.by_phone]
    following = Following.read(planned, at)

    def decide(touchpoints: waves.Touchpoints, wave_id: int) -> waves.Report:
        return _counted(invite(touchpoints, inviting, at, wave_id, following))

    for start in (None, partial(waves.start, planned)):
        if start:
            start(at)
        for report in waves.work(decide, at):
            for slug, figures in report.items():
                reports[slug].add(figures)
    for program in able:
        for figures in open_cases(inviting[str(program.pk)], at) if program.by_phone else ():
            reports[program.slug].add(figures)
    return PlanReport(at, tuple(reports.values()))


def _published_versions() -> dict[int, SurveyVersion]:
    versions = SurveyVersion.objects.filter(state=SurveyVersion.State.PUBLISHED).select_related("survey__brand")
    return {version.survey_id: version for version in versions}


def _problem(program: Program, version: SurveyVersion | None) -> str:
    if version is None:
        return f"The survey “{program.survey}” has no published version. Publish one, and the next pass plans again."
    if program.by_phone:
        return ""
    if not program.contact_channels or set(program.contact_channels) - MESSAGE_CHANNELS:
        return "Name one or both of email and sms as the channels to ask by, or phone alone: interviewers call then."
    if not served(program.contact_channels):
        return f"This installation has no gateway for {program.contact_channels[0]}. Ask by another channel too."
    return ""


def _counted(served: Iterable[Served]) -> dict[str, dict[str, Any]]:
    """What a range reports, by program."""
    reports: dict[str, ProgramReport] = {}
    for answers, _ in served:
        slug = answers.terms.program
        report = reports.setdefault(slug, ProgramReport(slug))
        report.touchpoints += len(answers)
        report.asked += int(answers.asked.sum())
        report.delayed += int(answers.delayed.sum())
        skipped = np.bincount(answers.what[~answers.asked], minlength=len(answers.told)).tolist()
        for told, count in zip(answers.told, skipped, strict=True):
            if count:
                report.skipped[_main_kind(told)] += count
    return {slug: report.as_dict() for slug, report in reports.items()}


def _main_kind(told: Sequence[Told]) -> str:
    return main_reason([reason._asdict() for reason in told])["kind"]
