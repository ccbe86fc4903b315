"""What a form sent, read as parts of answers: exactly what is offered, and everything else with the problem."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeAlias

from surveys.questions.answers import Answers, Part, Parts
from surveys.questions.details import LARGEST, NONE, OTHER, SHORT_TEXT_LIMIT, TODAY, text_limit
from surveys.questions.kinds import Kind
from surveys.questions.spec import Spec

Given: TypeAlias = Mapping[str, str | list[str]]
"""Name of a form's field -> what was sent for it, one value or several.

A field is named by its question's key; the text beside `other` `<key>.other`, the row of a table and the option of a
ranking `<key>.<row or option>`. No key holds a dot.
"""
#: Controls that no keyboard makes and PostgreSQL partly refuses, NUL among them.
CONTROLS = {code: None for code in range(32) if chr(code) not in "\t\n"}
NUMBER_LENGTH = 14


class Problem(StrEnum):
    """What is wrong with an answer."""

    MISSING = "missing"
    NO_CHOICE = "no_choice"
    TOO_LONG = "too_long"
    TOO_FEW = "too_few"
    TOO_MANY = "too_many"
    ONE_OR_NONE = "one_or_none"
    WHICH_OTHER = "which_other"
    NOT_EVERY_ROW = "not_every_row"
    RANKS = "ranks"
    NO_NUMBER = "no_number"
    OUT_OF_RANGE = "out_of_range"
    NO_DATE = "no_date"
    WRONG_DATE = "wrong_date"


class UnknownQuestionError(ValueError):
    """An answer to a question that the version does not ask: no form of ours sent it."""


class AnswerError(ValueError):
    """Answers that cannot be stored: the problem by question key. Nothing was stored."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        super().__init__(", ".join(f"{key}: {problem}" for key, problem in problems.items()))
        self.problems = dict(problems)


def names(question: Spec) -> list[str]:
    """Return the names of the form's fields in which the question is answered."""
    key, details = question.key, question.details
    match question.kind:
        case Kind.STATEMENT:
            return []
        case Kind.MATRIX:
            return [f"{key}.{row}" for row in details.rows]
        case Kind.RANKING:
            return [f"{key}.{option}" for option in details.options]
    return [key, *([f"{key}.{OTHER}"] if details.other else ())]


def read_given(questions: Sequence[Spec], given: Given, today: date, *, partly: bool = False) -> Answers:
    """Return the answers to these questions; what was left empty is left out.

    `today`: the day on which they were given, in the customer's zone. `partly`: nothing need be answered. Raises
    UnknownQuestionError for a field that none of them has, and AnswerError for answers that cannot be stored.
    """
    if strange := given.keys() - {name for question in questions for name in names(question)}:
        raise UnknownQuestionError(f"This survey does not ask: {', '.join(sorted(name[:80] for name in strange))}.")
    answers: dict[str, Parts] = {}
    problems: dict[str, Problem] = {}
    for question in questions:
        parts = read_one(question, given, today)
        if isinstance(parts, Problem):
            problems[question.key] = parts
        elif parts:
            answers[question.key] = {part.part: part for part in parts}
        elif question.required and question.asks and not partly:
            problems[question.key] = Problem.MISSING
    if problems:
        raise AnswerError(problems)
    return answers


def read_one(question: Spec, given: Given, today: date) -> list[Part] | Problem:
    """Return what was said in answer to one question, nothing where it was left empty, or what is wrong with it."""
    if question.kind == Kind.DATE:
        return _date(question, given, today)
    return _READERS[question.kind](question, given) if question.asks else []


def as_given(question: Spec, parts: Parts) -> dict[str, list[str]]:
    """Return the answer as its form sends it: `read_one` reads the same from it."""
    key, form = question.key, dict[str, list[str]]()
    for part in parts.values():
        if question.kind in (Kind.MATRIX, Kind.RANKING):
            form[f"{key}.{part.part}"] = [str(part.number)]
        elif part.part:
            form.setdefault(key, []).append(part.part)
            if part.text:
                form[f"{key}.{OTHER}"] = [part.text]
        else:
            said = (part.number, part.amount, part.date)
            form[key] = [next((_plain(value) for value in said if value is not None), part.text)]
    return form


def _plain(value: int | Decimal | date) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _sent(given: Given, name: str) -> list[str]:
    sent = given.get(name, [])
    return [value for value in ([sent] if isinstance(sent, str) else sent) if value]


def _only(given: Given, name: str) -> str:
    """The one value of a field; two values are none that a form of ours sends."""
    values = _sent(given, name)
    return values[0] if len(values) == 1 else "\0" if values else ""


def _words(given: Given, name: str) -> str:
    return _only(given, name).replace("\r\n", "\n").translate(CONTROLS).strip()


def _scale(question: Spec, given: Given) -> list[Part] | Problem:
    text = _only(given, question.key)
    if not text:
        return []
    number = _offered(question.scale or range(0), text)
    return Problem.NO_CHOICE if number is None else [Part(number=number)]


