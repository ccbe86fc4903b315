"""Questions found in another tool's file, put together: their conditions and jumps, and the pages those need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from surveys.formats.document import Item, Note
from surveys.formats.logic import ALWAYS, Formula, both, condition_of
from surveys.formats.parsing import ExpressionError
from surveys.questions.conditions import END, Condition, Jump, Test
from surveys.questions.spec import Spec

Read = Callable[[str], Formula]
"""An expression of the other tool as a formula; raises ExpressionError."""


@dataclass(frozen=True, slots=True)
class Found:
    """A question as it was found: where, what it is, and the expressions that must all hold for it to be asked."""

    place: str
    item: Item
    shown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lead:
    """A jump as it was found: where, on which expression, and to which question (its key, or `END`)."""

    place: str
    expression: str
    to: str


def assembled(found: Sequence[Found], leads: Sequence[Lead], read: Read, notes: list[Note]) -> tuple[Item, ...]:
    """Return the questions with their conditions and jumps; what cannot be carried over is added to the notes."""
    order = {one.item.spec.key: number for number, one in enumerate(found)}
    specs = {one.item.spec.key: one.item.spec for one in found}
    jumps: dict[str, list[Jump]] = {key: [] for key in order}
    for lead in leads:
        for condition in _conditions(lead, read, specs, notes):
            at = max((test.question for test in condition.tests), key=order.__getitem__)
            if lead.to != END and order[lead.to] <= order[at]:
                notes.append(Note(lead.place, f"jump to “{lead.to}”", "Customers can only be led onwards."))
            else:
                jumps[at].append(Jump(lead.to, condition))
    goals = {jump.to for led in jumps.values() for jump in led}
    pages: dict[str, int] = {}
    items = list[Item]()
    for one in found:
        show_if = _shown(one, read, specs, pages, notes)
        page = max(pages.values(), default=0)
        starts = one.item.spec.starts_page or one.item.spec.key in goals
        if not starts and show_if and any(pages[test.question] == page for test in show_if.tests):
            starts = True
            notes.append(Note(one.place, "begins a page of its own", "What it depends on must be answered before."))
        pages[one.item.spec.key] = page + 1 if starts else page
        spec = replace(one.item.spec, starts_page=starts, show_if=show_if, jumps=tuple(jumps[one.item.spec.key]))
        items.append(replace(one.item, spec=spec))
    return tuple(items)


def _conditions(lead: Lead, read: Read, specs: Mapping[str, Spec], notes: list[Note]) -> list[Condition]:
    """The conditions of a jump, one for each question where one of several must hold."""
    condition = _condition(lead.place, (lead.expression,), read, specs, notes, "The jump is left out")
    if condition is None:
        return []
    if condition.any and len({test.question for test in condition.tests}) > 1:
        return [Condition((part,)) if isinstance(part, Test) else part for part in condition.parts]
    return [condition]


def _shown(
    one: Found, read: Read, specs: Mapping[str, Spec], pages: Mapping[str, int], notes: list[Note]
) -> Condition | None:
    condition = _condition(one.place, one.shown, read, specs, notes, "It is always asked")
    if condition and (later := [test.question for test in condition.tests if test.question not in pages]):
        why = f"It needs the answer to “{later[0]}”, which is not asked before it. It is always asked."
        notes.append(Note(one.place, f"condition {_said(one.shown)}", why))
        return None
    return condition


def _condition(
    place: str, expressions: Sequence[str], read: Read, specs: Mapping[str, Spec], notes: list[Note], instead: str
) -> Condition | None:
    """Several expressions as one condition, or None with a note where there is no such one."""
    try:
        formula = both(*(read(expression) for expression in expressions))
        if formula == ALWAYS:
            return None
        condition = condition_of(formula, specs)
    except ExpressionError as error:
        notes.append(Note(place, f"condition {_said(expressions)}", f"{error} {instead}."))
        return None
    if condition is None:
        why = f"It cannot be said in a few tests, of which all or one must hold. {instead}: write it anew."
        notes.append(Note(place, f"condition {_said(expressions)}", why))
    return condition


def _said(expressions: Sequence[str]) -> str:
    return " and ".join(f"“{expression[:200]}”" for expression in expressions)
