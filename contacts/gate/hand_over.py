"""A reserved contact is handed over, and what became of it is noted (contract, section 5)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from django.db import connection, transaction

from contacts.consent import close_address
from contacts.copying import among_ids, stored
from contacts.gate.again import asks_again
from contacts.gate.asks import Answer, Ask, GateError
from contacts.gate.book import Book, locked_book
from contacts.gate.drafts import draft_decision
from contacts.models import Contact, Decision
from contacts.models.words import RELEASED, Outcome
from contacts.newest import refresh

Result = Decision.Result

WAITING = (Outcome.RESERVED, Outcome.DEFERRED)
"""Outcomes of contacts that are still to be handed over."""
UNSENT = (Outcome.CANCELLED, Outcome.EXPIRED)
CLOSING = (Outcome.REJECTED, Outcome.BOUNCED)
HOLDING = f"outcome NOT IN ({', '.join(repr(outcome.value) for outcome in RELEASED)})"
"""SQL for contacts that hold their place."""


def recheck(contact_id: int, *, at: datetime, expires: datetime | None = None) -> Decision:
    """Ask everything again just before a reserved contact is handed over, without its own place.

    `send`: the contact is now at `at`. `delay`: it is moved to the new instant, never before its own. `skip`: its place
    is released. `expires`: until when the question is worth asking. Raises GateError for a contact that does not wait.
    """
    return recheck_all({contact_id: expires}, at=at)[contact_id]


def recheck_all(expiries: Mapping[int, datetime | None], *, at: datetime) -> dict[int, Decision]:
    """Do what `recheck` does for many contacts (id -> until when it is worth asking), each after those due before it.

    The number of statements grows only with the contacts that do not go out now. What goes is marked as being handed
    over, for good. One whose place a higher priority took meanwhile is answered with that decision.
    """
    found = Contact.objects.select_related("address").select_for_update(of=("self",), no_key=True)
    # Locked in the order of the ids, as everywhere; served in the order in which they were due.
    contacts = sorted(found.filter(pk__in=expiries).order_by("pk"), key=lambda contact: contact.at)
    told = _lost(contacts)
    contacts = [contact for contact in contacts if contact.pk not in told]
    for contact in contacts:
        _refuse_settled(contact)
    asks = asks_again(contacts, expiries)
    book = locked_book(list(asks.values()), at)
    on_the_way = _on_the_way(book, asks.keys())
    decisions = []
    for contact in contacts:
        answer = _answer_at_its_turn(_at_its_turn(book, contact, on_the_way), asks[contact.pk], at)
        _move(book, contact, answer, at)
        decisions.append(draft_decision(book, asks[contact.pk], answer, contact, Decision.Stage.HAND_OVER, at))
    Decision.objects.bulk_create(decisions)
    told |= {contact.pk: decision for contact, decision in zip(contacts, decisions, strict=True)}
    going = [contact_id for contact_id, decision in told.items() if decision.result == Result.SEND]
    Contact.objects.filter(pk__in=going).update(at=at, updated_at=at, handed_over_at=at)
    refresh({contact.customer_id for contact in contacts})
    return told


def settle(contact_id: int, outcome: str, *, at: datetime) -> None:
    """Note what became of a contact that was handed over, or that never will be (contract, section 5).

    A rejected or bounced one gives its place back and closes the address. Raises GateError for taking back what was
    handed over.
    """
    settle_all([contact_id], outcome, at=at)


def settle_all(contact_ids: Collection[int], outcome: str, *, at: datetime) -> None:
    """Do what `settle` does for many contacts; if one raises, nothing is noted of any."""
    others = {*contact_ids}
    if outcome not in (*RELEASED, Outcome.RESERVED):
        others -= _note_of_kept(contact_ids, outcome, at)
    if others:
        _settle_others(others, outcome, at)


@transaction.atomic
def _settle_others(contact_ids: Collection[int], outcome: str, at: datetime) -> None:
    contacts = list(Contact.objects.filter(pk__in=contact_ids).select_for_update(no_key=True).order_by("pk"))
    for contact in contacts:
        _refuse_taking_back(contact, outcome)
    Contact.objects.filter(pk__in=contact_ids).update(outcome=outcome, updated_at=at)
    refresh({contact.customer_id for contact in contacts if (contact.outcome in RELEASED) != (outcome in RELEASED)})
    for contact in contacts:
        if outcome in CLOSING and contact.address_id:
            close_address(contact.address_id, outcome, at=at)


def _note_of_kept(contact_ids: Collection[int], outcome: str, at: datetime) -> set[int]:
    """Note an outcome with which a place is kept, where it is held; return of which.

    Then nothing else changes. One statement, as SQL, because it is made for each message.
    """
    among, ids = among_ids("id", contact_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE contacts_contact SET outcome = %s, updated_at = %s WHERE {among} AND {HOLDING} RETURNING id",
            [outcome, stored(at), *ids],
        )
        return {pk for (pk,) in cursor.fetchall()}


def take_back(contact_ids: Collection[int], *, at: datetime) -> None:
    """Let contacts wait again that were marked as handed over and surely never were: their places stay reserved.

    Only for what nobody got: the provider or a person says so, or no call to it was ever made.
    """
    contacts = Contact.objects.filter(pk__in=contact_ids)
    contacts.filter(outcome=Outcome.UNKNOWN).update(outcome=Outcome.RESERVED)
    contacts.filter(outcome__in=WAITING).update(handed_over_at=None, updated_at=at)


def _lost(contacts: Sequence[Contact]) -> dict[int, Decision]:
    """The decisions by which contacts have lost their place, by contact id."""
    cancelled = [contact for contact in contacts if contact.outcome == Outcome.CANCELLED]
    if not cancelled:
        return {}
    lost = Decision.objects.filter(contact__in=cancelled, stage=Decision.Stage.GIVE_WAY, result=Result.SKIP)
    return {cast("int", decision.contact_id): decision for decision in lost}


def _refuse_settled(contact: Contact) -> None:
    if contact.outcome not in WAITING:
        raise GateError(f"Contact {contact.pk} is {contact.outcome}: only what is reserved can be handed over.")


def _refuse_taking_back(contact: Contact, outcome: str) -> None:
    if outcome == Outcome.RESERVED or (outcome in UNSENT and contact.outcome not in (*WAITING, outcome)):
        raise GateError(f"Contact {contact.pk} is {contact.outcome} and cannot become {outcome}: it was handed over.")


def _on_the_way(book: Book, asking: Collection[int]) -> set[int]:
    """Ids of the contacts in the book that were handed over and not settled yet: they count, whenever they were due."""
    waiting = {row.key for rows in book.ledger.rows.values() for row in rows if row.outcome in WAITING}
    others = [key for key in waiting.difference(asking) if isinstance(key, int)]
    if not others:
        return set()
    handed_over = Contact.objects.filter(pk__in=others, handed_over_at__isnull=False)
    return set(handed_over.values_list("pk", flat=True))


def _answer_at_its_turn(book: Book, ask: Ask, at: datetime) -> Answer:
    answer = book.answer(ask, at)
    early = answer.result == Result.SEND and answer.asked_at > at
    return replace(answer, result=Result.DELAY) if early else answer


def _at_its_turn(book: Book, contact: Contact, on_the_way: Collection[int]) -> Book:
    """The book at the turn of this contact, which goes to the address that it was planned for or nowhere.

    It does not count itself, nor what waits for a later turn: that will be tested against this one when it comes.
    Otherwise a minute's lateness would put a contact behind the next one of the same customer.
    """
    person = book.persons[contact.customer_id].reached_at(contact.channel, contact.address)
    rows = {
        member: [
            row
            for row in book.ledger.rows[member]
            if row.key in on_the_way or (row.key != contact.pk and not (row.outcome in WAITING and row.at > contact.at))
        ]
        for member in book.ledger.concerning(person)
    }
    return replace(book, persons={contact.customer_id: person}, ledger=replace(book.ledger, rows=rows))


def _move(book: Book, contact: Contact, answer: Answer, at: datetime) -> None:
    """Put the contact to where the answer allows it, or release its place; what goes now is saved by the caller.

    In the book too: for the contacts after it, one that goes has gone.
    """
    going = answer.result == Result.SEND
    if answer.result == Result.SKIP:
        expired = any(reason["kind"] == "expiry" for reason in answer.reasons)
        contact.outcome = Outcome.EXPIRED if expired else Outcome.CANCELLED
    else:
        contact.at = answer.allowed_at or answer.asked_at
    contact.updated_at = at
    takes = answer.override_id not in (None, contact.override_id)
    if takes:
        contact.override_id = answer.override_id
    if takes or not going:
        contact.save(update_fields=["at", "outcome", "override", "updated_at"])
    outcome = Outcome.ACCEPTED if going else contact.outcome
    rows = book.ledger.rows[book.persons[contact.customer_id].id]
    rows[:] = [
        replace(row, at=contact.at, outcome=outcome) if row.key == contact.pk else row
        for row in rows
        if row.key != contact.pk or answer.result != Result.SKIP
    ]
