"""What another tool's comparison of an answer means here, by the kind of the question."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from surveys.formats.logic import Formula, beside, both, either, negated
from surveys.formats.parsing import Call, ExpressionError, Literal, Node, Ref
from surveys.questions.conditions import Operator, Test
from surveys.questions.kinds import Kind
from surveys.questions.spec import Spec

YES, NO = frozenset(("true", "yes", "1", "ok")), frozenset(("false", "no", "0"))
LISTED = (Kind.CHOICE, Kind.CHOICES)
TEXTS = (Kind.TEXT, Kind.SHORT_TEXT)


@dataclass(frozen=True, slots=True)
class Target:
    """Whose answer an expression names: a question, or a row of a table (`part`), or a rank (`rank`, from 1).

    `values`: the other tool's values -> the keys of our options.
    """

    spec: Spec
    values: Mapping[str, str] = field(default_factory=dict)
    part: str = ""
    rank: int = 0


Find = Callable[[str], Target | None]
"""From the name of an answer in the other tool to the question that it is about here."""


def find_or_fail(find: Find, name: str) -> Target:
    """Return the question that a name means. Raises ExpressionError where there is none that can be asked about."""
    target = find(name)
    if target is None or not target.spec.asks:
        raise ExpressionError(f"It asks about “{name}”, which is no question that was carried over.")
    return target


def formula(node: Node, find: Find, calls: Mapping[str, Callable[[Call, Find], Formula]]) -> Formula:
    """Return an expression as a formula of tests; `calls`: what the tool's functions mean. Raises ExpressionError."""
    if not isinstance(node, Call):
        raise ExpressionError("It compares nothing.")
    if node.name in ("and", "or"):
        parts = (formula(part, find, calls) for part in node.arguments)
        return both(*parts) if node.name == "and" else either(*parts)
    if node.name == "not" and len(node.arguments) == 1:
        return negated(formula(node.arguments[0], find, calls))
    if node.name in calls:
        return calls[node.name](node, find)
    return comparison(node, find)


_TURNED = {"=": "=", "!=": "!=", ">=": "<=", "<=": ">=", ">": "<", "<": ">"}


def comparison(node: Call, find: Find) -> Formula:
    """Return a comparison of an answer with a value as a formula. Raises ExpressionError."""
    if node.name in ("empty", "notempty") and isinstance(node.arguments[0], Ref):
        return compared(find_or_fail(find, node.arguments[0].name), node.name, ())
    left, right = node.arguments if len(node.arguments) == 2 else (None, None)
    if isinstance(left, Literal) and isinstance(right, Ref) and node.name in _TURNED:
        return compared(find_or_fail(find, right.name), _TURNED[node.name], left.values)
    if not isinstance(left, Ref) or not isinstance(right, Literal):
        raise ExpressionError(f"“{node.name}” has no counterpart here in this form.")
    return compared(find_or_fail(find, left.name), node.name, right.values)


def compared(target: Target, operator: str, values: Sequence[str]) -> Formula:
    """Return a comparison (`=`, `>=`, `contains`, `anyof`, `empty` ...) as a formula. Raises ExpressionError."""
    key, kind = target.spec.key, target.spec.kind
    if operator in ("empty", "notempty") or tuple(values) == ("",):
        answered = operator in ("notempty", "!=")
        part = "" if target.rank else target.part
        return Test(key, Operator.ANSWERED if answered else Operator.NOT_ANSWERED, part=part)
    if operator in ("anyof", "noneof"):
        found = either(*(compared(target, "contains" if kind == Kind.CHOICES else "=", [value]) for value in values))
        return found if operator == "anyof" else negated(found)
    if operator in ("allof", "contains") and kind == Kind.CHOICES:
        return both(*(_is(target, value) for value in values))
    if operator == "notcontains" and kind == Kind.CHOICES:
        return negated(compared(target, "contains", values))
    if len(values) != 1 or operator not in _TURNED or kind == Kind.CHOICES:
        raise ExpressionError(f"“{operator}” has no counterpart here for “{key}”.")
    if operator in ("=", "!="):
        equal = _is(target, values[0])
        return equal if operator == "=" else negated(equal)
    return _ordered(target, operator, values[0])


def _is(target: Target, value: str) -> Formula:
    key, kind = target.spec.key, target.spec.kind
    if target.rank:
        return Test(key, Operator.IS, str(target.rank), _option(target, value))
    if kind == Kind.MATRIX and target.part:
        column = target.spec.details.options.index(_option(target, value)) + 1
        return Test(key, Operator.IS, str(column), target.part)
    if kind in LISTED:
        return Test(key, Operator.IS, _option(target, value))
    if kind in (Kind.MATRIX, Kind.RANKING):
        raise ExpressionError(f"It must name a row or a rank of “{key}”.")
    return Test(key, Operator.IS, value if kind in TEXTS else _plain(target.spec, value))


def _option(target: Target, value: str) -> str:
    key = target.values.get(value, value)
    if key not in target.spec.details.offered:
        raise ExpressionError(f"“{target.spec.key}” has no option “{value}”.")
    return key


def _plain(spec: Spec, value: str) -> str:
    """A number, a day, or yes or no as our tests write it."""
    if spec.kind in (Kind.YES_NO, Kind.CONTACT_WISH):
        if value.casefold() not in YES | NO:
            raise ExpressionError(f"“{value}” is neither yes nor no.")
        return "1" if value.casefold() in YES else "0"
    try:
        if spec.kind == Kind.DATE:
            return date.fromisoformat(value[: len("2026-05-31")]).isoformat()
        return f"{_number(value):f}"
    except (InvalidOperation, ValueError) as error:
        raise ExpressionError(f"“{value}” is no answer to “{spec.key}”.") from error


def _number(value: str) -> Decimal:
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(value)
    return number


def _ordered(target: Target, operator: str, value: str) -> Formula:
    spec = target.spec
    if (spec.scale is None and spec.kind not in (Kind.NUMBER, Kind.DATE)) or spec.kind == Kind.MATRIX or target.rank:
        raise ExpressionError(f"The answers to “{spec.key}” have no order here.")
    bound = _plain(spec, value)
    if spec.scale is not None:  # more than 8.5 is 9 and more
        bound = str((math.ceil if operator in (">=", "<") else math.floor)(Decimal(bound)))
    upward = operator in (">", ">=")
    if operator in (">", "<"):
        bound = beside(bound, spec, 1 if upward else -1)
    return Test(spec.key, Operator.AT_LEAST if upward else Operator.AT_MOST, bound)
