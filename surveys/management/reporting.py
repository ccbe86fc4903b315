"""What the commands of this room have in common: an instant to act at, and a report for people or for programs."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime


class PassCommand(BaseCommand):
    """One pass of a step, at the instant that the clock shows or that `--at` names."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at", metavar="ISO", help="act as if it were this instant, e.g. 2026-05-04T09:00+02:00")
        parser.add_argument("--json", action="store_true", help="print the report as JSON, and nothing else")

    def handle(self, *, at: str | None, **options: Any) -> None:
        report = self.act(instant(at) if at else None)
        self.stdout.write(json.dumps(report) if options["json"] else "\n".join(lines(report)))

    def act(self, at: datetime | None) -> Mapping[str, object]:
        """Do the pass and return its report; `at` is None for now."""
        raise NotImplementedError


def instant(text: str) -> datetime:
    """Return the instant that an ISO 8601 text with an offset names. Raises CommandError for anything else."""
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise CommandError(f"--at {text}: write an instant with its offset, such as 2026-05-04T09:00+02:00.")
    return at


def lines(report: Mapping[str, object]) -> list[str]:
    """Write a report for people: a line a figure, what is inside a figure indented."""
    written = []
    for name, value in report.items():
        if isinstance(value, dict):
            written += [f"{name}: {sum(value.values())}", *(f"  {line}" for line in lines(value))]
        elif isinstance(value, list):
            written += [f"  {line}" for inner in value for line in lines(inner)]
        else:
            written.append(f"{name}: {value}")
    return written
