"""Calls: dialled where the rules allow it, and counted whatever came of them."""

from datetime import datetime

from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from contacts.gate.asks import Ask, GateError
from contacts.gate.book import locked_book
from contacts.gate.drafts import draft_contact, draft_decision
from contacts.models import Decision
from contacts.models.words import CALL_OUTCOMES, Channel, Purpose
from contacts.newest import refresh


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
    by_phone = (Channel.PHONE.value,)
    ask = Ask(customer_id, at, by_phone, Purpose.CALL, survey, program, touchpoint_id, seconds=seconds, source=source)
    book = locked_book([ask], at)
    answer = book.answer(ask, at)
    contact = draft_contact(book, ask, answer, outcome, at) if answer.result == Decision.Result.SEND else None
    if contact:
        contact.save()
        refresh([customer_id])
    decision = draft_decision(book, ask, answer, contact, Decision.Stage.CALL, at)
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
