"""Rows of the ledger and of the decisions as an answer makes them, not saved yet."""

from datetime import datetime

from contacts.gate.asks import Answer, Ask
from contacts.gate.book import Book
from contacts.ledger import Place
from contacts.models import Contact, Decision


def draft_contact(book: Book, ask: Ask, answer: Answer, outcome: str, at: datetime) -> Contact:
    """The place in the ledger that the answer allows, at the instant that it allows.

    Without an address where a call was made to a number that has been closed since.
    """
    return Contact(
        customer_id=ask.customer_id,
        at=answer.allowed_at or answer.asked_at,
        channel=answer.channel,
        purpose=ask.purpose,
        outcome=outcome,
        address=book.persons[ask.customer_id].addresses.get(answer.channel),
        survey=ask.survey,
        program=ask.program,
        source=ask.source,
        seconds=ask.seconds,
        override_id=answer.override_id,
        priority=ask.priority,
        expires_at=ask.expires,
        simulated=ask.simulated,
        recorded_at=at,
        updated_at=at,
    )


def draft_decision(book: Book, ask: Ask, answer: Answer, contact: Contact | None, stage: str, at: datetime) -> Decision:
    """The decision with every reason; contacts that counted must be saved by now."""
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
