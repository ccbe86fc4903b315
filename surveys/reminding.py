"""Who has not answered is reminded: as often, after as long and by the channel that the program says.

A message of a program has its turn once: when it is `reminder_after` old. If it is then the newest of its thread (an
invitation and its reminders), and nothing stands against it (`surveys.reminder_threads`), the gate is asked for a place
for the next reminder. What the gate refuses is kept as a decision and not asked for again, because a refusal says that
the first allowed instant comes when the reminder is no longer worth sending.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from contacts.gate import Ask, Grant, reserve
from contacts.models import Decision
from contacts.models.words import Purpose
from surveys.asking import give_way, granted, main_reason
from surveys.channels.gateways import served
from surveys.models import Invitation, Program
from surveys.reminder_threads import to_remind

LOT = 500
"""Messages looked at in one transaction, while which their persons stay locked."""
TIME_TO_ANSWER = timedelta(days=1)
"""A reminder goes out no later than so long before its link closes."""

Progress = tuple[datetime, int]
"""When the last message was sent that has had its turn, and its id."""


@dataclass
class ProgramReminders:
    """What a pass did for one program; `delayed` is the part of `reminded` that must wait, `skipped` counts by rule.

    `due`: messages that had their turn, answered or not. `problem`: why nobody can be reminded, and what to do.
    """

    program: str
    due: int = 0
    reminded: int = 0
    delayed: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    problem: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as JSON can hold them."""
        return vars(self) | {"skipped": dict(self.skipped)}


@dataclass(frozen=True)
class RemindReport:
    """What a pass did, by program."""

    at: datetime
    programs: tuple[ProgramReminders, ...]

    def as_dict(self) -> dict[str, object]:
        """Return totals and programs as JSON can hold them."""
        return {
            "at": self.at.isoformat(),
            "due": sum(program.due for program in self.programs),
            "reminded": sum(program.reminded for program in self.programs),
            "delayed": sum(program.delayed for program in self.programs),
            "skipped": dict(sum((program.skipped for program in self.programs), Counter())),
            "programs": [program.as_dict() for program in self.programs],
        }


def remind(at: datetime, *, most: int | None = None) -> RemindReport:
    """Plan a reminder for everybody whose turn it is at `at` and whom the gate lets through.

    `most`: so many messages have their turn in this pass (to a full lot), or all; what is left is for the next.

    Any number of passes may run at once: each message has its turn in one of them. A pass that dies has done its lots,
    and the next goes on behind them. One statement where no program reminds, else three for each that does.
    """
    programs = Program.objects.filter(active=True, reminders__gt=0).order_by("-priority", "slug")
    reports = [ProgramReminders(program.slug, problem=problem(program)) for program in programs]
    for program, report in zip(programs, reports, strict=True):
        more = not report.problem
        while more and (most is None or sum(one.due for one in reports) < most):
            more = _next_lot(program.pk, at, report)
    return RemindReport(at, tuple(reports))


def problem(program: Program) -> str:
    """Return why nobody can be reminded by this program, and what to do about it; empty where nothing is wrong."""
    if program.reminder_channel and not served([program.reminder_channel]):
        return f"This installation has no gateway for {program.reminder_channel}. Remind by another channel."
    return ""


@transaction.atomic
def _next_lot(program_id: int, at: datetime, report: ProgramReminders) -> bool:
    """Give the next messages their turn; return whether there may be more. None where another pass has the program."""
    found = Program.objects.select_for_update(no_key=True, skip_locked=True)
    program = found.filter(pk=program_id, active=True, reminders__gt=0).first()
    if program is None:
        return False
    messages = _ripe(program, at)
    report.due += len(messages)
    if messages:
        _remind_of(program, [pk for _, pk in messages], at, report)
    _note_progress(program, messages, at)
    return len(messages) == LOT


def _ripe(program: Program, at: datetime) -> list[Progress]:
    """The next messages whose turn has come: when each was sent, and its id."""
    messages = Invitation.objects.filter(program=program, purpose__in=[Purpose.INVITATION, Purpose.REMINDER])
    # What was sent longer ago than it is worth asking has expired.
    since = at - program.worth
    if program.reminded_until:
        since = max(since, program.reminded_until)
        later = Q(sent_at__gt=program.reminded_until)
        messages = messages.filter(later | Q(sent_at=program.reminded_until, pk__gt=program.reminded_message))
    ripe = messages.filter(state=Invitation.State.SENT, sent_at__gte=since, sent_at__lte=at - program.reminder_after)
    return list(ripe.order_by("sent_at", "pk").values_list("sent_at", "pk")[:LOT])  # type: ignore[arg-type]


def _note_progress(program: Program, messages: Sequence[Progress], at: datetime) -> None:
    """Note how far the turns have come: behind the lot or, if that was the last one, at the newest ripe instant."""
    before = [(program.reminded_until, program.reminded_message)] if program.reminded_until else []
    reached = [*before, *messages[-1:]]
    if len(messages) < LOT:
        reached.append((at - program.reminder_after, 0))
    program.reminded_until, program.reminded_message = max(reached)
    program.save(update_fields=["reminded_until", "reminded_message"])


def _remind_of(program: Program, messages: Sequence[int], at: datetime, report: ProgramReminders) -> None:
    """Ask the gate for all of them at once and write what it grants."""
    firsts = to_remind(messages, program.reminders, at)
    asks = [_ask(program, first, at) for first in firsts]
    if not asks:
        return
    grants = reserve(asks, at=at, stage=Decision.Stage.REMIND)
    give_way(decision for grant in grants for decision in grant.gave_way)
    reminders = [
        _reminder(program, first, grant, at)
        for first, grant in zip(firsts, grants, strict=True)
        if grant.contact is not None
    ]
    Invitation.objects.bulk_create(reminders)
    report.reminded += len(reminders)
    for decision in (grant.decision for grant in grants):
        report.delayed += decision.result == Decision.Result.DELAY
        if decision.result == Decision.Result.SKIP:
            report.skipped[main_reason(decision.reasons)["rule"]] += 1


def _ask(program: Program, first: Invitation, at: datetime) -> Ask:
    return Ask(
        customer_id=first.customer_id,
        at=at,
        channels=(program.reminder_channel or first.channel,),
        purpose=Purpose.REMINDER,
        survey=first.version.survey.slug,
        program=program.slug,
        touchpoint_id=first.touchpoint_id,
        expires=min(first.expires_at, first.closes_at - TIME_TO_ANSWER),
        priority=program.priority,
        seconds=first.version.seconds,
        simulated=first.simulated,
    )


def _reminder(program: Program, first: Invitation, grant: Grant, at: datetime) -> Invitation:
    ask, contact = grant.ask, grant.contact
    if contact is None or ask.expires is None:
        raise ValueError("Only what got a place, and expires, becomes a reminder.")
    reminder = granted(
        ask, contact, first.version, language=first.language, expires=ask.expires, closes=first.closes_at, at=at
    )
    reminder.first, reminder.program = first, program
    return reminder
