"""Keep the page that somebody sends, and find out where it goes on. A lost connection loses nothing that was sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.functional import cached_property

from contacts.models import Customer
from surveys import flags
from surveys.answering import AlreadyAnsweredError, columns_of
from surveys.durations import spent
from surveys.models import Invitation, Response, SurveyVersion
from surveys.questionnaires import Questionnaire, Sheet, drawn, sheet_for, today
from surveys.questions.answers import Answers
from surveys.questions.progress import before, of_page, place
from surveys.questions.reading import AnswerError, Given, Problem, read_given
from surveys.questions.route import on_the_way
from surveys.storing import (
    NOTHING,
    RESPONSES,
    create,
    read_answers,
    remove_answers,
    replace_answers,
    start_clock,
    write_answers,
)
from surveys.texts import QuestionWords


@dataclass(frozen=True)
class Sitting:
    """Somebody at a questionnaire: an invited customer, or a colleague who tries it out.

    `sheet` is hers before anything is stored; `begun`: something was, when it was looked last. `columns` returns those
    of the response that the first answer creates, `found_by` holds the ones by which it is found again; `program` is
    the slug of the one that asked; `sent_at` when its message went out. A finished answer may be changed for
    `change_for`.
    """

    sheet: Sheet
    version: SurveyVersion
    customer: Customer | None
    begun: bool
    columns: Callable[[], dict[str, Any]]
    found_by: Mapping[str, Any]
    change_for: timedelta
    program: str = ""
    sent_at: datetime | None = None

    def stored(self) -> Response | None:
        """Return what was answered so far, if anything was."""
        return Response.objects.filter(**self.found_by).first()

    @cached_property
    def start(self) -> "Standing":
        """Return the standing before anything was answered."""
        return Standing(self.sheet, NOTHING.said, 0)

    def standing(self, response: Response | None) -> "Standing":
        """Return how far it has come with what is stored of the response. One statement where there is one."""
        if response is None:
            return self.start
        stored = read_answers(response)
        sheet = drawn(self.sheet.asked, self.version, self.sheet.seed, stored.known)
        return Standing(sheet, stored.said, _page_at(sheet.asked, response.page))


@dataclass(frozen=True, slots=True)
class Standing:
    """How far somebody has come: what was said so far, and the number of the page that was sent last (0: none)."""

    sheet: Sheet
    answers: Answers
    sent: int
    pages: Mapping[int, list[QuestionWords]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pages", self.sheet.way(self.answers))

    @property
    def next(self) -> int:
        """Return the number of the page to go on with; the last one where all were sent."""
        return place(self.pages, self.answers, self.sent) or max(self.pages)

    def may_open(self, number: int) -> bool:
        """Whether a page is on the way, and everything that must be answered before it is."""
        return place(self.pages, self.answers, number - 1) == number


@dataclass(frozen=True, slots=True)
class Seen:
    """How a page was answered: when it was loaded (None: unknown), on which device, whether the trap was touched."""

    started_at: datetime | None = None
    device: str = ""
    trap: bool = False


def sitting_of(invitation: Invitation, asked: Questionnaire, at: datetime) -> Sitting:
    """Return the sitting of the customer of an invitation that `surveys.answering.open_link` opened."""
    sheet = sheet_for(asked, invitation, at)
    return Sitting(
        sheet=sheet,
        version=invitation.version,
        customer=invitation.customer,
        begun=hasattr(invitation, "response"),
        columns=lambda: columns_of(invitation, invitation.channel, sheet),
        found_by={"invitation": invitation},
        change_for=invitation.version.survey.change_for,
        program=invitation.program.slug if invitation.program else "",
        sent_at=invitation.sent_at,
    )


def keep_page(sitting: Sitting, number: int, given: Given, *, at: datetime, seen: Seen, back: bool = False) -> int:
    """Store what a page sent (field -> what was sent), and return the number of the page to go on with; 0: it is done.

    The first page with an answer creates the response and starts the customer's clock. Sent again, a page replaces what
    it said before. One that is not on the way (any more) changes nothing. `back`: the customer goes back, so nothing on
    the page need be answered. Raises AnswerError, UnknownQuestionError or, where a finished answer may not be changed
    any more, AlreadyAnsweredError; then nothing is changed.
    """
    try:
        if not sitting.begun and any(given.values()):
            # Whether nothing is stored yet, the constraint says: so all is read and judged before the transaction.
            return _keep(sitting, None, number, given, at, seen, back=back)
        with transaction.atomic():
            return _keep(sitting, _locked(sitting), number, given, at, seen, back=back)
    except IntegrityError:
        if not Response.objects.filter(**sitting.found_by).exists():
            raise
        # Two tabs, or two clicks, sent the first page: one has created the response, this one changes it.
        with transaction.atomic():
            return _keep(sitting, _locked(sitting), number, given, at, seen, back=back)


def _locked(sitting: Sitting) -> Response | None:
    return Response.objects.select_for_update(no_key=True).filter(**sitting.found_by).first()


def _keep(
    sitting: Sitting, response: Response | None, number: int, given: Given, at: datetime, seen: Seen, *, back: bool
) -> int:
    if response and response.finished_at and at >= response.finished_at + sitting.change_for:
        raise AlreadyAnsweredError("This is answered, and the time in which it could be changed is over.")
    standing = sitting.standing(response)
    if number not in standing.pages:
        return standing.next
    shown = standing.pages[number]
    page = standing.sheet.asked.pages[number - 1]
    day = today(sitting.customer, at)
    said = read_given(shown, of_page(page, shown, given), day, partly=back)
    keys = {question.key for question in shown}
    answers = {**{key: parts for key, parts in standing.answers.items() if key not in keys}, **said}
    now = Standing(standing.sheet, answers, standing.sent if back else number)
    leads_to = before(now.pages, number) or number if back else place(now.pages, answers, number)
    if response is None and not said:
        return leads_to or _nothing_said(now, shown)
    _store(sitting, response, now, keys, said, at, seen, finished=leads_to == 0)
    return leads_to


def _nothing_said(standing: Standing, shown: list[QuestionWords]) -> int:
    """Ask on the last page for an answer where nothing was answered at all; where it asks nothing, on the first."""
    if asking := [question for question in shown if question.asks]:
        raise AnswerError({asking[0].key: Problem.MISSING})
    return min(standing.pages)


def _store(
    sitting: Sitting,
    stored: Response | None,
    now: Standing,
    keys: set[str],
    said: Answers,
    at: datetime,
    seen: Seen,
    *,
    finished: bool,
) -> None:
    asked, response = now.sheet.asked, stored or _new(sitting, seen, at)
    response.seconds = spent(response.seconds, seen.started_at, stored.updated_at if stored else None, at)
    _note(response, now, at, seen, finished=finished)
    _flag(response, sitting, now, seen, at)
    with transaction.atomic(savepoint=False):
        if stored:
            response.save()
            replace_answers(response, asked, keys, said)
        else:
            create(response)
            write_answers(response, asked, said)
            write_answers(response, asked, now.sheet.known, known=True)
            start_clock(response, sitting.version.survey.slug, sitting.program)
        if response.finished_at:
            remove_answers(response, asked, now.answers.keys() - on_the_way(now.pages.values()))


def _note(response: Response, now: Standing, at: datetime, seen: Seen, *, finished: bool) -> None:
    """Note how far it has come, on what and when; whoever changes what is finished has answered anew."""
    asked = now.sheet.asked
    if now.sent:
        response.page = max(asked.positions[question.key] for question in asked.pages[now.sent - 1])
    response.device, response.language = seen.device or response.device, asked.words.language
    if response.finished_at:
        response.answered_at = at
    elif finished:
        response.finished_at = at
    response.updated_at = at


def _new(sitting: Sitting, seen: Seen, at: datetime) -> Response:
    return RESPONSES.new(**sitting.columns(), answered_at=at, started_at=seen.started_at)


def _flag(response: Response, sitting: Sitting, now: Standing, seen: Seen, at: datetime) -> None:
    found = {*response.attributes.get("flags", ())}
    found |= flags.of_sending(trap=seen.trap, started_at=seen.started_at, sent_at=sitting.sent_at, at=at)
    if response.finished_at:
        whole = flags.of_whole(now.sheet.questions, now.answers, now.sheet.asked.words_shown, response.seconds)
        found = found - flags.FINAL | whole
    response.attributes = {name: value for name, value in response.attributes.items() if name != "flags"}
    if found:
        response.attributes["flags"] = sorted(found)


def _page_at(asked: Questionnaire, position: int) -> int:
    """The number of the page that ends at a position, or the last one that ends before it."""
    pages = enumerate(asked.pages, start=1)
    return max((number for number, page in pages if asked.positions[page[-1].key] <= position), default=0)
