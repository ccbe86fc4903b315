"""Calls: dialled where the rules allow it, and counted whatever came of them."""

from datetime import datetime
from typing import cast

from django.contrib.admin.models import ADDITION
from django.db import transaction

from contacts.gate.asks import Ask, GateError
from contacts.gate.audit import audit
from contacts.gate.book import Book, locked_book
from contacts.gate.drafts import draft_contact, draft_decision
from contacts.gate.leaves import LeaveError, NamedTime, appoint
from contacts.models import Appointment, Decision
from contacts.models.words import CALL_OUTCOMES, OURS, Channel, Outcome, Purpose
from contacts.newest import refresh
from contacts.standing import APPOINTMENT

PICKED_UP = (Outcome.NOT_NOW, Outcome.REFUSED, Outcome.COMPLETED)


@transaction.atomic
def log_call(
    customer_id: int,
    outcome: str,
    *,
    at: datetime,
    by_id: int,
    survey: str = "",
    program: str = "",
    touchpoint_id: int | None = None,
    seconds: int = 0,
    source: str = OURS,
    named: NamedTime | None = None,
) -> Decision:
    """Log a call with its outcome where the rules allow one now; else keep only the decision, with when they will.

    `seconds`: talk time; `by_id`: the user who calls, named in the admin's log; `named`: the time that a customer at a
    bad moment named, which becomes an appointment. A call in an appointment at which somebody picks up keeps it. Raises
    GateError for an outcome that no call has, and LeaveError for a time at which no call could be made.
    """
    if outcome not in CALL_OUTCOMES:
        raise GateError(f"A call cannot be {outcome}: give one of {', '.join(CALL_OUTCOMES)}.")
    if named and outcome != Outcome.NOT_NOW:
        raise LeaveError("outcome", "only a call at a bad moment ends with another time; choose it, or leave the time.")
    by_phone = (Channel.PHONE.value,)
    ask = Ask(customer_id, at, by_phone, Purpose.CALL, survey, program, touchpoint_id, seconds=seconds, source=source)
    book = locked_book([ask], at)
    answer = book.answer(ask, at)
    contact = draft_contact(book, ask, answer, outcome, at) if answer.result == Decision.Result.SEND else None
    if contact:
        contact.by_id = by_id
        contact.save()
        refresh([customer_id])
        _keep_appointments(book, ask, outcome, at)
    decision = draft_decision(book, ask, answer, contact, Decision.Stage.CALL, at)
    decision.save()
    audit(decision, ADDITION, f"Call: {outcome}", by_id=by_id, at=at)
    if named and contact:
        appoint(customer_id, named, at=at, by_id=by_id, touchpoint_id=touchpoint_id)
    return decision


def _keep_appointments(book: Book, ask: Ask, outcome: str, at: datetime) -> None:
    """Close the appointments that this call keeps; one at which nobody picks up stays open until it is over."""
    if outcome not in PICKED_UP:
        return
    kept = [
        cast("int", standing.id)
        for standing in book.persons[ask.customer_id].leaves
        if standing.kind == APPOINTMENT
        and standing.serves(Channel.PHONE, ask.touchpoint_id, None)
        and standing.leave.start <= at < standing.leave.end
    ]
    if kept:
        Appointment.objects.filter(pk__in=kept).update(state=Appointment.State.KEPT, updated_at=at)
