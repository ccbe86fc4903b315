"""Fates added up: how many reached each step, and how many were lost before the next, by name. Pure."""

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import TypedDict

from analytics.funnel.fates import Fate, Step
from analytics.scores import withheld
from analytics.shares import percent

STEPS = tuple(Step)
Fates = Mapping[Fate, int]
"""Fate -> how many touchpoints have it."""


class FunnelRow(TypedDict):
    """How many reached a step (`loss` is empty), or were lost before it.

    `share` is of all touchpoints, `of_step` of those that reached the step before; in percent. What customers did is
    not told (None) where fewer than 10 of them got a message.
    """

    step: str
    loss: str
    reason: str
    n: int | None
    share: float | None
    of_step: float | None


class SpreadRow(TypedDict):
    """How many touchpoints of a program (by its slug), or of a channel, reached each step; None before there is one."""

    by: str
    value: str
    touchpoint: int | None
    decided: int | None
    drawn: int | None
    planned: int | None
    sent: int | None
    delivered: int | None
    begun: int | None
    finished: int | None
    scored: int | None
    state: str


def funnel(fates: Fates) -> list[FunnelRow]:
    """The steps in their order, each behind what was lost before it: the largest loss first.

    Of every step but the first: it and the losses before it add up to the step before.
    """
    reached = _reached(fates)
    hidden = _hidden({"all": reached})
    rows = [_row(Step.TOUCHPOINT, "", "", reached[Step.TOUCHPOINT], reached)]
    for before, step in pairwise(STEPS):
        lost: Counter[tuple[str, str]] = Counter()
        for fate, n in fates.items():
            if fate.step == before:
                lost[fate.loss, fate.reason] += n
        found = [(*loss, n) for loss, n in sorted(lost.items(), key=lambda item: (-item[1], item[0]))]
        rows += [_row(step, *row, reached) for row in [*found, ("", "", reached[step])]]
    return [_without_numbers(row) if hidden and Step[row["step"].upper()] > Step.DELIVERED else row for row in rows]


def spread(fates: Fates) -> list[SpreadRow]:
    """A row per program, then a row per channel, those with the most planned first.

    Programs add up to the step "decided", channels to "planned": some are hidden beside those too small to be shown.
    """
    by_program: dict[str, Counter[Fate]] = {}
    by_channel: dict[str, Counter[Fate]] = {}
    for fate, n in fates.items():
        if fate.step >= Step.DECIDED:
            by_program.setdefault(fate.program, Counter())[fate] += n
        if fate.step >= Step.PLANNED:
            by_channel.setdefault(fate.channel, Counter())[fate] += n
    return [*_spread("program", by_program, Step.DECIDED), *_spread("asked_by", by_channel, Step.PLANNED)]


def _spread(by: str, groups: Mapping[str, Fates], first: Step) -> list[SpreadRow]:
    reached = {group: _reached(fates) for group, fates in groups.items()}
    hidden = _hidden(reached)
    in_order = sorted(reached, key=lambda group: (-reached[group][Step.PLANNED], group))
    return [_spread_row(by, group, reached[group], first, hidden=group in hidden) for group in in_order]


def _spread_row(by: str, group: str, reached: Mapping[Step, int], first: Step, *, hidden: bool) -> SpreadRow:
    last = Step.DELIVERED if hidden else Step.SCORED
    told = {step: reached[step] if first <= step <= last else None for step in STEPS}
    return SpreadRow(
        by=by,
        value=group,
        touchpoint=told[Step.TOUCHPOINT],
        decided=told[Step.DECIDED],
        drawn=told[Step.DRAWN],
        planned=told[Step.PLANNED],
        sent=told[Step.SENT],
        delivered=told[Step.DELIVERED],
        begun=told[Step.BEGUN],
        finished=told[Step.FINISHED],
        scored=told[Step.SCORED],
        state="withheld" if hidden else "ok",
    )


def _reached(fates: Fates) -> dict[Step, int]:
    return {step: sum(n for fate, n in fates.items() if fate.step >= step) for step in STEPS}


def _hidden(reached: Mapping[str, Mapping[Step, int]]) -> frozenset[str]:
    """The groups of which it is not told what customers did."""
    return withheld(
        {group: (steps[Step.BEGUN], steps[Step.DELIVERED] - steps[Step.BEGUN]) for group, steps in reached.items()}
    )


def _row(step: Step, loss: str, reason: str, n: int, reached: Mapping[Step, int]) -> FunnelRow:
    return FunnelRow(
        step=step.name.lower(),
        loss=loss,
        reason=reason,
        n=n,
        share=_percent(n, reached[Step.TOUCHPOINT]),
        of_step=_percent(n, reached[STEPS[max(0, step - 1)]]),
    )


def _without_numbers(row: FunnelRow) -> FunnelRow:
    return {**row, "n": None, "share": None, "of_step": None}


def _percent(n: int, of: int) -> float | None:
    return percent(n, of) if of else None
