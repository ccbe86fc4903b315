"""Calls: planned without a place, dialled where the rules allow it, and counted whatever came of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from django.contrib.admin.models import ADDITION
from django.db import transaction

from contacts.consent import close_address
from contacts.gate.asks import Ask, GateError
from contacts.gate.audit import audit
from contacts.gate.book import Book, locked_book
from contacts.gate.drafts import draft_contact, draft_decision
from contacts.gate.leaves import LeaveError, NamedTime, appoint
from contacts.gate.reserving import decided
from contacts.models import Appointment, Contact, Customer, Decision, Touchpoint
from contacts.models.words import CALL_OUTCOMES, OURS, Channel, Outcome, Purpose
from contacts.newest import refresh
from contacts.standing import APPOINTMENT

PICKED_UP = (Outcome.NOT_NOW, Outcome.REFUSED, Outcome.COMPLETED)
ENDS = (*CALL_OUTCOMES, Outcome.REJECTED)
"""How a logged call may have ended; a wrong number is `rejected`, as an invalid one is (contract, section 5)."""


@transaction.atomic
def plan_calls(asks: Sequence[Ask], *, at: datetime) -> list[Decision]:
    """Keep, at stage `plan`, what the rules say about calls that programs want; none takes a place before it is made.

    Nobody knows yet when an interviewer will dial: `log_call` asks again then. Asks about touchpoints that their
    program has decided about already are left out. Takes some hundreds at a time, as `reserve` does.
    """
    book = locked_book(asks, at)
    known = decided({ask.touchpoint_id for ask in asks if ask.touchpoint_id})
    fresh = [ask for ask in asks if (ask.program, ask.touchpoint_id) not in known]
    decisions = [draft_decision(book, ask, book.answer(ask, at), None, Decision.Stage.PLAN, at) for ask in fresh]
    return Decision.objects.bulk_create(decisions)


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
    made: bool = False,
) -> Decision:
    """Log a call with its outcome where the rules allow one at `at`; else keep only the decision, with when they will.

    `seconds`: talk time; `by_id`: the user who calls, named in the admin's log; `named`: the time that a customer at a
    bad moment named, which becomes an appointment. `made`: the phone has rung already, after the rules allowed it, so
    that it counts whatever they say now. A call in an appointment at which somebody picks up keeps it; one that ends as
    `rejected` closes the number. Raises GateError for an outcome that no call has, and LeaveError for a time at which
    no call could be made.
    """
    _refuse_odd(outcome, named)
    ask = Ask(
        customer_id,
        at,
        (Channel.PHONE.value,),
        Purpose.CALL,
        survey,
        program,
        touchpoint_id,
        seconds=seconds,
        source=source,
        simulated=_made_up(customer_id, touchpoint_id),
    )
    decision = _log(ask, outcome, at, by_id, made=made)
    if named and decision.contact:
        appoint(customer_id, named, at=at, by_id=by_id, touchpoint_id=touchpoint_id)
    return decision


def _refuse_odd(outcome: str, named: NamedTime | None) -> None:
    if outcome not in ENDS:
        raise GateError(f"A call cannot be {outcome}: give one of {', '.join(ENDS)}.")
    if named and outcome != Outcome.NOT_NOW:
        raise LeaveError("outcome", "only a call at a bad moment ends with another time; choose it, or leave the time.")


def _log(ask: Ask, outcome: str, at: datetime, by_id: int, *, made: bool) -> Decision:
    """Write the decision, and the contact where the rules allow it or the call was made."""
    book = locked_book([ask], at)
    answer = book.answer(ask, at)
    allowed = answer.result == Decision.Result.SEND
    contact = draft_contact(book, ask, replace(answer, allowed_at=at), outcome, at) if allowed or made else None
    if contact:
        contact.by_id = by_id
        _save(contact, at)
        _keep_appointments(book, ask, outcome, at)
    decision = draft_decision(book, ask, answer, contact, Decision.Stage.CALL, at)
    decision.save()
    audit(decision, ADDITION, f"Call: {outcome}", by_id=by_id, at=at)
    return decision


def _made_up(customer_id: int, touchpoint_id: int | None) -> bool:
    """Whether a call is the sample's: to one of its customers, or about something that it made up."""
    people = Customer.objects.filter(pk=customer_id, simulated=True)
    about = Touchpoint.objects.filter(pk__in=[touchpoint_id] if touchpoint_id else [], simulated=True)
    return people.exists() or about.exists()


def _save(contact: Contact, at: datetime) -> None:
    contact.save()
    refresh([contact.customer_id])
    if contact.outcome == Outcome.REJECTED and contact.address_id:
        close_address(contact.address_id, "wrong number", at=at)


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
