"""Open a link, read what was answered, store it: once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from django.db import IntegrityError, transaction

from contacts import gate
from contacts.models import Customer
from contacts.models.words import Channel, Purpose
from contacts.prepared import Insert, ReadOne
from surveys.links import invitation_id
from surveys.models import Answer, CallCase, Invitation, Response, SurveyVersion
from surveys.questions.answers import Answers
from surveys.questions.reading import AnswerError, Given, Problem, names, read_given
from surveys.texts import Words, words, zone

#: Invitations with all that a page shows and nothing else.
INVITATIONS = Invitation.objects.select_related(
    "customer", "touchpoint", "program", "version__survey__brand", "response"
).only(
    *("channel", "language", "closes_at", "simulated", "program__slug", "response__answered_at", "response__language"),
    *("customer__name", "customer__time_zone", "touchpoint__kind", "touchpoint__occurred_at"),
    *("version__state", "version__seconds", "version__survey__slug", "version__survey__brand__name"),
    *("version__survey__brand__legal_lines", "version__survey__brand__default_language"),
)

READ_INVITATION, RESPONSES, ANSWERS = ReadOne(INVITATIONS), Insert(Response), Insert(Answer)


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


def open_link(token: str, at: datetime) -> Opened:
    """Return what the token leads to at an instant.

    No statement for a token that we did not make, else one; a second where a newer version has replaced the one asked.
    """
    found = invitation_id(token)
    if found is None:
        return UNKNOWN
    invitation = READ_INVITATION.get(found)
    if invitation is None:
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
    given: Given,
    *,
    at: datetime,
    said_at: datetime | None = None,
    flags: tuple[str, ...] = (),
) -> Response:
    """Store all the answers to an invitation (field -> what was sent) and note it for the frequency rules: once.

    The invitation is one that `open_link` found open. `said_at`: when the customer answered, where that is before
    `at`. `flags` mark an answer that may not be a person's; it is stored all the same. Raises AnswerError,
    UnknownQuestionError or AlreadyAnsweredError; then nothing is stored.
    """
    asked = questionnaire(invitation.version, invitation.language)
    said_at = said_at or at
    answers = _read(asked, given, invitation.customer, said_at)
    response = _response(invitation, invitation.channel, asked.words.language, said_at, at, flags)
    try:
        return _store(response, invitation, asked, answers)
    except IntegrityError as error:
        # Two tabs, or two clicks: the unique constraint decides which was first.
        if Response.objects.filter(invitation=invitation).exists():
            raise AlreadyAnsweredError("This invitation is answered already.") from error
        raise


@transaction.atomic
def amend(response: Response, given: Given, *, at: datetime, said_at: datetime | None = None) -> None:
    """Put answers (field -> what was sent) beside those of a response, or in place of them.

    For what a customer said later, before the link closed; it is the same response, whose clock has started already.
    `said_at`: when what counts was said. Raises AnswerError or UnknownQuestionError; then nothing is changed.
    """
    asked = questionnaire(response.version, response.language)
    questions = [question for question in asked.words.questions if not given.keys().isdisjoint(names(question))]
    today = (said_at or at).astimezone(zone(response.customer)).date() if response.customer else at.date()
    answers = read_given(questions, given, today)
    changed = [asked.question_ids[question.key] for question in questions]
    Answer.objects.filter(response=response, question__in=changed).delete()
    _write(response, asked, answers)
    response.answered_at, response.updated_at = said_at or response.answered_at, at
    response.save(update_fields=["answered_at", "updated_at"])


def take_call(case: CallCase, given: Given, *, at: datetime, flags: tuple[str, ...] = ()) -> Response:
    """Store what a customer answered on the phone (field -> what the form sent), as `submit` does.

    For cases whose customer is locked and about whose experience nothing is answered yet. Raises AnswerError or
    UnknownQuestionError; then nothing is stored.
    """
    asked = questionnaire(case.version, case.language)
    answers = _read(asked, given, case.customer, at)
    return _store(_response(case, Channel.PHONE, asked.words.language, at, at, flags), case, asked, answers)


def survey_is_open(version: SurveyVersion) -> bool:
    """Whether the survey still asks: by this version, or by a newer one, while this is answered by whom it was sent."""
    published = SurveyVersion.State.PUBLISHED
    return (
        version.state == published or SurveyVersion.objects.filter(survey=version.survey_id, state=published).exists()
    )


def _read(asked: Questionnaire, given: Given, customer: Customer, at: datetime) -> Answers:
    """Read what was sent for all questions at once. Raises AnswerError also where nothing at all is answered."""
    answers = read_given(asked.words.questions, given, at.astimezone(zone(customer)).date())
    if not answers:
        first = next(question for question in asked.words.questions if question.asks)
        raise AnswerError({first.key: Problem.MISSING})
    return answers


def _response(
    about: Invitation | CallCase,
    channel: str,
    language: str,
    answered_at: datetime,
    at: datetime,
    flags: tuple[str, ...],
) -> Response:
    """The response to an invitation or in a call, not saved yet."""
    return Response(
        invitation=about if isinstance(about, Invitation) else None,
        source="cxsurvey",
        customer_id=about.customer_id,
        touchpoint_id=about.touchpoint_id,
        version_id=about.version_id,
        channel=channel,
        language=language,
        answered_at=answered_at,
        finished_at=answered_at,
        updated_at=at,
        simulated=about.simulated,
        attributes={"flags": list(flags)} if flags else {},
    )


@transaction.atomic
def _store(response: Response, about: Invitation | CallCase, asked: Questionnaire, answers: Answers) -> Response:
    RESPONSES.one(response)
    _write(response, asked, answers)
    gate.clock_event(
        about.customer_id,
        Purpose.RESPONSE,
        at=response.answered_at,
        survey=about.version.survey.slug,
        program=about.program.slug if about.program else "",
        external_id=f"response:{response.pk}",
        simulated=about.simulated,
        touchpoint_id=about.touchpoint_id,
    )
    return response


def _write(response: Response, asked: Questionnaire, answers: Answers) -> None:
    rows = [
        Answer(
            response=response,
            question_id=asked.question_ids[key],
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
