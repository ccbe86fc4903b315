"""`manage.py replay_policy`: a policy tried on the touchpoints of a period, beside the one in force; writes nothing."""

import json
import re
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone

from contacts import frequency
from contacts.came_in import came_in
from contacts.frequency.windows import start_of_day
from contacts.management.documents import read_document
from contacts.models.words import Channel
from contacts.policies import of_document, policy_in_force
from cxsurvey.comparing import as_table
from surveys.models import Program
from surveys.replaying import CannotReplayError, Inquiry, of_kind, of_program

MALFORMED = 2
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
HOW = ("kind", "channel", "delay", "expires")


class Command(BaseCommand):
    """Standard output holds the figures alone; what deserves a second look is on standard error."""

    help = (
        "Try a policy on the touchpoints of a period, and compare it with the one in force. "
        "Leaves a holdout out. Writes nothing."
    )
    # The others load every page of the web first, which takes longer than to decide a hundred thousand times.
    requires_system_checks = [Tags.security]

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which policy, which touchpoints, asked about how."""
        add = parser.add_argument
        add("--policy", required=True, metavar="FILE", help="a policy (docs/frequency.md), or - for standard input")
        add("--since", required=True, metavar="DATE", help="first day, in the organisation's time zone")
        add("--until", required=True, metavar="DATE", help="the day after the last one")
        add("--program", metavar="NAME", help="ask as this program does (its name or slug)")
        add("--kind", help="without a program: the kind of touchpoint to ask about")
        add("--channel", choices=Channel.values, help="without a program: by which channel")
        add("--delay", metavar="DURATION", help="without a program: from the touchpoint to the question, such as 12h")
        add("--expires", metavar="DURATION", help="without a program: how long after it one may still ask, such as 24h")
        add("--json", action="store_true", help="print JSON instead of a table")

    def handle(self, *_: Any, **options: Any) -> None:
        """Read everything first: where anything is wrong, standard output stays empty."""
        from cxsurvey.what_if import what_if

        since, until = _period(options)
        tried = _read_policy(options["policy"])
        inquiry = _inquiry(options)
        version, in_force = policy_in_force()
        for warning in [*tried.warnings, *_warnings(inquiry, since, until)]:
            self.stderr.write(f"Warning: {warning}")
        figures, today = what_if([tried, in_force], [inquiry], since, until, timezone.now())
        name = str(version) if version else "Default policy (none is in force)"
        if not options["json"]:
            self.stdout.write(as_table(today, figures))
            return
        period = {"since": options["since"], "until": options["until"]}
        zone = {"time_zone": timezone.get_default_timezone_name()}
        self.stdout.write(json.dumps(asdict(figures) | period | zone | {"in_force": {"policy": name} | asdict(today)}))


def _read_policy(file: str) -> frequency.Policy:
    try:
        return of_document(read_document(file))
    except (OSError, ValueError) as error:
        raise CommandError(f"--policy {file}: {error}", returncode=MALFORMED) from error


def _period(options: dict[str, Any]) -> tuple[datetime, datetime]:
    since, until = _day("--since", options["since"]), _day("--until", options["until"])
    if until <= since:
        raise CommandError(
            f"--until {until} is not after --since {since}: it names the day after the last one of the period",
            returncode=MALFORMED,
        )
    zone = timezone.get_default_timezone()
    return start_of_day(since, zone), start_of_day(until, zone)


def _inquiry(options: dict[str, Any]) -> Inquiry:
    """What is asked about, and how. Raises CommandError that names the option."""
    given = [f"--{name}" for name in HOW if options[name] is not None]
    missing = [f"--{name}" for name in HOW if options[name] is None]
    if options["program"] is not None:
        if given:
            raise CommandError(f"--program says how to ask: leave out {', '.join(given)}", returncode=MALFORMED)
        return _of_program(options["program"])
    if missing:
        hint = "name a --program" if not given else "without a --program all four are needed"
        raise CommandError(
            f"{', '.join(missing)} missing: {hint}, or give {', '.join(f'--{n}' for n in HOW)}", returncode=MALFORMED
        )
    delay, expires = _duration("--delay", options["delay"]), _duration("--expires", options["expires"])
    return of_kind(options["kind"], options["channel"], delay, expires)


def _of_program(name: str) -> Inquiry:
    found = list(Program.objects.filter(Q(slug=name) | Q(name=name)).select_related("survey"))
    if len(found) != 1:
        problem = f'{len(found)} programs are named "{name}"' if found else f'there is no program "{name}"'
        known = ", ".join(Program.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"--program: {problem}; give one of these: {known}", returncode=MALFORMED)
    try:
        return of_program(found[0])
    except CannotReplayError as error:
        raise CommandError(f"--program: {error}", returncode=MALFORMED) from error


def _warnings(inquiry: Inquiry, since: datetime, until: datetime) -> list[str]:
    if inquiry.touchpoints.filter(occurred_at__gte=since, occurred_at__lt=until).exists():
        return []
    kinds = ", ".join(came_in("kind"))
    return [f"no such touchpoint lies in the period; the kinds that have come in are: {kinds or 'none'}"]


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        problem = f'{option}: "{text}" is no date; write it as YYYY-MM-DD, for example 2026-03-31'
        raise CommandError(problem, returncode=MALFORMED) from None


def _duration(option: str, text: str) -> timedelta:
    match = re.fullmatch(r"([0-9]{1,6})([mhd])", text)
    if match is None:
        problem = f'{option}: "{text}" is no duration; write a whole number and m, h or d, for example 12h'
        raise CommandError(problem, returncode=MALFORMED)
    return timedelta(**{UNITS[match[2]]: int(match[1])})
