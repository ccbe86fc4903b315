"""Conditions as formulas with and, or and not: how other tools write them, and what our jumps come to there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain, product
from math import prod
from typing import TypeAlias

from surveys.questions.conditions import END, Condition, Operator, Test
from surveys.questions.kinds import Kind
from surveys.questions.spec import Spec, paged


@dataclass(frozen=True, slots=True)
class Not:
    """Holds where the test does not."""

    test: Test


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds where all of them do; without any it always holds."""

    formulas: tuple[Formula, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds where one of them does; without any it never holds."""

    formulas: tuple[Formula, ...] = ()


Formula: TypeAlias = Test | Not | AllOf | AnyOf
ALWAYS, NEVER = AllOf(), AnyOf()
MOST_TESTS = 200
"""A formula with more is not written: no tool shows it, and jumps over jumps multiply."""
MOST_MULTIPLIED = 30
"""A condition that has more tests once it is multiplied out is none: nobody could read it."""
_CONTRARY = {
    Operator.IS: Operator.IS_NOT,
    Operator.IS_NOT: Operator.IS,
    Operator.ANSWERED: Operator.NOT_ANSWERED,
    Operator.NOT_ANSWERED: Operator.ANSWERED,
}
_POSITIVE = (Operator.ANSWERED, Operator.IS, Operator.AT_LEAST, Operator.AT_MOST)


def both(*formulas: Formula) -> Formula:
    """Return what holds where all of them do, as short as it can be said."""
    parts = tuple(dict.fromkeys(_spread(AllOf, formulas)))
    if NEVER in parts:
        return NEVER
    return parts[0] if len(parts) == 1 else AllOf(parts)


def either(*formulas: Formula) -> Formula:
    """Return what holds where one of them does, as short as it can be said."""
    parts = tuple(dict.fromkeys(_spread(AnyOf, formulas)))
    if ALWAYS in parts:
        return ALWAYS
    return parts[0] if len(parts) == 1 else AnyOf(parts)


def negated(formula: Formula) -> Formula:
    """Return what holds where the formula does not; `Not` stands only before a test that has no contrary."""
    match formula:
        case Test():
            contrary = _CONTRARY.get(formula.operator)
            return replace(formula, operator=contrary) if contrary else Not(formula)
        case Not():
            return formula.test
        case AllOf():
            return either(*(negated(part) for part in formula.formulas))
        case AnyOf():
            return both(*(negated(part) for part in formula.formulas))


def every_test(formula: Formula) -> Iterator[Test]:
    """Yield every test of a formula, also those that stand there again."""
    match formula:
        case Test():
            yield formula
        case Not():
            yield formula.test
        case AllOf() | AnyOf():
            for part in formula.formulas:
                yield from every_test(part)


def of_condition(condition: Condition | None) -> Formula:
    """Return a condition of ours as a formula."""
    if condition is None:
        return ALWAYS
    parts = (part if isinstance(part, Test) else of_condition(part) for part in condition.parts)
    return (either if condition.any else both)(*parts)


def page_formulas(questions: Sequence[Spec]) -> list[Formula]:
    """Return for each page what must hold for it to be on the way, because of the jumps that lead over it.

    Answers to questions that are not on the way count as not given, as in `surveys.questions.route`.
    """
    pages = paged(questions)
    places = {page[0].key: number for number, page in enumerate(pages)} | {END: len(pages)}
    found: list[Formula] = []
    for number in range(len(pages)):
        over = (negated(_leads_over(pages[before], found[before], places, number)) for before in range(number))
        found.append(both(*over))
    return found


def _leads_over(page: Sequence[Spec], reached: Formula, places: Mapping[str, int], number: int) -> Formula:
    """What must hold for the first jump that is taken from the page to lead beyond page `number`."""
    leads: list[Formula] = []
    stays: list[Formula] = []
    for question in page:
        for jump in question.jumps:
            when = of_condition(jump.when)
            taken = when if _tells(when, question.key) else both(reached, of_condition(question.show_if), when)
            if places[jump.to] > number:
                leads.append(both(taken, *(negated(other) for other in stays)))
            else:
                stays.append(taken)
    return either(*leads)


def _tells(formula: Formula, key: str) -> bool:
    """Whether it can only hold where this question was answered, which it is only where it was asked."""
    match formula:
        case Test():
            return formula.question == key and formula.operator in _POSITIVE
        case AllOf():
            return any(_tells(part, key) for part in formula.formulas)
        case AnyOf():
            return bool(formula.formulas) and all(_tells(part, key) for part in formula.formulas)
    return False


def condition_of(formula: Formula, questions: Mapping[str, Spec]) -> Condition | None:
    """Return the formula as a condition of ours; None where it is none, or would be too long a one.

    Where it is nested more deeply than a condition can be, it is multiplied out: one of several must hold, each of
    which are tests that all must. Needs every question that it tests; `ALWAYS` and `NEVER` are no conditions.
    """
    plain = _plain(formula, questions)
    return _condition(plain) or (_condition(_multiplied(plain)) if _size(plain)[1] <= MOST_MULTIPLIED else None)


def _condition(formula: Formula) -> Condition | None:
    """A formula that is a condition as it stands."""
    match formula:
        case Test():
            return Condition((formula,))
        case AllOf() | AnyOf():
            parts = [part if isinstance(part, Test) else _tests_only(part) for part in formula.formulas]
            found = tuple(part for part in parts if part)
            whole = found and len(found) == len(parts)
            return Condition(found, any=isinstance(formula, AnyOf)) if whole else None
    return None


def _tests_only(formula: Formula) -> Condition | None:
    condition = _condition(formula)
    return condition if condition and all(isinstance(part, Test) for part in condition.parts) else None


def _multiplied(formula: Formula) -> Formula:
    """The formula, which has no Not, as one of several ways of which each needs all its tests."""
    ways = _ways(formula)
    return either(*(both(*way) for way in ways if not any(set(other) < set(way) for other in ways)))


def _ways(formula: Formula) -> list[tuple[Test, ...]]:
    match formula:
        case AnyOf():
            return [way for part in formula.formulas for way in _ways(part)]
        case AllOf():
            crossed = product(*(_ways(part) for part in formula.formulas))
            return [tuple(dict.fromkeys(chain.from_iterable(ways))) for ways in crossed]
    return [(test,) for test in every_test(formula)]


def _size(formula: Formula) -> tuple[int, int]:
    """How many ways the formula has once it is multiplied out, and how many tests they have."""
    if not isinstance(formula, AllOf | AnyOf):
        return 1, 1
    sizes = [_size(part) for part in formula.formulas]
    if isinstance(formula, AnyOf):
        return sum(ways for ways, _ in sizes), sum(tests for _, tests in sizes)
    every = prod(ways for ways, _ in sizes)
    return every, sum(tests * every // ways for ways, tests in sizes if ways)


def _plain(formula: Formula, questions: Mapping[str, Spec]) -> Formula:
    """The formula without any Not, and with one test where several say a range."""
    match formula:
        case Test():
            return formula
        case Not():
            return _beyond(formula.test, questions[formula.test.question])
        case AllOf():
            return both(*(_plain(part, questions) for part in formula.formulas))
        case AnyOf():
            return _ranged(either(*(_plain(part, questions) for part in formula.formulas)), questions)


def _ranged(formula: Formula, questions: Mapping[str, Spec]) -> Formula:
    """One test in place of several that name all ranks, columns or steps from one end of a scale on."""
    if not isinstance(formula, AnyOf) or not all(isinstance(part, Test) for part in formula.formulas):
        return formula
    tests = [part for part in formula.formulas if isinstance(part, Test)]
    if len({(test.question, test.operator, test.part) for test in tests}) != 1 or tests[0].operator != Operator.IS:
        return formula
    scale, values = _steps(questions[tests[0].question]), {test.value for test in tests}
    if scale and values == set(scale[-len(values) :]):
        return Test(tests[0].question, Operator.AT_LEAST, scale[-len(values)], tests[0].part)
    if scale and values == set(scale[: len(values)]):
        return Test(tests[0].question, Operator.AT_MOST, scale[len(values) - 1], tests[0].part)
    return formula


def _steps(about: Spec) -> list[str]:
    scale = range(1, len(about.details.options) + 1) if about.kind == Kind.RANKING else about.scale
    return [str(step) for step in scale or ()]


def _beyond(test: Test, about: Spec) -> Formula:
    """The contrary of a bound: beyond it, or not answered where that is possible."""
    below = test.operator == Operator.AT_LEAST
    value = beside(test.value, about, -1 if below else 1)
    other = Test(test.question, Operator.AT_MOST if below else Operator.AT_LEAST, value, test.part)
    if about.required and about.show_if is None and not about.module:
        return other
    return either(other, Test(test.question, Operator.NOT_ANSWERED, part=test.part))


def beside(value: str, about: Spec, direction: int) -> str:
    """Return the next value below (-1) or above (1) that an answer to the question can have."""
    if about.kind == Kind.DATE:
        return (date.fromisoformat(value) + timedelta(days=direction)).isoformat()
    step = Decimal(10) ** -about.details.decimals if about.kind == Kind.NUMBER else Decimal(1)
    return f"{Decimal(value) + direction * step:f}"


def rewritten(formula: Formula, write: Callable[[Test], str], words: Mapping[str, str]) -> str:
    """Return the formula in another language: `words` says how `and`, `or` and `not` are written there."""
    match formula:
        case Test():
            return write(formula)
        case Not():
            return f"{words['not']}({write(formula.test)})"
    parts = [rewritten(part, write, words) for part in formula.formulas]
    nested = (
        f"({text})" if isinstance(part, AllOf | AnyOf) else text
        for part, text in zip(formula.formulas, parts, strict=True)
    )
    return words["and" if isinstance(formula, AllOf) else "or"].join(nested)


def _spread(combined: type[AllOf | AnyOf], formulas: Sequence[Formula]) -> Iterator[Formula]:
    for formula in formulas:
        if isinstance(formula, combined):
            yield from formula.formulas
        else:
            yield formula
