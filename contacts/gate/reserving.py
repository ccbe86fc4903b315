"""Asking for places in the ledger, many at a time."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import connection

from contacts.copying import among_ids
from contacts.gate.asks import Answer, Ask, Grant
from contacts.gate.book import Book, locked_book
from contacts.gate.drafts import draft_contact, draft_decision
from contacts.gate.priority import Loss, read_rivals
from contacts.models import Contact, Decision
from contacts.models.words import Outcome
from contacts.newest import refresh

LOST_FIELDS = ("at", "outcome", "override", "updated_at")


def reserve(asks: Sequence[Ask], *, at: datetime, stage: str = Decision.Stage.PLAN) -> list[Grant]:
    """Answer the asks and reserve a place in the ledger for each that is allowed now or later.

    Served in order of priority, then time, then as given: give the oldest experience first. What is reserved counts
    for the next ask of the same person. At stage `plan` an ask about a touchpoint that its program has already decided
    about is left out of the result. The number of statements does not depend on the number of asks (SQLite takes the
    new rows in lots). Take some hundreds at a time: their persons stay locked until the caller's transaction ends.

    An ask may take the place of what is reserved with a lower priority. Who gives way is moved or cancelled with a
    decision of its own, of stage `give_way` and with a reason of kind `priority`; `Grant.gave_way` has it, and it is
    for the caller to bring its own rows about those contacts in line.
    """
    book = locked_book(asks, at)
    if stage == Decision.Stage.PLAN:
        known = decided({ask.touchpoint_id for ask in asks if ask.touchpoint_id})
        asks = [ask for ask in asks if (ask.program, ask.touchpoint_id) not in known]
    book, rivals = read_rivals(book, asks, at)
    answers: dict[int, Answer] = {}
    contacts: dict[int, Contact] = {}
    losses: dict[int, list[Loss]] = {}
    for n in sorted(range(len(asks)), key=lambda n: (-asks[n].priority, max(asks[n].at, at))):
        answers[n], losers = rivals.place(book, asks[n], at)
        if answers[n].result != Decision.Result.SKIP:
            for loser in losers:
                book.remove(loser)
            contacts[n] = draft_contact(book, asks[n], answers[n], Outcome.RESERVED, at)
            book.add(contacts[n])
            losses[n] = rivals.give_way(book, losers, at)
    lost = {loss.contact.pk: loss.contact for given in losses.values() for loss in given}
    Contact.objects.bulk_create(contacts.values())
    if lost:
        Contact.objects.bulk_update(lost.values(), LOST_FIELDS)
    refresh({contact.customer_id for contact in [*contacts.values(), *lost.values()]})
    decisions = [draft_decision(book, ask, answers[n], contacts.get(n), stage, at) for n, ask in enumerate(asks)]
    gave_way = {n: _gave_way(book, given, at) for n, given in losses.items()}
    Decision.objects.bulk_create([*decisions, *(decision for given in gave_way.values() for decision in given)])
    return [
        Grant(ask, decision, decision.contact, gave_way.get(n, ()))
        for n, (ask, decision) in enumerate(zip(asks, decisions, strict=True))
    ]


def decided(touchpoint_ids: Collection[int]) -> set[tuple[str, int]]:
    """Programs and touchpoints, of these, that planning has decided about already."""
    chosen, parameter = among_ids("touchpoint_id", touchpoint_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT program, touchpoint_id FROM contacts_decision WHERE stage = 'plan' AND {chosen}", parameter
        )
        return set(cursor.fetchall())


def _gave_way(book: Book, losses: Sequence[Loss], at: datetime) -> tuple[Decision, ...]:
    stage = Decision.Stage.GIVE_WAY
    return tuple(draft_decision(book, loss.ask, loss.answer, loss.contact, stage, at) for loss in losses)
