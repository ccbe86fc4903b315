"""How a call ended: into the ledger through the gate, into the case, and what comes next."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from contacts import gate
from contacts.explaining import named as name_of
from contacts.explaining import say_reason
from contacts.gate import NamedTime
from contacts.models import Decision
from contacts.models.words import Outcome
from surveys.answering import read_call, take_call
from surveys.calls.cases import locked
from surveys.calls.closing import NOT_CLAIMED, assess, go_on, write_closed
from surveys.calls.dispositions import Disposition
from surveys.models import CallAttempt, CallCase, CallOutcome, Response
from surveys.questions.reading import Given

IN_LEDGER = {CallOutcome.SOFT_REFUSAL: Outcome.NOT_NOW, CallOutcome.WRONG_NUMBER: Outcome.REJECTED}
"""What the ledger calls an outcome, where it has no word of its own: a soft refusal rests as a bad moment does."""
SPOKEN = (CallOutcome.NOT_NOW, CallOutcome.SOFT_REFUSAL, CallOutcome.REFUSED)
"""Outcomes of calls in which an interview may have begun and broken off."""
ANSWERED_MEANWHILE = "The customer has answered meanwhile: the answers of this call are not kept."
LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that an interviewer made about a case that was hers from `offered_at` on.

    `seconds`: talk time, up to now. `named`: the time that a customer at a bad moment named. `answers`: field ->
    what the form sent, also of an interview that broke off.
    """

    outcome: str
    by_id: int
    offered_at: datetime
    seconds: int = 0
    note: str = ""
    named: NamedTime | None = None
    answers: Given = field(default_factory=dict)


@transaction.atomic
def log(case_id: int, call: Call, at: datetime) -> CallAttempt:
    """Log a call that was made, once however often it is sent; `late` of the attempt says why it changes nothing.

    The gate allowed the call when the case was given out, so it counts whatever has happened since. Raises AnswerError
    for answers that cannot be stored and LeaveError for a named time at which no call could be made: then nothing is
    logged.
    """
    case = locked(case_id)
    if logged := case.attempts.filter(by=call.by_id, at__gte=call.offered_at).first():
        return logged
    answered = Response.objects.filter(touchpoint=case.touchpoint_id).exists()
    late = ANSWERED_MEANWHILE if answered else _late(case, call)
    if not answered:
        _refuse_bad_answers(case, call, at)
    began = max(call.offered_at, at - timedelta(seconds=call.seconds))
    decision = _into_ledger(case, call, began)
    attempt = CallAttempt.objects.create(
        case=case,
        contact=decision.contact,
        outcome=call.outcome,
        at=began,
        by_id=call.by_id,
        seconds=call.seconds,
        note=call.note,
        late=(late or _not_allowed(decision, case))[:LONGEST],
    )
    CallCase.objects.filter(pk=case_id, claimed_by=call.by_id).update(**NOT_CLAIMED)
    if not answered:
        _take_up(case, call, at)
    return attempt


def _into_ledger(case: CallCase, call: Call, began: datetime) -> Decision:
    outcome = CallOutcome(call.outcome)
    return gate.log_call(
        case.customer_id,
        IN_LEDGER.get(outcome, outcome.value),
        at=began,
        by_id=call.by_id,
        survey=case.version.survey.slug,
        program=case.program.slug,
        touchpoint_id=case.touchpoint_id,
        seconds=call.seconds,
        named=call.named,
        made=True,
    )


def _late(case: CallCase, call: Call) -> str:
    """Why the result comes too late; empty where it does not."""
    if case.state == CallCase.State.CLOSED:
        return f"The case was closed meanwhile: {Disposition(case.disposition).label.lower()}."
    if case.claimed_by and case.claimed_by_id != call.by_id:
        return f"Your time was over, and {name_of(case.claimed_by)} has the case now."
    other = case.attempts.filter(at__gte=call.offered_at).exclude(by=call.by_id).select_related("by").first()
    return f"Your time was over, and {name_of(other.by)} has called meanwhile." if other else ""


def _not_allowed(decision: Decision, case: CallCase) -> str:
    if decision.result == Decision.Result.SEND:
        return ""
    reasons = " ".join(say_reason(reason, case.customer.time_zone) for reason in decision.reasons)
    return f"The rules did not allow this call any more. {reasons}"


def _refuse_bad_answers(case: CallCase, call: Call, at: datetime) -> None:
    """Raise AnswerError for answers that cannot be stored; of an interview that broke off some may be missing."""
    if call.outcome == CallOutcome.COMPLETED or any(call.answers.values()):
        read_call(case, call.answers, at, partly=call.outcome != CallOutcome.COMPLETED)


def _take_up(case: CallCase, call: Call, at: datetime) -> None:
    """Let the case follow from the call: done, or to be tried again when the gate says."""
    if call.outcome == CallOutcome.COMPLETED:
        response = take_call(case, call.answers, at=at)
        write_closed(case, Disposition.COMPLETE, response, at)
        return
    if call.outcome in SPOKEN:
        given = {key: value for key, value in call.answers.items() if value}
        CallCase.objects.filter(pk=case.pk, state=CallCase.State.OPEN).update(answers=given)
    if case.state == CallCase.State.OPEN:
        [answer] = assess([case], at)
        go_on(case, answer, at)
