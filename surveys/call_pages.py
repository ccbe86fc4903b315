"""What the interviewers' pages show: every fact and sentence, so that the templates only place them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, QuerySet

from contacts.brands import visible_to
from contacts.explaining import named, say_when
from contacts.models import Appointment, Decision
from contacts.persons import read_persons, read_records
from contacts.readers import EVERYTHING, Reader
from contacts.refusing import refusal_of
from surveys.call_forms import ResultForm, offer
from surveys.calls.cases import appointments_about, open_cases
from surveys.calls.closing import assess
from surveys.calls.dispositions import Disposition
from surveys.fields import Showing, filled
from surveys.models import CallAttempt, CallCase, CallOutcome
from surveys.questionnaires import sheet_for, today
from surveys.questions.conditions import Operator, Test
from surveys.questions.reading import Given, Problem, names
from surveys.texts import QuestionWords, fill, zone
from surveys.voices import Voice, voice_of_call

SHOWN = 50
OPERATORS = {
    Operator.ANSWERED: "is answered",
    Operator.NOT_ANSWERED: "is not answered",
    Operator.IS: "is",
    Operator.IS_NOT: "is not",
    Operator.AT_LEAST: "is at least",
    Operator.AT_MOST: "is at most",
}
NO_PROBLEMS: Mapping[str, Problem] = {}
VOICEMAIL_ONCE = "A message was left already: hang up without another one."
VOICEMAIL = "On an answering machine leave one short message: who calls, for whom, and that nobody has to call back."


@dataclass(frozen=True, slots=True)
class Key:
    """An outcome with the key that logs it."""

    outcome: CallOutcome
    key: str
    hint: str


KEYS = (
    Key(CallOutcome.COMPLETED, "c", "All questions are asked"),
    Key(CallOutcome.NO_ANSWER, "n", "Tried again in 3 hours"),
    Key(CallOutcome.BUSY, "b", "Tried again in 15 minutes"),
    Key(CallOutcome.VOICEMAIL, "v", "Tried again tomorrow"),
    Key(CallOutcome.NOT_NOW, "m", "A week of rest, or the time that was named; after the second no more calls"),
    Key(CallOutcome.SOFT_REFUSAL, "r", "A week of rest, then somebody else"),
    Key(CallOutcome.REFUSED, "x", "Closes the phone for good"),
    Key(CallOutcome.WRONG_NUMBER, "w", "Closes this number"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the script; `before`: answered in an earlier call; `only_where`: its condition in words."""

    html: str
    text: str
    before: bool
    only_where: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier call, in words."""

    when: str
    outcome: str
    by: str
    note: str
    late: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many cases wait: `promised` at a time that a customer named and that has come, `ripe`, and for later."""

    promised: int
    ripe: int
    later: int


def waiting(at: datetime, reader: Reader = EVERYTHING) -> Waiting:
    """Return how much there is to do, as far as is known before the gate is asked."""
    cases = visible_to(reader, open_cases().select_related(None))
    due = Exists(appointments_about().filter(starts_at__lte=at, ends_at__gt=at))
    promised = cases.filter(due).count()
    ripe = cases.filter(~due, next_at__lte=at, expires_at__gte=at, program__active=True).count()
    return Waiting(promised, ripe, cases.count() - promised - ripe)


def appointments(at: datetime, reader: Reader = EVERYTHING) -> list[dict[str, object]]:
    """Return the next times that customers named, with the case of each, the earliest first."""
    coming = Appointment.objects.filter(state=Appointment.State.OPEN, ends_at__gt=at, touchpoint__isnull=False)
    found = list(visible_to(reader, coming).select_related("customer", "by").order_by("starts_at", "pk")[:SHOWN])
    cases = {case.touchpoint_id: case for case in visible_to(reader, _of_touchpoints(found))}
    return [
        {
            "when": say_when(one.starts_at, one.customer.time_zone),
            "until": one.ends_at.astimezone(zone(one.customer)),
            "now": one.starts_at <= at,
            "by": named(one.by),
            "case": cases[one.touchpoint_id],
        }
        for one in found
        if one.touchpoint_id in cases
    ]


