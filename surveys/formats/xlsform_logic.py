"""XLSForm's expressions (XPath): `relevant` as formulas of our tests, `constraint` as limits of an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from surveys.formats.comparing import Find, Target, compared, comparison, find_or_fail, formula
from surveys.formats.logic import ALWAYS, NEVER, Formula, negated
from surveys.formats.parsing import XPATH, Call, ExpressionError, Literal, Node, Ref, parse
from surveys.questions.details import NONE, TODAY
from surveys.questions.kinds import Kind

_MORE_THAN_NONE = {(">", "0"), (">=", "1"), ("!=", "0")}


def relevant(expression: str, find: Find) -> Formula:
    """Return what `relevant` says. Raises ExpressionError."""
    return formula(parse(expression, XPATH), find, _CALLS)


def _selected(call: Call, find: Find) -> Formula:
    target, value = _target_and_value(call, find)
    return compared(target, "contains" if target.spec.kind == Kind.CHOICES else "=", [value])


def _target_and_value(call: Call, find: Find) -> tuple[Target, str]:
    match call.arguments:
        case (Ref() as ref, Literal() as literal):
            return find_or_fail(find, ref.name), literal.values[0]
    raise ExpressionError(f"“{call.name}” has no counterpart here in this form.")


def _compared(call: Call, find: Find) -> Formula:
    """A comparison, also of what a function makes of an answer."""
    left, right = (_plain(argument) for argument in call.arguments)
    match left, right:
        case Call("selected-at", (Ref() as ref, Literal() as place)), Literal():
            target = find_or_fail(find, ref.name)
            return compared(replace(target, rank=_whole(place) + 1), call.name, right.values)
        case Call("count-selected" | "string-length", (Ref() as ref,)), Literal():
            return _counted(find_or_fail(find, ref.name), (call.name, right.values[0]))
        case Call("selected", _), Literal():
            return _selected_is(left, call.name, right.values[0], find)
    return comparison(Call(call.name, (left, right)), find)


def _selected_is(left: Node, sign: str, value: str, find: Find) -> Formula:
    """The old way to write it: `selected(${q}, 'a') = true()`."""
    if not isinstance(left, Call) or sign != "=" or value not in ("true", "false"):
        raise ExpressionError("“selected” has no counterpart here in this form.")
    held = _selected(left, find)
    return held if value == "true" else negated(held)


def _counted(target: Target, against: tuple[str, str]) -> Formula:
    if against in _MORE_THAN_NONE:
        return compared(target, "notempty", ())
    if against in {("=", "0"), ("<", "1"), ("<=", "0")}:
        return compared(target, "empty", ())
    raise ExpressionError("How much was answered cannot be counted here.")


def _whole(literal: Literal) -> int:
    if not literal.values[0].isdigit():
        raise ExpressionError(f"“{literal.values[0]}” is no place.")
    return int(literal.values[0])


def _plain(node: Node) -> Node:
    """A day or a truth as the text that it is."""
    match node:
        case Call("date", (Literal() as day,)):
            return day
        case Call("true" | "false", ()):
            return Literal((node.name,))
    return node


_CALLS: Mapping[str, Callable[[Call, Find], Formula]] = {
    **dict.fromkeys(("=", "!=", ">=", "<=", ">", "<"), _compared),
    "selected": _selected,
    "true": lambda _, __: ALWAYS,
    "false": lambda _, __: NEVER,
}


def limits(constraint: str) -> dict[str, Any]:
    """Return the settings (`surveys.questions.details`) that a constraint comes to. Raises ExpressionError."""
    found: dict[str, Any] = {}
    for part in _anded(parse(constraint, XPATH)):
        found |= _limit(part)
    return found


def _anded(node: Node) -> Iterator[Node]:
    if isinstance(node, Call) and node.name == "and":
        for part in node.arguments:
            yield from _anded(part)
    else:
        yield node


def _limit(node: Node) -> dict[str, Any]:
    match node:
        case Call(">=" | "<=" as sign, (Ref("."), Call("today", ()))):
            return {"earliest" if sign == ">=" else "latest": TODAY}
        case Call(">=" | "<=" as sign, (Ref("."), Call("date", (Literal((day,)),)))):
            return {"earliest" if sign == ">=" else "latest": day}
        case Call(
            ">=" | "<=" as sign, (Ref(".") | Call("string-length" | "count-selected", (Ref("."),)), Literal((bound,)))
        ):
            return {"least" if sign == ">=" else "most": bound}
        case Call("=", (Ref("."), Call("round", (Ref("."), Literal((places,)))))) if places.isdigit():
            return {"decimals": int(places)}
        case Call("or", (bounds, Call("selected", (Ref("."), Literal((option,)))))) if option == NONE:
            return {name: bound for part in _anded(bounds) for name, bound in _limit(part).items()}
    if node == _ALONE:
        return {}
    raise ExpressionError("Only limits of numbers, days, lengths and of how many are chosen have a counterpart here.")


#: That "none of these" is not chosen together with others, which goes without saying here.
ALONE = f"not(selected(., '{NONE}') and count-selected(.) > 1)"
_ALONE = parse(ALONE, XPATH)
