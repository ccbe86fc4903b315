"""Open a link, read what was answered, store it: once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django.db import IntegrityError, transaction

from contacts import gate
from contacts.models.words import Purpose
from surveys.links import invitation_id
from surveys.models import Answer, Invitation, Question, Response, SurveyVersion
from surveys.page_words import Problem
from surveys.texts import QuestionWords, Words, words

#: A comment may have this many characters; a longer one is refused whole and never cut.
TEXT_LIMIT = 5000
#: What an answer to a question that is no text may be, as a form sends it, and what is stored for it. Exactly these:
#: int() would also take "+9", "1_0" and the digits of other scripts.
CHOICES: dict[str, dict[str, int]] = {
    Question.Kind.NPS: {str(score): score for score in range(11)},
    Question.Kind.YES_NO: {"1": 1, "0": 0},
    Question.Kind.CONTACT_WISH: {"1": 1, "0": 0},
}
#: Controls that no keyboard makes and PostgreSQL partly refuses, NUL among them.
CONTROLS = {code: None for code in range(32) if chr(code) not in "\t\n"}
#: Invitations with all that a page shows and nothing else, composed once: both halve the time of the one statement.
INVITATIONS = Invitation.objects.select_related(
    "customer", "touchpoint", "program", "version__survey__brand", "response"
).only(
    *("channel", "language", "closes_at", "simulated", "program__slug", "response__answered_at", "response__language"),
    *("customer__name", "customer__time_zone", "touchpoint__kind", "touchpoint__occurred_at"),
    *("version__state", "version__seconds", "version__survey__slug", "version__survey__brand__name"),
    *("version__survey__brand__legal_lines", "version__survey__brand__default_language"),
)


class LinkState(StrEnum):
    """What a link leads to."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Opened:
    """What a token leads to; `invitation` is None where the state is unknown, else all that a page shows is read."""

    state: LinkState
    invitation: Invitation | None


UNKNOWN = Opened(LinkState.UNKNOWN, None)


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A version's words in one language, and the id of each question by its key."""

    words: Words
    question_ids: Mapping[str, int]


class AlreadyAnsweredError(ValueError):
    """Another tab, or the same click once more, was there first; the stored answer stays as it is."""


class UnknownQuestionError(ValueError):
    """An answer to a question that the version does not ask: no form of ours sent it."""


