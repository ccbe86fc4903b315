"""A reserved contact is handed over, and what became of it is noted (contract, section 5)."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from contacts.consent import close_address
from contacts.gate.asks import Answer, Ask, GateError
from contacts.gate.book import Book, locked_book
from contacts.gate.drafts import draft_decision
from contacts.models import Contact, Decision
from contacts.models.words import Outcome

Result = Decision.Result

WAITING = (Outcome.RESERVED, Outcome.DEFERRED)
"""Outcomes of contacts that are still to be handed over."""
UNSENT = (Outcome.CANCELLED, Outcome.EXPIRED)
CLOSING = (Outcome.REJECTED, Outcome.BOUNCED)


def recheck(contact_id: int, *, at: datetime, expires: datetime | None = None) -> Decision:
    """Ask everything again just before a reserved contact is handed over, without its own place.

    `send`: the contact is now at `at`. `delay`: it is moved to the new instant, never before its own. `skip`: its place
    is released. `expires`: until when the question is worth asking. Raises GateError for a contact that does not wait.
    """
    contact = Contact.objects.select_related("address").select_for_update(of=("self",), no_key=True).get(pk=contact_id)
    if contact.outcome not in WAITING:
        raise GateError(f"Contact {contact_id} is {contact.outcome}: only what is reserved can be handed over.")
    ask = _ask_again(contact, expires)
    book = _at_its_turn(locked_book([ask], at), contact)
    answer = book.answer(ask, at)
    if answer.result == Result.SEND and answer.asked_at > at:
        answer = replace(answer, result=Result.DELAY)
    _move(contact, answer, at)
    decision = draft_decision(book, ask, answer, contact, Decision.Stage.HAND_OVER, at)
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


def _ask_again(contact: Contact, expires: datetime | None) -> Ask:
    """The ask that led to this contact, as the ledger and its first decision hold it."""
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


def _at_its_turn(book: Book, contact: Contact) -> Book:
    """The book at the turn of this contact, which goes to the address that it was planned for or nowhere.

    It does not count itself, nor what waits for a later turn: that will be tested against this one when it comes.
    Otherwise a minute's lateness would put a contact behind the next one of the same customer.
    """
    person = book.persons[contact.customer_id].reached_at(contact.channel, contact.address)
    rows = {
        member: [row for row in rows if row.key != contact.pk and not (row.outcome in WAITING and row.at > contact.at)]
        for member, rows in book.ledger.rows.items()
    }
    return replace(book, persons={contact.customer_id: person}, ledger=replace(book.ledger, rows=rows))


def _move(contact: Contact, answer: Answer, at: datetime) -> None:
    """Put the contact to where the answer allows it, or release its place."""
    if answer.result == Result.SKIP:
        expired = any(reason["kind"] == "expiry" for reason in answer.reasons)
        contact.outcome = Outcome.EXPIRED if expired else Outcome.CANCELLED
    else:
        contact.at = answer.allowed_at or answer.asked_at
    contact.updated_at = at
    contact.save(update_fields=["at", "outcome", "updated_at"])
