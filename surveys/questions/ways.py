"""Every way through a questionnaire that its conditions can tell apart, and whether each question lies on one."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain

from surveys.questions.answers import Answers, Part, Parts
from surveys.questions.conditions import Test
from surveys.questions.details import NONE
from surveys.questions.kinds import Kind
from surveys.questions.route import on_the_way, route
from surveys.questions.spec import Spec

MOST_WAYS = 20_000
"""So many ways are looked at; a questionnaire with more is taken to be right in what was not seen."""


def unreached(questions: Sequence[Spec]) -> list[str]:
    """Return the keys of the questions that no customer can come to, in order.

    A module's questions are looked at as if every module were drawn.
    """
    missing = {question.key: None for question in questions}
    for number, pages in enumerate(_ways(questions)):
        for key in on_the_way(pages):
            missing.pop(key, None)
        if not missing or number == MOST_WAYS:
            return [] if number == MOST_WAYS else list(missing)
    return list(missing)


def _ways(questions: Sequence[Spec]) -> Iterator[list[list[Spec]]]:
    """The pages for all answers that some condition tells apart, each answered only where its question is asked."""
    tests = _tests_by_question(questions)
    waiting: list[Mapping[str, Parts | None]] = [{}]
    while waiting:
        assumed = waiting.pop()
        answers: Answers = {key: parts for key, parts in assumed.items() if parts}
        pages = route(questions, answers)
        asked = chain.from_iterable(pages)
        open_one = next((one for one in asked if one.key in tests and one.key not in assumed), None)
        if open_one is None:
            yield pages
        else:
            waiting += [{**assumed, open_one.key: parts} for parts in _samples(open_one, tests[open_one.key])]


def _tests_by_question(questions: Sequence[Spec]) -> dict[str, list[Test]]:
    found: dict[str, list[Test]] = {}
    for question in questions:
        conditions = [question.show_if, *(jump.when for jump in question.jumps)]
        for test in chain.from_iterable(condition.tests for condition in conditions if condition):
            found.setdefault(test.question, []).append(test)
    return found


def _samples(question: Spec, tests: Sequence[Test]) -> list[Parts | None]:
    """Answers that the tests tell apart: at, just below and just above every value, and none where that is allowed."""
    none: list[Parts | None] = [] if question.required else [None]
    values = [test.value for test in tests if test.value]
    if question.kind in (Kind.MATRIX, Kind.RANKING):
        samples = _tables(question, tests)
    elif question.details.offered:
        samples = _chosen(question, values)
    else:
        samples = [{"": part} for part in _said(question, values)]
    return [*none, *samples]


def _said(question: Spec, values: Sequence[str]) -> list[Part]:
    if question.scale:
        numbers = {int(Decimal(value)) + step for value in values for step in (-1, 0, 1)}
        return [Part(number=number) for number in question.scale if number in numbers] or [
            Part(number=question.scale[0])
        ]
    match question.kind:
        case Kind.NUMBER:
            step, own = Decimal(10) ** -question.details.decimals, [Decimal(value) for value in values]
            around = {value + sign * step for value in own for sign in (-1, 0, 1)} or {Decimal(0)}
            least, most = question.details.least, question.details.most
            return [
                Part(amount=value)
                for value in sorted(around)
                if (least is None or value >= least) and (most is None or value <= most)
            ]
        case Kind.DATE:
            days = [date.fromisoformat(value) for value in values] or [date(2000, 1, 1)]
            return [Part(date=day + timedelta(days=step)) for day in days for step in (-1, 0, 1)]
    return [Part(text=value) for value in (*values, "\0")]


def _chosen(question: Spec, values: Sequence[str]) -> list[Parts | None]:
    """Each option that is asked about, one that is not, and for several of several all that are asked about."""
    offered = question.details.offered
    others = [key for key in offered if key not in values][:1]
    single: list[Parts | None] = [{key: Part(key, 1)} for key in (*dict.fromkeys(values), *others)]
    together = [key for key in dict.fromkeys(values) if key != NONE]
    most = question.details.most
    if question.kind == Kind.CHOICES and len(together) > 1 and (most is None or len(together) <= most):
        single.append({key: Part(key, 1) for key in together})
    return single


def _tables(question: Spec, tests: Sequence[Test]) -> list[Parts | None]:
    """All rows answered alike, at every column (or rank); those that a test names also apart from the rest."""
    columns = range(1, len(question.details.options) + 1)
    parts = question.details.rows or question.details.options
    alike: list[Parts | None] = [{part: Part(part, column) for part in parts} for column in columns]
    named = dict.fromkeys(test.part for test in tests if test.part)
    apart: list[Parts | None] = [
        {part: Part(part, column if part == one else other) for part in parts}
        for one in named
        for column in columns
        for other in columns
    ]
    return [*alike, *apart]
