"""The limits of an answer in words: told beside the question, and again where they were not kept."""

from datetime import date
from decimal import Decimal

from django.utils import formats, translation

from surveys.page_words import BOUNDED, Bound, PageWords
from surveys.phrases import phrases
from surveys.questions.details import LARGEST, SHORT_TEXT_LIMIT, text_limit
from surveys.questions.kinds import Kind
from surveys.questions.reading import Problem, bound_day
from surveys.texts import QuestionWords

WRITTEN = (Kind.TEXT, Kind.SHORT_TEXT, Kind.NUMBER, Kind.DATE)


def told(problem: Problem, question: QuestionWords, words: PageWords, today: date) -> str:
    """Return what is wrong with the answer to a question, in words."""
    details = question.details
    if problem == Problem.OUT_OF_RANGE:
        least, most = details.least, details.most
        return _bounds(words, Bound.NUMBERS, -LARGEST if least is None else least, LARGEST if most is None else most)
    if problem == Problem.TOO_MANY and question.kind == Kind.CHOICE:
        return words.bounds[Bound.PICK_SO_MANY].format(most=1)
    if problem in BOUNDED:
        return hint(question, words, today)
    if problem == Problem.MISSING and question.kind in WRITTEN:
        return words.missing_text
    if problem == Problem.NO_NUMBER and not details.decimals:
        return words.whole_number
    limit = text_limit(question.kind, details) if question.kind in (Kind.TEXT, Kind.SHORT_TEXT) else SHORT_TEXT_LIMIT
    return words.problems[problem].format(limit=limit)


def hint(question: QuestionWords, words: PageWords, today: date) -> str:
    """Return the limits of an answer, in words; empty where there are none that a customer could miss."""
    details = question.details
    match question.kind:
        case Kind.RANKING:
            return words.rank_hint
        case Kind.NUMBER:
            return _bounds(words, _which(details.least, details.most, Bound.NUMBERS), details.least, details.most)
        case Kind.CHOICES:
            so_many = details.least is not None and details.least == details.most
            which = Bound.PICK_SO_MANY if so_many else _which(details.least, details.most, Bound.PICKS)
            return _bounds(words, which, details.least, details.most)
        case Kind.DATE:
            earliest, latest = (bound_day(bound, today) for bound in (details.earliest, details.latest))
            least, most = (phrases(words.language).date(day) if day else "" for day in (earliest, latest))
            which = _which(earliest, latest, Bound.DAYS)
            return words.bounds[which].format(least=least, most=most) if which else ""
        case Kind.TEXT | Kind.SHORT_TEXT if details.most is not None:
            return _bounds(words, Bound.CHARACTERS, None, details.most)
    return ""


_ONE_SIDED = {
    Bound.NUMBERS: (Bound.NUMBER_LEAST, Bound.NUMBER_MOST),
    Bound.PICKS: (Bound.PICK_LEAST, Bound.PICK_MOST),
    Bound.DAYS: (Bound.DAY_LEAST, Bound.DAY_MOST),
}


def _which(least: object, most: object, both: Bound) -> Bound | None:
    """The sentence for the bounds that are set."""
    only_least, only_most = _ONE_SIDED[both]
    if least is None:
        return None if most is None else only_most
    return only_least if most is None else both


def _bounds(words: PageWords, which: Bound | None, least: Decimal | None, most: Decimal | None) -> str:
    if which is None:
        return ""
    with translation.override(words.language):
        told = [
            "" if bound is None else formats.number_format(bound.normalize() + 0, use_l10n=True, force_grouping=True)
            for bound in (least, most)
        ]
    return words.bounds[which].format(least=told[0], most=told[1])
