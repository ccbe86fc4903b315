"""What a customer may see and take away of what this room knows of her."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from contacts.own_data import OwnData, rows
from surveys.models import Attempt, CallAttempt, CallCase, IncomingSms, Invitation, OutboxMessage, Response

INVITATION_COLUMNS = ("due_at", "sent_at", "purpose", "channel", "address__value", "language", "state")
TEXT_COLUMNS = ("at", "sender", "text", "meaning", "number")
ANSWER_COLUMNS = ("question", "answer", "known_before")
CALL_COLUMNS = ("at", "outcome", "seconds", "note")
CASE_COLUMNS = ("opened_at", "state", "closed_at", "answers")
ATTEMPT_COLUMNS = ("started_at", "channel", "gateway", "outcome", "detail")
WRITTEN_COLUMNS = ("at", "channel", "recipient", "subject", "text")


def own_data(records: Collection[int]) -> OwnData:
    """Return all that is kept about the person with these records, the oldest first."""
    responses = Response.objects.filter(customer__in=records).select_related("version__survey").order_by("answered_at")
    return {
        "messages": rows(Invitation.objects.filter(customer__in=records).order_by("due_at"), INVITATION_COLUMNS),
        "handed_over": rows(
            Attempt.objects.filter(invitation__customer__in=records).order_by("started_at"), ATTEMPT_COLUMNS
        ),
        "written": rows(
            OutboxMessage.objects.filter(attempt__invitation__customer__in=records).order_by("at"), WRITTEN_COLUMNS
        ),
        "answers": [_told(response) for response in responses.prefetch_related("answers__question")],
        "texts": rows(IncomingSms.objects.filter(customer__in=records).order_by("at"), TEXT_COLUMNS),
        "call_cases": rows(CallCase.objects.filter(customer__in=records).order_by("opened_at"), CASE_COLUMNS),
        "calls": rows(CallAttempt.objects.filter(case__customer__in=records).order_by("at"), CALL_COLUMNS),
    }


def _told(response: Response) -> dict[str, Any]:
    about = {"answered_at": response.answered_at, "survey": response.version.survey.name, "channel": response.channel}
    own = {"seconds": response.seconds, "device": response.device, "noted": response.attributes}
    said = [
        {"question": answer.question.key, "answer": str(answer)} | ({"known_before": True} if answer.known else {})
        for answer in response.answers.all()
    ]
    return about | {name: value for name, value in own.items() if value} | {"answers": said}


def last_answer(records: Collection[int]) -> datetime | None:
    """Return when the person answered last."""
    answers = Response.objects.filter(customer__in=records).order_by("-answered_at")
    return answers.values_list("answered_at", flat=True).first()
