"""What keeps a questionnaire from being published: every mistake in its pages, conditions and jumps, in words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import chain

from surveys.questions.conditions import END, Operator, Test
from surveys.questions.kinds import Kind
from surveys.questions.spec import Spec, paged
from surveys.questions.ways import unreached

ORDERED = (Kind.NUMBER, Kind.DATE, Kind.MATRIX, Kind.RANKING)
"""Kinds without a scale of their own whose answers can be compared by size."""


def problems(questions: Sequence[Spec], modules_asked: int) -> list[str]:
    """Return what is wrong with a questionnaire, one sentence each that names the question; nothing where it is right.

    Words are for `surveys.publishing`; settings are checked as they are read (`surveys.questions.details`).
    """
    if not any(question.asks for question in questions):
        return ["Add at least one question before you publish."]
    pages = {question.key: number for number, page in enumerate(paged(questions)) for question in page}
    found = [*_tests(questions, pages), *_jumps(questions, pages), *_modules(questions, modules_asked)]
    return found or [
        f"“{key}” is never asked: nothing that a customer can answer leads to it. Change its condition or the jumps."
        for key in unreached(questions)
    ]


def misfits(questions: Sequence[Spec], key: str) -> list[str]:
    """Return which tests of the answer to one question, in any condition, no answer to it can meet: a sentence each."""
    about = next(question for question in questions if question.key == key)
    tests = ((question, test) for question in questions for test in (*_shown(question), *_leading(question)))
    found = ((question, _misfit(test, about)) for question, test in tests if test.question == key)
    return [f"“{question.key}”: {problem}" for question, problem in found if problem]


def _tests(questions: Sequence[Spec], pages: Mapping[str, int]) -> Iterator[str]:
    by_key = {question.key: question for question in questions}
    for question in questions:
        own = pages[question.key]
        for test, until in (
            *((test, own - 1) for test in _shown(question)),
            *((test, own) for test in _leading(question)),
        ):
            if problem := _test(test, by_key.get(test.question), pages, until):
                yield f"“{question.key}”: {problem}"


def _shown(question: Spec) -> Iterable[Test]:
    return question.show_if.tests if question.show_if else ()


def _leading(question: Spec) -> Iterable[Test]:
    return chain.from_iterable(jump.when.tests for jump in question.jumps if jump.when)


def _test(test: Test, about: Spec | None, pages: Mapping[str, int], until: int) -> str:
    """What is wrong with a test of an answer that must be given on page `until` or before; empty where it is right."""
    if about is None:
        return f"its condition asks about “{test.question}”, which is no question of this survey."
    if about.asks and pages[about.key] > until:
        return f"its condition needs the answer to “{test.question}” on an earlier page: start a new page between them."
    return _misfit(test, about)


def _misfit(test: Test, about: Spec) -> str:
    """Why no answer to the question can meet a test; empty where one can."""
    if not about.asks:
        return f"its condition asks about “{test.question}”, which is a text without an answer."
    return _value(test, about)


def _value(test: Test, about: Spec) -> str:
    kind, details = about.kind, about.details
    parts = {Kind.MATRIX: details.rows, Kind.RANKING: details.options}.get(kind, ())
    if test.part not in parts and (test.part or (parts and test.operator.takes_value)):
        return (
            f"its condition must name a row of “{about.key}”: {', '.join(parts)}."
            if parts
            else (f"its condition names a row of “{about.key}”, which is no table.")
        )
    if not test.operator.takes_value:
        return ""
    if test.operator in (Operator.AT_LEAST, Operator.AT_MOST) and about.scale is None and kind not in ORDERED:
        return f"the answers to “{about.key}” have no order: use “is” in its condition."
    if details.offered and not parts:
        return "" if test.value in details.offered else f"“{about.key}” has no option “{test.value}”."
    return "" if _fits(about, test.value) else f"“{test.value}” is no answer to “{about.key}”."


def _fits(about: Spec, value: str) -> bool:
    scale = range(1, len(about.details.options) + 1) if about.kind == Kind.RANKING else about.scale
    try:
        if about.kind == Kind.DATE:
            return bool(date.fromisoformat(value))
        if scale is None and about.kind != Kind.NUMBER:
            return True
        number = Decimal(value)
    except (InvalidOperation, ValueError):
        return False
    return number.is_finite() if scale is None else number in scale


def _jumps(questions: Sequence[Spec], pages: Mapping[str, int]) -> Iterator[str]:
    begins = {page[0].key for page in paged(questions)}
    for question in questions:
        for jump in question.jumps:
            if jump.to == END:
                continue
            if jump.to not in pages:
                yield f"“{question.key}” leads to “{jump.to}”, which is no question of this survey."
            elif pages[jump.to] <= pages[question.key]:
                yield f"“{question.key}” leads back to “{jump.to}”: customers can only be led onwards."
            elif jump.to not in begins:
                yield f"“{question.key}” leads to “{jump.to}”, which is in the middle of a page: start a page with it."


def _modules(questions: Sequence[Spec], modules_asked: int) -> Iterator[str]:
    modules = {question.module for question in questions if question.module}
    if modules and not 1 <= modules_asked <= len(modules):
        yield f"Of {len(modules)} rotating modules each customer can be asked 1 to {len(modules)}, not {modules_asked}."