class AnswerError(ValueError):
    """Answers that cannot be stored: the problem by question key. Nothing was stored."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        super().__init__(", ".join(f"{key}: {problem}" for key, problem in problems.items()))
        self.problems = dict(problems)


def open_link(token: str, at: datetime) -> Opened:
    """Return what the token leads to at an instant.

    No statement for a token that we did not make, else one; a second where a newer version has replaced the one asked.
    """
    found = invitation_id(token)
    if found is None:
        return UNKNOWN
    try:
        invitation = INVITATIONS.get(pk=found)  # first() would pay for an order
    except Invitation.DoesNotExist:
        return UNKNOWN
    if hasattr(invitation, "response"):
        return Opened(LinkState.ANSWERED, invitation)
    if at > invitation.closes_at:
        return Opened(LinkState.EXPIRED, invitation)
    return Opened(LinkState.OPEN if survey_is_open(invitation.version) else LinkState.CLOSED, invitation)


@lru_cache(maxsize=256)
def questionnaire(version: SurveyVersion, language: str) -> Questionnaire:
    """Return the words and questions of a published version, from memory but for the first time in a process.

    Every process may keep its own copy for good, because a published version never changes.
    """
    return Questionnaire(words(version, language), dict(version.questions.values_list("key", "pk")))


def submit(
    invitation: Invitation,
    answers: Mapping[str, str],
    *,
    at: datetime,
    said_at: datetime | None = None,
    flags: tuple[str, ...] = (),
) -> Response:
    """Store the answers (question key -> what the form sent) and note the response for the frequency rules: once.

    The invitation is one that `open_link` found open. `said_at`: when the customer answered, where that is before
    `at`. `flags` mark an answer that may not be a person's; it is stored all the same. Raises AnswerError,
    UnknownQuestionError or AlreadyAnsweredError; then nothing is stored.
    """
    asked = questionnaire(invitation.version, invitation.language)
    values = read_answers(asked.words.questions, answers)
    response = _response(invitation, asked.words.language, said_at or at, flags)
    response.updated_at = at
    try:
        return _store(response, invitation, asked, values)
    except IntegrityError as error:
        # Two tabs, or two clicks: the unique constraint decides which was first.
        if Response.objects.filter(invitation=invitation).exists():
            raise AlreadyAnsweredError("This invitation is answered already.") from error
        raise


@transaction.atomic
def amend(response: Response, answers: Mapping[str, str], *, at: datetime, said_at: datetime | None = None) -> None:
    """Put answers (question key -> what was sent) beside those of a response, or in place of them.

    For what a customer said later, before the link closed; it is the same response, whose clock has started already.
    `said_at`: when what counts was said. Raises AnswerError or UnknownQuestionError; then nothing is changed.
    """
    asked = questionnaire(response.version, response.language)
    questions = tuple(question for question in asked.words.questions if question.key in answers)
    for key, value in read_answers(questions, answers).items():
        Answer.objects.update_or_create(
            response=response, question_id=asked.question_ids[key], defaults=_columns(value)
        )
    response.answered_at, response.updated_at = said_at or response.answered_at, at
    response.save(update_fields=["answered_at", "updated_at"])


def read_answers(questions: tuple[QuestionWords, ...], answers: Mapping[str, str]) -> dict[str, int | str]:
    """Return what to store by question key: a number or a text; what was left empty is left out.

    Raises UnknownQuestionError for a key that is not asked, and AnswerError for answers that cannot be stored or where
    nothing at all is answered.
    """
    if strange := answers.keys() - {question.key for question in questions}:
        raise UnknownQuestionError(f"This survey does not ask: {', '.join(sorted(strange))}.")
    values: dict[str, int | str] = {}
    problems: dict[str, Problem] = {}
    for question in questions:
        value = _read(question, answers.get(question.key, ""))
        if isinstance(value, Problem):
            problems[question.key] = value
        elif value is not None:
            values[question.key] = value
    if not values and not problems:
        problems[questions[0].key] = Problem.MISSING
    if problems:
        raise AnswerError(problems)
    return values


def survey_is_open(version: SurveyVersion) -> bool:
    """Whether the survey still asks: by this version, or by a newer one, while this is answered by whom it was sent."""
    published = SurveyVersion.State.PUBLISHED
    return (
        version.state == published or SurveyVersion.objects.filter(survey=version.survey_id, state=published).exists()
    )


def _read(question: QuestionWords, given: str) -> int | str | Problem | None:
    is_text = question.kind == Question.Kind.TEXT
    text = given.replace("\r\n", "\n").translate(CONTROLS).strip() if is_text else given
    if not text:
        return Problem.MISSING if question.required else None
    if is_text:
        return text if len(text) <= TEXT_LIMIT else Problem.TOO_LONG
    return CHOICES[question.kind].get(text, Problem.NO_CHOICE)


def _response(invitation: Invitation, language: str, answered_at: datetime, flags: tuple[str, ...]) -> Response:
    """The response to an invitation, not saved yet."""
    return Response(
        invitation=invitation,
        source="cxsurvey",
        customer_id=invitation.customer_id,
        touchpoint_id=invitation.touchpoint_id,
        version_id=invitation.version_id,
        channel=invitation.channel,
        language=language,
        answered_at=answered_at,
        simulated=invitation.simulated,
        attributes={"flags": list(flags)} if flags else {},
    )


@transaction.atomic
def _store(
    response: Response, invitation: Invitation, asked: Questionnaire, values: Mapping[str, int | str]
) -> Response:
    response.save()
    Answer.objects.bulk_create(
        Answer(response=response, question_id=asked.question_ids[key], **_columns(value))
        for key, value in values.items()
    )
    gate.clock_event(
        invitation.customer_id,
        Purpose.RESPONSE,
        at=response.answered_at,
        survey=invitation.version.survey.slug,
        program=invitation.program.slug if invitation.program else "",
        external_id=f"response:{response.pk}",
        simulated=invitation.simulated,
        touchpoint_id=invitation.touchpoint_id,
    )
    return response


def _columns(value: int | str) -> dict[str, Any]:
    """What an answer row holds of a value."""
    return {"number": None, "text": value} if isinstance(value, str) else {"number": value, "text": ""}
