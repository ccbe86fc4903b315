"""The only door to a customer's attention, and (with `contacts.recording` behind it) the only writer of the ledger.

A question is answered and its place reserved in one transaction that holds the persons (and accounts) locked. Call
`reserve` or `recheck` once per transaction: who locks twice may wait crosswise with another who does.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Count

from contacts import frequency
from contacts.assess import Answer, Ask, Book
from contacts.consent import close_address
from contacts.ledger import Place, lock_accounts, per_account, read_ledger
from contacts.models import Contact, Customer, Decision, Identifier
from contacts.models.words import CALL_OUTCOMES, Channel, Outcome, Purpose
from contacts.persons import lock_records, read_persons, read_records
from contacts.policies import policy_in_force
from contacts.recording import Entry, clock_event, record

__all__ = [
    "Ask",
    "Entry",
    "GateError",
    "Grant",
    "clock_event",
    "eligibility",
    "log_call",
    "policy_in_force",
    "recheck",
    "record",
    "reserve",
    "settle",
]

Stage, Result = Decision.Stage, Decision.Result

WAITING = (Outcome.RESERVED, Outcome.DEFERRED)
"""Outcomes of contacts that are still to be handed over."""
UNSENT = (Outcome.CANCELLED, Outcome.EXPIRED)
CLOSING = (Outcome.REJECTED, Outcome.BOUNCED)
BAD_MOMENTS = 2
"""So many calls at a bad moment end the calls about an experience (contract, section 8)."""


class GateError(ValueError):
    """A request that does not fit the state of the ledger; the text says what to do instead."""


@dataclass(frozen=True, slots=True)
class Grant:
    """The answer to an ask: its decision and, where it got a place in the ledger, the contact."""

    ask: Ask
    decision: Decision
    contact: Contact | None

    @property
    def address(self) -> Identifier | None:
        """Where the contact goes."""
        return self.contact.address if self.contact else None


def reserve(asks: Sequence[Ask], *, at: datetime, stage: str = Stage.PLAN) -> list[Grant]:
    """Answer the asks and reserve a place in the ledger for each that is allowed now or later.

    Served in order of time, then priority, then as given: give the oldest experience first. What is reserved counts
    for the next ask of the same person. At stage `plan` an ask about a touchpoint that its program has already decided
    about is left out of the result. The number of statements does not depend on the number of asks; take some hundreds
    at a time, as all their persons stay locked until the caller's transaction ends.
    """
    book = _locked_book(asks, at)
    if stage == Stage.PLAN:
        asks = _undecided(asks)
    answers: dict[int, Answer] = {}
    contacts: dict[int, Contact] = {}
    for n in sorted(range(len(asks)), key=lambda n: (max(asks[n].at, at), -asks[n].priority)):
        answers[n] = book.answer(asks[n], at)
        if answers[n].result != Result.SKIP:
            contacts[n] = _contact(book, asks[n], answers[n], Outcome.RESERVED, at)
            book.ledger.add(book.persons[asks[n].customer_id], contacts[n])
    Contact.objects.bulk_create(contacts.values())
    decisions = [_decision(book, ask, answers[n], contacts.get(n), stage, at) for n, ask in enumerate(asks)]
    Decision.objects.bulk_create(decisions)
    return [Grant(ask, decision, decision.contact) for ask, decision in zip(asks, decisions, strict=True)]


def recheck(contact_id: int, *, at: datetime, expires: datetime | None = None) -> Decision:
    """Ask everything again just before a reserved contact is handed over, without its own place.

    `send`: the contact is now at `at`. `delay`: it is moved to the new instant, never before its own. `skip`: its place
    is released. `expires`: until when the question is worth asking. Raises GateError for a contact that does not wait.
    """
    _refuse_outside_transaction()
    contact = Contact.objects.select_related("address").select_for_update(of=("self",), no_key=True).get(pk=contact_id)
    if contact.outcome not in WAITING:
        raise GateError(f"Contact {contact_id} is {contact.outcome}: only what is reserved can be handed over.")
    ask = _ask_again(contact, expires)
    book = _locked_book([ask], at)
    person = book.persons[ask.customer_id].reached_at(contact.channel, contact.address)
    book.ledger.leave_out(person, contact.pk)
    answer = replace(book, persons={ask.customer_id: person}).answer(ask, at)
    if answer.result == Result.SEND and answer.asked_at > at:
        answer = replace(answer, result=Result.DELAY)
    _move(contact, answer, at)
    decision = _decision(book, ask, answer, contact, Stage.HAND_OVER, at)
    decision.save()
    return decision


@transaction.atomic
def settle(contact_id: int, outcome: str, *, at: datetime) -> None:
    """Note what became of a contact that was handed over, or that never will be (contract, section 5).

    A rejected or bounced one gives its place back and closes the address. Raises GateError for taking back what was
    handed over.
    """
    contact = Contact.objects.select_for_update(no_key=True).get(pk=contact_id)
    if outcome == Outcome.RESERVED or (outcome in UNSENT and contact.outcome not in (*WAITING, outcome)):
        raise GateError(f"Contact {contact_id} is {contact.outcome} and cannot become {outcome}: it was handed over.")
    contact.outcome, contact.updated_at = outcome, at
    contact.save(update_fields=["outcome", "updated_at"])
    if outcome in CLOSING and contact.address_id:
        close_address(contact.address_id, outcome, at=at)


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
    source: str = "cxsurvey",
) -> Decision:
    """Log a call with its outcome where the rules allow one now; else keep only the decision, with when they will.

    `seconds`: talk time; `by_id`: the user who calls, named in the admin's log. Raises GateError for an outcome that no
    call has.
    """
    if outcome not in CALL_OUTCOMES:
        raise GateError(f"A call cannot be {outcome}: give one of {', '.join(CALL_OUTCOMES)}.")
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
    )
    book = _locked_book([ask], at)
    answer = book.answer(ask, at)
    contact = _contact(book, ask, answer, outcome, at) if answer.result == Result.SEND else None
    if contact:
        contact.save()
    decision = _decision(book, ask, answer, contact, Stage.CALL, at)
    decision.save()
    LogEntry.objects.create(
        user_id=by_id,
        content_type=ContentType.objects.get_for_model(Decision),
        object_id=str(decision.pk),
        object_repr=str(decision),
        action_flag=ADDITION,
        action_time=at,
        change_message=f"Call: {outcome}",
    )
    return decision


def eligibility(
    customer_id: int,
    channel: str,
    *,
    at: datetime,
    purpose: str = Purpose.INVITATION,
    survey: str = "",
    program: str = "",
) -> frequency.Verdict:
    """Whether the customer may be contacted at `at`, without reserving anything. Five statements, all reading."""
    book = _book(read_records([customer_id]), at)
    ask = Ask(customer_id, at, (channel,), purpose, survey, program)
    return book.verdict(ask, book.persons[customer_id], channel, at)


def _refuse_outside_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("Call the gate inside transaction.atomic(): it locks persons.")


def _locked_book(asks: Sequence[Ask], at: datetime) -> Book:
    """The book of the persons asked about, who stay locked until the transaction ends."""
    _refuse_outside_transaction()
    book = _book(lock_records(ask.customer_id for ask in asks), at, lock=True)
    calls = {ask.touchpoint_id for ask in asks if ask.purpose == Purpose.CALL and ask.touchpoint_id}
    return replace(book, calls_ended=_calls_ended(calls)) if calls else book


def _book(records: Sequence[Customer], at: datetime, *, lock: bool = False) -> Book:
    version, policy = policy_in_force()
    by_record = read_persons(records)
    persons = list({person.id: person for person in by_record.values()}.values())
    if lock and per_account(policy):
        lock_accounts(persons)
    return Book(version, policy, by_record, read_ledger(persons, policy, at))


def _calls_ended(touchpoint_ids: Collection[int]) -> set[int]:
    """The touchpoints about which the customer was called at a bad moment once too often."""
    calls = Decision.objects.filter(
        touchpoint__in=touchpoint_ids, contact__purpose=Purpose.CALL, contact__outcome=Outcome.NOT_NOW
    )
    counts = calls.values("touchpoint").annotate(calls=Count("contact", distinct=True))
    return set(counts.filter(calls__gte=BAD_MOMENTS).values_list("touchpoint", flat=True))


def _undecided(asks: Sequence[Ask]) -> list[Ask]:
    touchpoints = {ask.touchpoint_id for ask in asks if ask.touchpoint_id}
    planned = Decision.objects.filter(stage=Stage.PLAN, touchpoint__in=touchpoints)
    decided = set(planned.values_list("program", "touchpoint"))
    return [ask for ask in asks if (ask.program, ask.touchpoint_id) not in decided]


def _ask_again(contact: Contact, expires: datetime | None) -> Ask:
    """The ask that led to this contact, as its first decision and the ledger hold it."""
    planned = Decision.objects.filter(contact=contact).earliest("pk")
    return Ask(
        customer_id=contact.customer_id,
        at=contact.at,
        channels=(contact.channel,),
        purpose=contact.purpose,
        survey=contact.survey,
        program=contact.program,
        touchpoint_id=planned.touchpoint_id,
        expires=expires,
        seconds=contact.seconds,
        probability=planned.probability,
        source=contact.source,
    )


def _move(contact: Contact, answer: Answer, at: datetime) -> None:
    """Put the contact to where the answer allows it, or release its place."""
    if answer.result == Result.SKIP:
        expired = any(reason["kind"] == "expiry" for reason in answer.reasons)
        contact.outcome = Outcome.EXPIRED if expired else Outcome.CANCELLED
    else:
        contact.at = answer.allowed_at or at
    contact.updated_at = at
    contact.save(update_fields=["at", "outcome", "updated_at"])


def _contact(book: Book, ask: Ask, answer: Answer, outcome: str, at: datetime) -> Contact:
    return Contact(
        customer_id=ask.customer_id,
        at=answer.allowed_at or answer.asked_at,
        channel=answer.channel,
        purpose=ask.purpose,
        outcome=outcome,
        address=book.persons[ask.customer_id].addresses[answer.channel],
        survey=ask.survey,
        program=ask.program,
        source=ask.source,
        seconds=ask.seconds,
        simulated=ask.simulated,
        recorded_at=at,
        updated_at=at,
    )


def _decision(book: Book, ask: Ask, answer: Answer, contact: Contact | None, stage: str, at: datetime) -> Decision:
    return Decision(
        customer_id=ask.customer_id,
        touchpoint_id=ask.touchpoint_id,
        contact=contact,
        policy_version=book.version,
        stage=stage,
        at=answer.asked_at,
        channel=answer.channel,
        purpose=ask.purpose,
        survey=ask.survey,
        program=ask.program,
        result=answer.result,
        allowed_at=answer.allowed_at,
        reasons=answer.reasons,
        counted=[key.contact.pk if isinstance(key, Place) else key for key in answer.counted],
        probability=ask.probability,
        decided_at=at,
    )
