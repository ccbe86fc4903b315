"""How far somebody has come on the way through the pages, and where it goes on. Pages are numbered from 1. Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TypeAlias

from surveys.questions.answers import Answers
from surveys.questions.reading import AnswerError, Given, Problem, names, read_given
from surveys.questions.route import on_the_way, route
from surveys.questions.spec import Q, Spec, paged

Way: TypeAlias = Mapping[int, list[Q]]
"""The pages on the way: the number that a page has among all of the version -> the questions that are asked there."""


def way(questions: Sequence[Q], answers: Answers, *, left_out: Collection[str] = ()) -> dict[int, list[Q]]:
    """Return the pages that are shown for these answers (`surveys.questions.route`), by number, in order."""
    numbers = {question.key: number for number, page in enumerate(paged(questions), start=1) for question in page}
    return {numbers[page[0].key]: page for page in route(questions, answers, left_out=left_out)}


def place(pages: Way[Q], answers: Answers, sent: int) -> int:
    """Return the number of the page to go on with after page `sent` (0: none was sent); 0 where all is done.

    That is the page after it, but an earlier one where something that must be answered is not: another tab may have
    led the way elsewhere.
    """
    for number, page in pages.items():
        if number > sent or lacking(page, answers):
            return number
    return 0


def lacking(questions: Sequence[Spec], answers: Answers) -> list[str]:
    """Return the keys of the questions that must be answered and are not."""
    return [
        question.key for question in questions if question.required and question.asks and question.key not in answers
    ]


def before(pages: Way[Q], number: int) -> int:
    """Return the number of the page that comes before one on the way; 0 before the first."""
    return max((earlier for earlier in pages if earlier < number), default=0)


def is_settled(questions: Sequence[Spec], number: int) -> bool:
    """Whether the way from page `number` on is known, because nothing that is answered there or later changes it."""
    rest = [question for page in paged(questions)[number - 1 :] for question in page]
    return not any(question.jumps or question.show_if for question in rest)


def is_last(questions: Sequence[Spec], number: int, left_out: Collection[str]) -> bool:
    """Whether no page can come after page `number`, whatever is answered."""
    later = (question for page in paged(questions)[number:] for question in page)
    return all(question.key in left_out for question in later)


def read_whole(
    questions: Sequence[Spec], given: Given, today: date, *, known: Answers, left_out: Collection[str], partly: bool
) -> Answers:
    """Return the answers that a reply or an interviewer's form gives to all pages at once, without the `known` ones.

    Only what lies on the way counts. Whoever answers what was not drawn for her has answered it. `partly`: nothing need
    be answered. Raises UnknownQuestionError, and AnswerError for what cannot be stored or is missing on the way.
    """
    said = {**known, **read_given(questions, given, today, partly=True)}
    kept_out = {key for key in left_out if key not in said} | known.keys()
    asked = on_the_way(route(questions, said, left_out=kept_out))
    shown = [question for question in questions if question.key in asked]
    if not partly and (missing := lacking(shown, said)):
        raise AnswerError(dict.fromkeys(missing, Problem.MISSING))
    return {question.key: said[question.key] for question in shown if question.key in said}


def of_page(questions: Sequence[Spec], shown: Sequence[Spec], given: Given) -> dict[str, str | list[str]]:
    """Return what a page sent, without what belongs to its questions that are not on the way (any more)."""
    hidden = {name for question in questions if question not in shown for name in names(question)}
    return {name: value for name, value in given.items() if name not in hidden}
