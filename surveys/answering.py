"""Open a link; take an answer that comes all at once, by SMS or on the phone. Page by page: `surveys.keeping`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction

from contacts.models.words import Channel
from contacts.prepared import ReadOne
from surveys.durations import spent
from surveys.known import hidden
from surveys.links import invitation_id
from surveys.looks import SHOWN_OF_LOOK
from surveys.models import CallCase, Invitation, Response, SurveyVersion
from surveys.questionnaires import Questionnaire, Sheet, questionnaire, sheet_for, today
from surveys.questions.answers import Answers
from surveys.questions.progress import read_whole
from surveys.questions.reading import AnswerError, Given, Problem, names, read_given
from surveys.questions.route import on_the_way, route
from surveys.storing import read_answers, remove_answers, replace_answers, start_clock, write_answers

_OF = {
    "version": ("state", "seconds", "modules_asked", "hidden_fields"),
    "version__survey": ("slug", "change_for", "review_url"),
    "version__survey__brand": ("name", "legal_lines", "default_language"),
    "version__survey__brand__look": SHOWN_OF_LOOK,
    "customer": ("name", "time_zone", "language"),
    "touchpoint": ("kind", "occurred_at"),
    "response": ("answered_at", "finished_at", "updated_at", "language", "page", "seconds", "attributes"),
    "program": ("slug",),
}
#: Invitations with all that a page shows and nothing else.
INVITATIONS = Invitation.objects.select_related(
    "customer", "touchpoint", "program", "version__survey__brand__look", "response"
).only(
    *("channel", "language", "closes_at", "sent_at", "simulated"),
    *(f"{row}__{column}" for row, columns in _OF.items() for column in columns),
)

READ_INVITATION = ReadOne(INVITATIONS.filter(customer__erased_at=None))


class LinkState(StrEnum):
    """What a link leads to."""

    OPEN = "open"
    """Nothing is answered yet."""
    BEGUN = "begun"
    """Some pages are, and the others are asked."""
    CHANGEABLE = "changeable"
    """All is answered, and may still be changed."""
    ANSWERED = "answered"
    CLOSED = "closed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"

    @property
    def takes_answers(self) -> bool:
        """Whether a page that is sent is kept."""
        return self in (LinkState.OPEN, LinkState.BEGUN, LinkState.CHANGEABLE)

    @property
    def is_finished(self) -> bool:
        """Whether all is answered."""
        return self in (LinkState.CHANGEABLE, LinkState.ANSWERED)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a token leads to; `invitation` is None where the state is unknown, else all that a page shows is read."""

    state: LinkState
    invitation: Invitation | None


UNKNOWN = Opened(LinkState.UNKNOWN, None)


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
    return Opened(_state(invitation, at), invitation)


def is_erased(token: str) -> bool:
    """Whether a genuine token is that of a customer who has had everything erased; to others it opens nothing."""
    found = invitation_id(token)
    return found is not None and Invitation.objects.filter(pk=found, customer__erased_at__isnull=False).exists()


def _state(invitation: Invitation, at: datetime) -> LinkState:
    response, version = getattr(invitation, "response", None), invitation.version
    if response and response.finished_at:
        changeable = at < changeable_until(response, version) and survey_is_open(version)
        return LinkState.CHANGEABLE if changeable else LinkState.ANSWERED
    if at > invitation.closes_at:
        return LinkState.EXPIRED
    if not survey_is_open(version):
        return LinkState.CLOSED
    return LinkState.BEGUN if response else LinkState.OPEN


def changeable_until(response: Response, version: SurveyVersion) -> datetime:
    """Return the instant from which on a finished response stays as it is."""
    return (response.finished_at or response.answered_at) + version.survey.change_for


def survey_is_open(version: SurveyVersion) -> bool:
    """Whether the survey still asks: by this version, or by a newer one, while this is answered by whom it was sent."""
    published = SurveyVersion.State.PUBLISHED
    return (
        version.state == published or SurveyVersion.objects.filter(survey=version.survey_id, state=published).exists()
    )


def submit(
    invitation: Invitation,
    given: Given,
    *,
    at: datetime,
    said_at: datetime | None = None,
    flags: tuple[str, ...] = (),
    started_at: datetime | None = None,
    device: str = "",
) -> Response:
    """Store an answer to an invitation that comes all at once (field -> what was sent) and finish it.

    The invitation is one that `open_link` found open. `said_at`: when the customer answered, where that is before
    `at`. `started_at` and `device`: since when and on what she saw the questions, where she saw them. `flags` mark an
    answer that may not be a person's; it is stored all the same. Raises AnswerError, UnknownQuestionError or
    AlreadyAnsweredError; then nothing is stored.
    """
    said_at = said_at or at
    sheet = sheet_for(questionnaire(invitation.version, invitation.language), invitation, said_at)
    seen = {"started_at": started_at, "seconds": spent(None, started_at, None, said_at), "device": device}
    try:
        return _store_whole(invitation, invitation.channel, sheet, given, said_at, at, flags, seen)
    except IntegrityError as error:
        # Two tabs, or two clicks: the unique constraint decides which was first.
        if Response.objects.filter(invitation=invitation).exists():
            raise AlreadyAnsweredError("This invitation is answered already.") from error
        raise


