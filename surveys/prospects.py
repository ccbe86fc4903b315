"""What becomes of a program's reminders under a policy: in words, and whether they can ever be sent. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from contacts.frequency import Customer, Policy, Request, Row, Verdict, evaluate
from contacts.models.words import OURS, Channel, Purpose
from surveys.models import Program
from surveys.reminding import TIME_TO_ANSWER

TRIED = [datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=days) for days in range(0, 365, 5)]
"""Instants of an invitation over a year, so that a calendar cap is met at every stage of its month or quarter."""
SOMEBODY = Customer("somebody", timezone="UTC")
TIMES = {1: "once", 2: "up to twice", 3: "up to 3 times"}


@dataclass(frozen=True, slots=True)
class Hopeless:
    """A reminder that is never sent: the how-manieth it is, and the rules that hold it back."""

    number: int
    rules: tuple[str, ...]

    def __str__(self) -> str:
        which = {1: "The reminder", 2: "The second reminder", 3: "The third reminder"}[self.number]
        rules = " and ".join(f"“{rule}”" for rule in self.rules)
        if not rules:
            return f"{which} is never sent: it would come when it is no longer worth asking, or the link is closed."
        held = f"the policy in force ({rules}) holds it back until it is no longer worth asking"
        return f"{which} is never sent: {held}. Remind less often, or change the policy."


def say_reminders(program: Program) -> str:
    """Return how a program reminds, for a list: `after 5 days, once, by email`."""
    if not program.reminders:
        return "none"
    by = f"by {say_channel(program.reminder_channel)}" if program.reminder_channel else "the way the customer was asked"
    return f"after {say_days(program.reminder_after)}, {TIMES[program.reminders]}, {by}"


def say_channel(channel: str) -> str:
    """Return a channel as it stands in a sentence: `email`, `SMS`, `phone`."""
    label = Channel(channel).label
    return label if label.isupper() else label.lower()


def say_days(span: timedelta) -> str:
    """Return a span of time in days, hours and minutes: `1 day`, `2 days 12 hours`, `30 minutes`."""
    parts = ((span.days, "day"), (span.seconds // 3600, "hour"), (span.seconds % 3600 // 60, "minute"))
    return " ".join(f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in parts if number) or "0 hours"


def hopeless(program: Program, policy: Policy, survey: str) -> Hopeless | None:
    """Return the first of the program's reminders that is never sent, or None where each may be.

    Somebody of whom the ledger holds nothing else is invited on many days of a year, by each of the channels.
    """
    farthest: list[Verdict] = []
    for channel in program.contact_channels:
        for at in TRIED:
            verdicts = list(_verdicts(program, policy, survey, channel, at))
            if all(verdict.decision != "skip" for verdict in verdicts):
                return None
            farthest = max(farthest, verdicts, key=len)
    if not farthest:
        return None
    rules = [reason.rule for reason in farthest[-1].reasons if reason.kind != "expiry"]
    return Hopeless(len(farthest), tuple(dict.fromkeys(rules)))


def _verdicts(program: Program, policy: Policy, survey: str, channel: str, at: datetime) -> Iterator[Verdict]:
    """The rules' answers to one reminder after the other, if those before were sent; the last may be a skip."""
    row = partial(Row, survey=survey, program=program.slug, source=OURS)
    ledger = [row(at, channel, Purpose.INVITATION)]
    expires = min(at - program.delay + program.worth, at + timedelta(days=program.link_days) - TIME_TO_ANSWER)
    by = program.reminder_channel or channel
    request = partial(Request, "", SOMEBODY.id, survey=survey, program=program.slug, source=OURS, expires=expires)
    for _ in range(program.reminders):
        turn = ledger[-1].at + program.reminder_after
        verdict = evaluate(policy, SOMEBODY, ledger, request(turn, by, Purpose.REMINDER))
        yield verdict
        if verdict.at is None:
            return
        ledger.append(row(verdict.at, by, Purpose.REMINDER))
