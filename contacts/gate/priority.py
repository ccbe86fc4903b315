"""A higher priority takes places that are only reserved; who had them gives way (contract, section 6).

What was handed over, or may be on its way, is never taken, nor is what an override let through. Who gives way takes no
place of a third.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q

from contacts.frequency import Reason
from contacts.gate.again import asks_again
from contacts.gate.asks import Answer, Ask
from contacts.gate.book import Book, told
from contacts.ledger import per_account, read_ledger
from contacts.locking import lock_if_free
from contacts.models import Contact, Decision
from contacts.models.words import Outcome
from contacts.persons import Record, read_persons
from contacts.records import among

PRIORITY = Reason("priority", "priority")
TO_TAKE = Q(outcome=Outcome.RESERVED, handed_over_at=None, override=None)
"""Contacts whose place a higher priority may take; the index `contact_place_to_take` holds them."""
Result = Decision.Result


@dataclass(frozen=True, slots=True)
class Loss:
    """A contact that gave way, as it is now, with its ask and the new answer."""

    contact: Contact
    ask: Ask
    answer: Answer


@dataclass(frozen=True, slots=True)
class Rivals:
    """Contacts that may have to give way, locked, and the asks behind them: both by contact id."""

    contacts: dict[int, Contact]
    asks: dict[int, Ask]

    def place(self, book: Book, ask: Ask, at: datetime) -> tuple[Answer, list[Contact]]:
        """The answer, and who has to give way for it: only for an earlier instant, and as few as it needs.

        The lowest priority gives way first, then the latest.
        """
        answer = book.answer(ask, at)
        weaker = [] if answer.result == Result.SEND or ask.refusal else self._weaker(book, ask)
        best = book.without(weaker).answer(ask, at) if weaker else answer
        if not _sooner(best, answer):
            return answer, []
        for contact in tuple(weaker):
            fewer = [other for other in weaker if other is not contact]
            tried = book.without(fewer).answer(ask, at)
            if (tried.result, tried.allowed_at) == (best.result, best.allowed_at):
                weaker, best = fewer, tried
        return best, weaker

    def give_way(self, book: Book, contacts: Sequence[Contact], at: datetime) -> list[Loss]:
        """Decide anew about contacts that the book is without; those that find no other place in time are cancelled.

        Writes nothing but into the book. One that may stay where it is loses nothing.
        """
        losses = []
        for contact in contacts:
            person = book.persons[contact.customer_id].reached_at(contact.channel, contact.address)
            ask = replace(self.asks[contact.pk], at=contact.at)
            answer = replace(book, persons={contact.customer_id: person}).answer(ask, at)
            if answer.result == Result.SEND:
                book.add(contact)
                continue
            reasons = [told(PRIORITY, contact.channel), *answer.reasons]
            losses.append(Loss(contact, ask, replace(answer, reasons=reasons)))
            contact.updated_at = at
            if answer.result == Result.SKIP or answer.allowed_at is None:
                contact.outcome = Outcome.CANCELLED
                del self.contacts[contact.pk]
            else:
                contact.at, contact.override_id = answer.allowed_at, answer.override_id
                book.add(contact)
        return losses

    def _weaker(self, book: Book, ask: Ask) -> list[Contact]:
        """Those that count for the ask and have a lower priority: who would give way last comes first."""
        concerning = book.ledger.concerning(book.persons[ask.customer_id])
        keys = {row.key for person_id in concerning for row in book.ledger.rows[person_id]}
        found = (contact for contact in self.contacts.values() if contact.pk in keys)
        weaker = (contact for contact in found if contact.priority < ask.priority)
        return sorted(weaker, key=lambda contact: (-contact.priority, contact.at, contact.pk))


def read_rivals(book: Book, asks: Sequence[Ask], at: datetime) -> tuple[Book, Rivals]:
    """The contacts in the book that one of the asks might take the place of, and the book with all their persons.

    A contact that another transaction holds is being handed over or settled, and is no rival: nothing is waited for.
    The number of statements does not depend on the number of asks.
    """
    rows = [row for own in book.ledger.rows.values() for row in own if row.outcome == Outcome.RESERVED]
    reserved = [row.key for row in rows if isinstance(row.key, int)]
    highest = max((ask.priority for ask in asks), default=0)
    free = Contact.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).select_related("address")
    weaker = free.filter(TO_TAKE, pk__in=reserved, priority__lt=highest).order_by("pk") if reserved else ()
    found = list(weaker)
    if others := {contact.customer_id for contact in found} - book.persons.keys():
        # Who shares an account or a number; where somebody else holds one of them, all are left in peace.
        book = _with_persons(book, lock_if_free(others), at)
    known = [contact for contact in found if contact.customer_id in book.persons]
    asks_of = asks_again(known, {contact.pk: contact.expires_at for contact in known}) if known else {}
    return book, Rivals({contact.pk: contact for contact in known if contact.pk in asks_of}, asks_of)


def takeable(customer_ids: Collection[int], priority: int) -> set[int]:
    """Return which of these customer records have a place that an ask of this priority could take.

    One statement for some thousands, by the index. It looks at each record alone: the places of merged records and of
    an account's members, which compete too, are found by `reserve`.
    """
    weaker = Contact.objects.filter(TO_TAKE, among("customer", customer_ids), priority__lt=priority)
    return set(weaker.values_list("customer_id", flat=True))


def _sooner(one: Answer, other: Answer) -> bool:
    if one.result == Result.SKIP or one.allowed_at is None:
        return False
    return other.result == Result.SKIP or other.allowed_at is None or one.allowed_at < other.allowed_at


def _with_persons(book: Book, records: Sequence[Record], at: datetime) -> Book:
    """The book with more persons, of whom these are the records; but for those of accounts that nobody asked about."""
    locked = {account_id for person in book.persons.values() for account_id in person.account_ids}
    found = read_persons(records, book.arms)
    if per_account(book.policy):
        found = {id_: person for id_, person in found.items() if person.account_ids <= locked}
    persons = {**found, **book.persons}
    everybody = {person.id: person for person in persons.values()}
    return replace(book, persons=persons, ledger=read_ledger(everybody.values(), book.policy, at))