def case_page(
    case: CallCase,
    user_id: int,
    at: datetime,
    reader: Reader,
    form: ResultForm | None = None,
    problems: Mapping[str, Problem] = NO_PROBLEMS,
) -> dict[str, object]:
    """Return what the page of a case shows to the interviewer: her call, or why there is none to make."""
    [answer] = assess([case], at)
    held = case.claimed_until is not None and case.claimed_until > at
    hers = held and case.claimed_by_id == user_id
    allowed = answer.result == Decision.Result.SEND
    voice = voice_of_call(case)
    given = form.given if form else case.answers
    return {
        "case": case,
        "title": str(case.customer),
        "local_time": at.astimezone(zone(case.customer)),
        "zone": zone(case.customer).key,
        "zone_known": bool(case.customer.time_zone),
        "held_by": named(case.claimed_by) if held and case.claimed_by and not hers else "",
        "mine": hers,
        "may_call": hers and allowed,
        "because": [reason["rule"] for reason in answer.reasons] if allowed else [],
        "may_take": allowed and not held and case.state == CallCase.State.OPEN,
        "refusal": None if allowed or case.response_id else refusal_of(answer, case.customer, at, reader),
        "number": _number(case),
        "opening": fill(voice.asked.words.message, voice.facts),
        "questions": _questions(voice, case, given, problems, at),
        "words": voice.words,
        "form": form or ResultForm(case, user_id, initial={"offer": offer(case, user_id), "talk": 0}),
        "keys": KEYS,
        "voicemail": VOICEMAIL_ONCE if _message_left(case) else VOICEMAIL,
        "earlier": _earlier(case, reader),
        "disposition": Disposition(case.disposition).label if case.disposition else "",
        "problems": problems,
    }


def _of_touchpoints(appointments: Sequence[Appointment]) -> QuerySet[CallCase]:
    return open_cases().filter(touchpoint__in=[one.touchpoint_id for one in appointments])


def _number(case: CallCase) -> str:
    person = read_persons(read_records([case.customer_id]))[case.customer_id]
    address = person.addresses.get("phone")
    return address.value if address else ""


def _questions(
    voice: Voice, case: CallCase, given: Given, problems: Mapping[str, Problem], at: datetime
) -> list[Asked]:
    """All pages at once, but what is known and what was not drawn; which ones apply, the conditions say."""
    sheet = sheet_for(voice.asked, case, at)
    shown = [question for question in sheet.questions if question.key not in sheet.left_out]
    showing = Showing(voice.language, voice.facts, sheet.seed, today(case.customer, at))
    before = {question.key for question in shown if any(case.answers.get(name) for name in names(question))}
    return [
        Asked(
            html,
            filled(question, voice.facts).text,
            question.key in before and question.key not in problems,
            _only_where(question, {other.key: filled(other, voice.facts) for other in shown}),
        )
        for question, html in zip(shown, showing.fields(shown, given, problems), strict=True)
    ]


def _only_where(question: QuestionWords, asked: Mapping[str, QuestionWords]) -> str:
    """When the question is asked, in words; empty where always."""
    condition = question.show_if
    return f"Ask only where {condition.said(lambda test: _say_test(test, asked))}." if condition else ""


def _say_test(test: Test, asked: Mapping[str, QuestionWords]) -> str:
    about = asked.get(test.question)
    row = about.rows.get(test.part) or about.options.get(test.part) if about else None
    name = f"“{about.text if about else test.question}”{f' ({row})' if row else ''}"
    value = about.options.get(test.value, test.value) if about else test.value
    return f"{name} {OPERATORS[test.operator]}{f' “{value}”' if test.operator.takes_value else ''}"


def _message_left(case: CallCase) -> bool:
    return case.attempts.filter(outcome=CallOutcome.VOICEMAIL).exists()


def _earlier(case: CallCase, reader: Reader) -> list[Earlier]:
    """The earlier calls to the person about any experience, newest first."""
    records = [record.id for record in read_records([case.customer_id])]
    made = visible_to(reader, CallAttempt.objects.filter(case__customer__in=records))
    calls = made.select_related("by").order_by("-at", "-pk")
    return [
        Earlier(
            when=say_when(call.at, case.customer.time_zone),
            outcome=CallOutcome(call.outcome).label,
            by=named(call.by),
            note=call.note,
            late=call.late,
        )
        for call in calls[:SHOWN]
    ]
