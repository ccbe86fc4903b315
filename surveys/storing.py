"""What was answered, into the tables and back."""

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import QuerySet

from contacts import gate
from contacts.models.words import Purpose
from contacts.prepared import Insert
from surveys.models import Answer, Response
from surveys.questionnaires import Questionnaire
from surveys.questions.answers import Answers, Part

RESPONSES, ANSWERS = Insert(Response), Insert(Answer)
COLUMNS = ("part", "number", "amount", "date", "text")


class Stored(NamedTuple):
    """The answers of a response: what was said, and what was known and not asked."""

    said: Answers
    known: Answers


NOTHING = Stored({}, {})


def create(response: Response) -> Response:
    """Store a response that is not stored yet. Raises IntegrityError where there is one to the same invitation."""
    return RESPONSES.one(response)


def read_answers(response: Response) -> Stored:
    """Return what is stored of a response. One statement."""
    said, known = dict[str, dict[str, Part]](), dict[str, dict[str, Part]]()
    rows = Answer.objects.filter(response=response).order_by("pk")
    for key, is_known, *columns in rows.values_list("question__key", "known", *COLUMNS):
        part = Part(*columns)
        (known if is_known else said).setdefault(key, {})[part.part] = part
    return Stored(said, known)


def write_answers(response: Response, asked: Questionnaire, answers: Answers, *, known: bool = False) -> None:
    """Store answers of which none is stored yet."""
    if not answers:
        return
    rows = [
        ANSWERS.new(
            response_id=response.pk,
            question_id=asked.question_ids[key],
            known=known,
            part=part.part,
            number=part.number,
            amount=part.amount,
            date=part.date,
            text=part.text,
        )
        for key, parts in answers.items()
        for part in parts.values()
    ]
    ANSWERS.many(rows)


def replace_answers(response: Response, asked: Questionnaire, keys: Collection[str], answers: Answers) -> None:
    """Store answers in the place of all that was answered to the questions of these keys."""
    _answers_to(response, asked, keys).delete()
    write_answers(response, asked, answers)


def remove_answers(response: Response, asked: Questionnaire, keys: Collection[str]) -> None:
    """Remove what was answered to the questions of these keys, but not what was known."""
    if keys:
        _answers_to(response, asked, keys).filter(known=False).delete()


def start_clock(response: Response, survey: str, program: str) -> None:
    """Note in the ledger that the customer has answered; `program` may be empty; both are slugs."""
    if response.customer_id is None:
        return
    gate.clock_event(
        response.customer_id,
        Purpose.RESPONSE,
        at=response.answered_at,
        survey=survey,
        program=program,
        external_id=f"response:{response.pk}",
        simulated=response.simulated,
        touchpoint_id=response.touchpoint_id,
    )


def _answers_to(response: Response, asked: Questionnaire, keys: Collection[str]) -> QuerySet[Answer]:
    return Answer.objects.filter(response=response, question__in=[asked.question_ids[key] for key in keys])