def take_call(case: CallCase, given: Given, *, at: datetime, flags: tuple[str, ...] = ()) -> Response:
    """Store what a customer answered on the phone (field -> what the form sent), as `submit` does.

    For cases whose customer is locked and about whose experience nothing is answered yet. Raises AnswerError or
    UnknownQuestionError; then nothing is stored.
    """
    sheet = sheet_for(questionnaire(case.version, case.language), case, at)
    return _store_whole(case, Channel.PHONE, sheet, given, at, at, flags, {})


@transaction.atomic
def amend(response: Response, given: Given, *, at: datetime, said_at: datetime | None = None) -> None:
    """Put answers (field -> what was sent) beside those of a response, or in place of them.

    For what a customer said later, before the link closed; it is the same response, whose clock has started already.
    What a finished one has no place for any more, because the way leads elsewhere now, is removed. `said_at`: when
    what counts was said. Raises AnswerError or UnknownQuestionError; then nothing is changed.
    """
    Response.objects.select_for_update(no_key=True).get(pk=response.pk)  # a page may be kept at the same time
    asked = questionnaire(response.version, response.language)
    questions = [question for question in asked.words.questions if not given.keys().isdisjoint(names(question))]
    answers = read_given(questions, given, today(response.customer, said_at or at))
    replace_answers(response, asked, [question.key for question in questions], answers)
    if response.finished_at:
        forget_off_the_way(response, asked)
    response.answered_at, response.updated_at = said_at or response.answered_at, at
    response.save(update_fields=["answered_at", "updated_at"])


def columns_of(about: Invitation | CallCase, channel: str, sheet: Sheet) -> dict[str, Any]:
    """Return the columns of the response to an invitation or in a call, as the first answer creates it."""
    kept = hidden(about.version.hidden_fields, about.touchpoint)
    return {
        "invitation_id": about.pk if isinstance(about, Invitation) else None,
        "source": "cxsurvey",
        "customer_id": about.customer_id,
        "touchpoint_id": about.touchpoint_id,
        "version_id": about.version_id,
        "channel": channel,
        "language": sheet.asked.words.language,
        "simulated": about.simulated,
        "attributes": {"hidden": kept} if kept else {},
    }


def read_call(case: CallCase, given: Given, at: datetime, *, partly: bool = False) -> Answers:
    """Return the answers that an interviewer's form gives. Raises AnswerError for those that cannot be stored.

    `partly`: of an interview that broke off, where nothing need be answered.
    """
    return _read(sheet_for(questionnaire(case.version, case.language), case, at), case, given, at, partly=partly)


def forget_off_the_way(response: Response, asked: Questionnaire) -> None:
    """Remove the answers to questions that do not lie on the way that the others lead."""
    stored = read_answers(response)
    unasked = {
        question.key for question in asked.words.questions if question.module and question.key not in stored.said
    }
    pages = route(asked.words.questions, {**stored.said, **stored.known}, left_out=unasked | stored.known.keys())
    remove_answers(response, asked, stored.said.keys() - on_the_way(pages))


def _read(
    sheet: Sheet, about: Invitation | CallCase, given: Given, said_at: datetime, *, partly: bool = False
) -> Answers:
    day = today(about.customer, said_at)
    return read_whole(sheet.questions, given, day, known=sheet.known, left_out=sheet.left_out, partly=partly)


@transaction.atomic
def _store_whole(
    about: Invitation | CallCase,
    channel: str,
    sheet: Sheet,
    given: Given,
    said_at: datetime,
    at: datetime,
    flags: tuple[str, ...],
    seen: Mapping[str, Any],
) -> Response:
    answers = _read(sheet, about, given, said_at)
    if not answers:
        first = next(question for question in sheet.questions if question.asks)
        raise AnswerError({first.key: Problem.MISSING})
    asked = on_the_way(sheet.way(answers).values())
    columns = columns_of(about, channel, sheet) | dict(seen)
    columns["attributes"] |= {"flags": sorted(flags)} if flags else {}
    page = max(sheet.asked.positions[key] for key in asked)
    response = Response.objects.create(**columns, answered_at=said_at, finished_at=said_at, updated_at=at, page=page)
    response.version, response.customer = about.version, about.customer
    write_answers(response, sheet.asked, sheet.known, known=True)
    write_answers(response, sheet.asked, answers)
    start_clock(response, about.version.survey.slug, about.program.slug if about.program else "")
    return response
