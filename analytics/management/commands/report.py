"""`manage.py report`: write the report of a period into a directory."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analytics.churn_runs import learn_if_old
from analytics.period import Period
from analytics.reports import REPORTS, build, write
from analytics.scope import FILTERS, narrowed

FILTER_HELP = {
    "kind": "only this kind of touchpoint",
    "channel": "only touchpoints of this channel",
    "team": "only touchpoints of this team",
    "agent": "only touchpoints of this agent",
    "product": "only touchpoints about this product",
    "stage": "only kinds of this journey stage",
    "program": "only what this program (by its slug) asked",
}


class Command(BaseCommand):
    """Days are those of the organisation's time zone; both ends belong to the period."""

    help = "Write report.html, which opens offline, and report.json with the same numbers. Without dates: everything."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the directory and the period."""
        parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="made where it is missing")
        parser.add_argument("--since", type=_day, metavar="YYYY-MM-DD", help="first day of the period")
        parser.add_argument("--until", type=_day, metavar="YYYY-MM-DD", help="last day of the period")
        parser.add_argument("--only", nargs="+", choices=REPORTS, default=[*REPORTS], help="which reports; all")
        for name in FILTERS:
            parser.add_argument(f"--{name}", default="", help=FILTER_HELP[name])

    def handle(self, *_: Any, **options: Any) -> None:
        """Build the report as of now and write it."""
        try:
            period = Period.of_days(options["since"], options["until"], timezone.now())
        except ValueError as error:
            raise CommandError(f"--until: {error}") from error
        scope = narrowed(period, {name: options[name] for name in FILTERS})
        asked = [REPORTS[key] for key in REPORTS if key in options["only"]]
        if REPORTS["churn"] in asked:
            learn_if_old(period.at)
        try:
            write(build(scope, asked), options["out"], asked)
        except OSError as error:
            raise CommandError(
                f"--out: cannot write to {options['out']} ({error.strerror}); name a directory that you may write to"
            ) from error
        self.stdout.write(f"Report on {scope}: {options['out'] / 'report.html'} and report.json")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f'"{text}" is no date; write it as YYYY-MM-DD, for example 2026-03-31') from None
