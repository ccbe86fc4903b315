"""Asking for places in the ledger, many at a time."""

from collections.abc import Sequence
from datetime import datetime

from contacts.gate.asks import Answer, Ask, Grant
from contacts.gate.book import locked_book
from contacts.gate.drafts import draft_contact, draft_decision
from contacts.models import Contact, Decision
from contacts.models.words import Outcome
from contacts.newest import refresh


def reserve(asks: Sequence[Ask], *, at: datetime, stage: str = Decision.Stage.PLAN) -> list[Grant]:
    """Answer the asks and reserve a place in the ledger for each that is allowed now or later.

    Served in order of time, then priority, then as given: give the oldest experience first. What is reserved counts
    for the next ask of the same person. At stage `plan` an ask about a touchpoint that its program has already decided
    about is left out of the result. The number of statements does not depend on the number of asks (SQLite takes the
    new rows in lots). Take some hundreds at a time: their persons stay locked until the caller's transaction ends.
    """
    book = locked_book(asks, at)
    if stage == Decision.Stage.PLAN:
        asks = _undecided(asks)
    answers: dict[int, Answer] = {}
    contacts: dict[int, Contact] = {}
    for n in sorted(range(len(asks)), key=lambda n: (max(asks[n].at, at), -asks[n].priority)):
        answers[n] = book.answer(asks[n], at)
        if answers[n].result != Decision.Result.SKIP:
            contacts[n] = draft_contact(book, asks[n], answers[n], Outcome.RESERVED, at)
            book.ledger.add(book.persons[asks[n].customer_id], contacts[n])
    Contact.objects.bulk_create(contacts.values())
    refresh({contact.customer_id for contact in contacts.values()})
    decisions = [draft_decision(book, ask, answers[n], contacts.get(n), stage, at) for n, ask in enumerate(asks)]
    Decision.objects.bulk_create(decisions)
    return [Grant(ask, decision, decision.contact) for ask, decision in zip(asks, decisions, strict=True)]


def _undecided(asks: Sequence[Ask]) -> list[Ask]:
    touchpoints = {ask.touchpoint_id for ask in asks if ask.touchpoint_id}
    planned = Decision.objects.filter(stage=Decision.Stage.PLAN, touchpoint__in=touchpoints)
    decided = set(planned.values_list("program", "touchpoint"))
    return [ask for ask in asks if (ask.program, ask.touchpoint_id) not in decided]
