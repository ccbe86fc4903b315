"""When a question is asked, and where its page leads: conditions over what was answered before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from itertools import chain
from typing import Any

from surveys.questions.answers import Answers, Part, Parts

END = "end"
"""Where a jump leads that ends the survey. No question has this key."""


class Operator(StrEnum):
    """How an answer is compared."""

    ANSWERED = "answered"
    NOT_ANSWERED = "not_answered"
    IS = "is"
    IS_NOT = "is_not"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"

    @property
    def takes_value(self) -> bool:
        """Whether it compares with something."""
        return self not in (Operator.ANSWERED, Operator.NOT_ANSWERED)


class ConditionError(ValueError):
    """JSON that is no condition; the text says what was expected."""


@dataclass(frozen=True, slots=True)
class Test:
    """What one answer must be like.

    `part`: the row of a table, or the option of a ranking. `value`: a number (the column of a table, a rank), a day
    (ISO 8601), an option's key or a text; for several of several `is` means that it is among those chosen. Nothing
    answered fails `is`, `at_least` and `at_most` and passes `is_not`.
    """

    question: str
    operator: Operator
    value: str = ""
    part: str = ""

    def holds(self, answers: Answers) -> bool:
        """Whether it holds for what was answered."""
        parts = self._about(answers.get(self.question, {}))
        match self.operator:
            case Operator.ANSWERED:
                return bool(parts)
            case Operator.NOT_ANSWERED:
                return not parts
            case Operator.IS:
                return any(self._is(part) for part in parts)
            case Operator.IS_NOT:
                return not any(self._is(part) for part in parts)
            case Operator.AT_LEAST:
                return any(order >= 0 for part in parts if (order := _order(part, self.value)) is not None)
            case Operator.AT_MOST:
                return any(order <= 0 for part in parts if (order := _order(part, self.value)) is not None)

    def steps(self, last: int, first: int = 1) -> list[int]:
        """Return the columns, ranks or answers that it names: for `is_not` the one that it must not be."""
        value = Decimal(self.value)
        if self.operator in (Operator.IS, Operator.IS_NOT):
            return [int(value)]
        upward = self.operator == Operator.AT_LEAST
        return [step for step in range(first, last + 1) if (step >= value if upward else step <= value)]

    def _about(self, said: Parts) -> list[Part]:
        if not self.part:
            return list(said.values())
        return [said[self.part]] if self.part in said else []

    def _is(self, part: Part) -> bool:
        if part.part and not self.part:
            return part.part == self.value  # what was chosen is told by its key
        if part.text:
            return part.text.casefold() == self.value.casefold()
        return _order(part, self.value) == 0


@dataclass(frozen=True, slots=True)
class Condition:
    """Several tests, of which all or at least one must hold.

    In place of a test may stand a condition of tests only, at least two, which is joined the other way: one of them
    must hold among those that all must, all of them among those of which one must.
    """

    parts: tuple[Test | Condition, ...]
    any: bool = False

    @property
    def tests(self) -> tuple[Test, ...]:
        """Every test in it, in order."""
        return tuple(chain.from_iterable((part,) if isinstance(part, Test) else part.tests for part in self.parts))

    def holds(self, answers: Answers) -> bool:
        """Whether it holds for what was answered."""
        results = (part.holds(answers) for part in self.parts)
        return any(results) if self.any else all(results)

    def changed(self, change: Callable[[Test], Test]) -> Condition:
        """Return the condition with every test changed."""
        parts = (change(part) if isinstance(part, Test) else part.changed(change) for part in self.parts)
        return Condition(tuple(parts), any=self.any)

    def said(self, say: Callable[[Test], str]) -> str:
        """Return it as a sentence, given how a test is said; what stands in place of a test is put in brackets."""
        parts = (say(part) if isinstance(part, Test) else f"({part.said(say)})" for part in self.parts)
        return (" or " if self.any else " and ").join(parts)


@dataclass(frozen=True, slots=True)
class Jump:
    """After the page: go on with the question `to` (or `END`) where the condition holds; without one, always."""

    to: str
    when: Condition | None = None

    def taken(self, answers: Answers) -> bool:
        """Whether it leads away for what was answered."""
        return self.when is None or self.when.holds(answers)


def read_condition(given: object) -> Condition | None:
    """Return the condition that JSON holds: `{"all": [{"question": "score", "is": "at_most", "value": 6}]}`, or `any`.

    In `all` may stand `{"any": [tests]}` in place of a test, and the other way round. None for null. Raises
    ConditionError. Whether its questions exist is for `surveys.questions.checks`.
    """
    if given is None:
        return None
    joined, parts = _joined(given)
    return Condition(tuple(_read_part(part, joined) for part in parts), any=joined == "any")


def write_condition(condition: Condition | None) -> dict[str, Any] | None:
    """Return the condition as JSON: `read_condition` reads the same from it."""
    if condition is None:
        return None
    parts = (_write_test(part) if isinstance(part, Test) else write_condition(part) for part in condition.parts)
    return {"any" if condition.any else "all": list(parts)}


def read_jumps(given: object) -> tuple[Jump, ...]:
    """Return the jumps that JSON holds: `[{"to": "end", "if": condition}]`. Raises ConditionError."""
    if not isinstance(given, list):
        raise ConditionError("Jumps must be a list, such as [{“to”: “end”, “if”: condition}].")
    return tuple(_read_jump(jump) for jump in given)


def write_jumps(jumps: Sequence[Jump]) -> list[dict[str, Any]]:
    """Return the jumps as JSON: `read_jumps` reads the same from it."""
    return [{"to": jump.to} | ({"if": write_condition(jump.when)} if jump.when else {}) for jump in jumps]


def _read_jump(given: object) -> Jump:
    if not isinstance(given, Mapping) or not set(given) <= {"to", "if"} or not isinstance(given.get("to"), str):
        raise ConditionError("A jump must have “to” (the key of a question, or “end”) and may have “if”.")
    return Jump(given["to"], read_condition(given.get("if")))


def _joined(given: object) -> tuple[str, list[object]]:
    if not isinstance(given, Mapping) or len(given) != 1 or next(iter(given)) not in ("all", "any"):
        raise ConditionError("A condition must be {“all”: [tests]} or {“any”: [tests]}.")
    [(joined, parts)] = given.items()
    if not isinstance(parts, list) or not parts:
        raise ConditionError(f"“{joined}” must be a list of at least one test.")
    return joined, parts


def _read_part(given: object, within: str) -> Test | Condition:
    """A test, or several in its place."""
    if not isinstance(given, Mapping) or not {"all", "any"} & set(given):
        return _read_test(given)
    joined, tests = _joined(given)
    if joined == within or len(tests) < 2:
        raise ConditionError(
            f"In “{within}” a test may stand, or at least two in {{“{'all' if within == 'any' else 'any'}”: [tests]}}."
        )
    return Condition(tuple(_read_test(test) for test in tests), any=joined == "any")


def _read_test(given: object) -> Test:
    if not isinstance(given, Mapping) or not set(given) <= {"question", "part", "is", "value"}:
        raise ConditionError("A test must have “question” and “is”, and may have “value” and “part”.")
    question, part, operator = given.get("question"), given.get("part", ""), given.get("is")
    if not isinstance(question, str) or not isinstance(part, str):
        raise ConditionError("“question” and “part” of a test must be keys.")
    if operator not in list(Operator):
        raise ConditionError(f"“is” of a test must be one of: {', '.join(Operator)}.")
    value, operator = given.get("value", ""), Operator(operator)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ConditionError("“value” of a test must be a number or a text.")
    if operator.takes_value != (value != ""):
        raise ConditionError(f"“{operator}” takes {'a' if operator.takes_value else 'no'} value.")
    return Test(question, operator, str(value), part)


def _write_test(test: Test) -> dict[str, Any]:
    optional = {"value": test.value, "part": test.part}
    return {"question": test.question, "is": test.operator.value} | {
        name: value for name, value in optional.items() if value
    }


def _order(part: Part, value: str) -> int | None:
    """-1, 0 or 1 as what was said is below, equal to or above a value; None where the two cannot be compared."""
    try:
        if part.date is not None:
            day = date.fromisoformat(value)
            return (part.date > day) - (part.date < day)
        said = part.amount if part.amount is not None else part.number
        if said is None:
            return None
        number = Decimal(value)
        return None if number.is_nan() else (said > number) - (said < number)
    except (InvalidOperation, ValueError):
        return None