def _offered(scale: range, text: str) -> int | None:
    """The number of a scale that is written so; int() would also take "+9", "1_0" and the digits of other scripts."""
    return next((number for number in scale if str(number) == text), None)


def _choices(question: Spec, given: Given) -> list[Part] | Problem:
    key, details = question.key, question.details
    chosen, words = _sent(given, key), _words(given, f"{key}.{OTHER}") if details.other else ""
    if words and OTHER not in chosen:
        chosen.append(OTHER)  # who writes what else it is need not tick that it is something else
    if not chosen:
        return []
    if len(set(chosen)) < len(chosen) or not set(chosen) <= set(details.offered):
        return Problem.NO_CHOICE
    if problem := _too(question, chosen):
        return problem
    if len(words) > SHORT_TEXT_LIMIT:
        return Problem.TOO_LONG
    if OTHER in chosen and not words:
        return Problem.WHICH_OTHER
    return [Part(option, 1, text=words if option == OTHER else "") for option in details.offered if option in chosen]


def _too(question: Spec, chosen: Sequence[str]) -> Problem | None:
    """What is wrong with how many options were chosen."""
    details = question.details
    if question.kind == Kind.CHOICE:
        return Problem.TOO_MANY if len(chosen) > 1 else None
    if NONE in chosen:
        return Problem.ONE_OR_NONE if len(chosen) > 1 else None
    if details.most is not None and len(chosen) > details.most:
        return Problem.TOO_MANY
    return Problem.TOO_FEW if details.least is not None and len(chosen) < details.least else None


def _matrix(question: Spec, given: Given) -> list[Part] | Problem:
    rows = {row: _only(given, f"{question.key}.{row}") for row in question.details.rows}
    filled = {row: _offered(question.scale or range(0), text) for row, text in rows.items() if text}
    if None in filled.values():
        return Problem.NO_CHOICE
    if filled and question.required and len(filled) < len(rows):
        return Problem.NOT_EVERY_ROW
    return [Part(row, number) for row, number in filled.items()]


def _ranking(question: Spec, given: Given) -> list[Part] | Problem:
    options = question.details.options
    ranks = {option: _only(given, f"{question.key}.{option}") for option in options}
    filled = {option: _offered(range(1, len(options) + 1), text) for option, text in ranks.items() if text}
    if not filled:
        return []
    if set(filled.values()) != set(range(1, len(options) + 1)) or len(filled) < len(options):
        return Problem.RANKS
    return [Part(option, rank) for option, rank in filled.items()]


def _text(question: Spec, given: Given) -> list[Part] | Problem:
    text = _words(given, question.key)
    if question.kind == Kind.SHORT_TEXT:
        text = " ".join(text.split())
    if not text:
        return []
    return [Part(text=text)] if len(text) <= text_limit(question.kind, question.details) else Problem.TOO_LONG


def _number(question: Spec, given: Given) -> list[Part] | Problem:
    text, details = _only(given, question.key).strip().replace(",", "."), question.details
    if not text:
        return []
    try:
        plain = text.isascii() and set(text) <= set("0123456789.-") and len(text) <= NUMBER_LENGTH
        number = Decimal(text) if plain else None
    except InvalidOperation:
        number = None
    if number is None or round(number, details.decimals) != number:
        return Problem.NO_NUMBER
    least, most = details.least, details.most
    within = (-LARGEST if least is None else least) <= number <= (LARGEST if most is None else most)
    return [Part(amount=number)] if within else Problem.OUT_OF_RANGE


def _date(question: Spec, given: Given, today: date) -> list[Part] | Problem:
    text = _only(given, question.key).strip()
    if not text:
        return []
    try:
        day = date.fromisoformat(text) if len(text) == len("2026-05-31") and text.isascii() else None
    except ValueError:
        day = None
    if day is None:
        return Problem.NO_DATE
    earliest, latest = (bound_day(bound, today) for bound in (question.details.earliest, question.details.latest))
    early, late = earliest is not None and day < earliest, latest is not None and day > latest
    return Problem.WRONG_DATE if early or late else [Part(date=day)]


def bound_day(bound: str, today: date) -> date | None:
    """Return the day that a date's bound means on the day `today`; None where there is none."""
    return (today if bound == TODAY else date.fromisoformat(bound)) if bound else None


_READERS: dict[Kind, Callable[[Spec, Given], list[Part] | Problem]] = {
    **dict.fromkeys((Kind.NPS, Kind.CSAT, Kind.CES, Kind.STARS, Kind.YES_NO, Kind.CONTACT_WISH), _scale),
    **dict.fromkeys((Kind.CHOICE, Kind.CHOICES), _choices),
    Kind.MATRIX: _matrix,
    Kind.RANKING: _ranking,
    **dict.fromkeys((Kind.TEXT, Kind.SHORT_TEXT), _text),
    Kind.NUMBER: _number,
}
