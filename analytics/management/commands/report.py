"""`manage.py report`: write the report of a period into a directory."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analytics.period import Period


class Command(BaseCommand):
    """Days are those of the organisation's time zone; both ends belong to the period."""

    help = "Write report.html, which opens offline, and report.json with the same numbers. Without dates: everything."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the directory and the period."""
        parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="made where it is missing")
        parser.add_argument("--since", type=_day, metavar="YYYY-MM-DD", help="first day of the period")
        parser.add_argument("--until", type=_day, metavar="YYYY-MM-DD", help="last day of the period")

    def handle(self, *_: Any, **options: Any) -> None:
        """Build the report as of now and write it."""
        from analytics import reports

        try:
            period = Period.of_days(options["since"], options["until"], timezone.now())
        except ValueError as error:
            raise CommandError(f"--until: {error}") from error
        report = reports.build(period.since, period.until, period.at)
        try:
            reports.write(report, options["out"])
        except OSError as error:
            raise CommandError(
                f"--out: cannot write to {options['out']} ({error.strerror}); name a directory that you may write to"
            ) from error
        self.stdout.write(f"Report on {period}: {options['out'] / 'report.html'} and report.json")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f'"{text}" is no date; write it as YYYY-MM-DD, for example 2026-03-31') from None
