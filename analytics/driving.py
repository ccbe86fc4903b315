"""What moves the score, for each kind of experience, as readers may see it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypedDict

import pandas as pd

from analytics.drivers import Exposed, Shares, against_weights, by_exposure
from analytics.drivers.experienced import Pattern, patterns
from analytics.drivers.exposure import NEEDED
from analytics.estimates import Estimate
from contacts.names import in_words

NOTHING_DIFFERS = "nothing that is known of these experiences differs between them"
COMPARED_FROM = 2
"""Weighted drivers that a comparison of weights needs."""


class PatternRow(TypedDict):
    """Answers about the same kind of experience (`value`), of which the same was measured or rated (`known`).

    `missing`: how many more are needed; `why` says why nothing is told. `r2`: the percent of the differences between
    scores that the drivers explain, with its 95% interval.
    """

    value: str
    known: list[str]
    n: int
    customers: int
    missing: int
    r2: float | None
    low: float | None
    high: float | None
    why: str


class DriverRow(TypedDict):
    """A driver in its pattern: `share` of the differences between scores that it explains, in percent, and its effect.

    `points`: NPS points for having it instead of `against`; where that is empty for one more of it, or for the best
    instead of the worst rating (`rated`); None where there is no such effect. `tied`: the drivers of which nobody can
    tell whether they explain more.
    """

    pattern: str
    known: list[str]
    value: str
    against: str
    rated: bool
    n: int
    share: float
    low: float
    high: float
    tied: list[str]
    points: float | None
    points_low: float | None
    points_high: float | None


class WeightRow(TypedDict):
    """A driver's importance to customers and the weight that the organisation gives it, in percent of those weighed.

    `low`, `high`: of the importance; `gap`: importance less weight, in percentage points.
    """

    pattern: str
    known: list[str]
    value: str
    importance: float
    low: float
    high: float
    weight: float
    gap: float
    gap_low: float
    gap_high: float
    finding: str


class OrderRow(TypedDict):
    """Spearman's correlation of both orders in a pattern; None where `why` says what it takes."""

    value: str
    known: list[str]
    estimate: float | None
    low: float | None
    high: float | None
    why: str


Numbers = dict[str, list[Any]]


def driver_rows(experiences: pd.DataFrame, ratings: pd.DataFrame, weights: Mapping[str, float]) -> Numbers:
    """Return the tables of the report: driver_patterns, drivers, driver_weights, driver_orders.

    The frames are those of `analytics.frames`; `weights`: driver -> what the organisation gives it.
    """
    found: Numbers = {"driver_patterns": [], "drivers": [], "driver_weights": [], "driver_orders": []}
    for pattern in patterns(experiences, ratings):
        if len(pattern.aspects.columns) == 1:
            found["driver_patterns"].append(_refused(pattern, NOTHING_DIFFERS))
            continue
        [exposed] = by_exposure(pattern.aspects, pattern.score)
        if exposed.shares is None:
            found["driver_patterns"].append(_refused(pattern, exposed.why))
            continue
        found["driver_patterns"].append(_told(pattern, exposed.shares))
        found["drivers"] += _drivers(pattern, exposed, exposed.shares)
        rows, order = _against(pattern, exposed.shares, weights)
        found["driver_weights"] += rows
        found["driver_orders"].append(order)
    return found


def _refused(pattern: Pattern, why: str) -> PatternRow:
    answers = len(pattern.score)
    return PatternRow(
        value=pattern.kind,
        known=list(pattern.known),
        n=answers,
        customers=int(pattern.aspects["customer"].nunique()),
        missing=max(0, NEEDED - answers),
        r2=None,
        low=None,
        high=None,
        why=why,
    )


def _told(pattern: Pattern, shares: Shares) -> PatternRow:
    r2, low, high = _percents(shares.r2)
    return PatternRow(
        value=pattern.kind,
        known=list(pattern.known),
        n=shares.answers,
        customers=shares.customers,
        missing=0,
        r2=r2,
        low=low,
        high=high,
        why="",
    )


def _drivers(pattern: Pattern, exposed: Exposed, shares: Shares) -> list[DriverRow]:
    points = exposed.effects.points if exposed.effects else None
    rows = []
    for driver in map(str, shares.shares.index):
        effect = [round(bound, 1) for bound in points[driver]] if points else [None] * 3
        share, low, high = _percents(Estimate(shares.shares[driver], shares.low[driver], shares.high[driver]))
        rows.append(
            DriverRow(
                pattern=pattern.kind,
                known=list(pattern.known),
                value=driver,
                against=pattern.against.get(driver, ""),
                rated=driver in pattern.rated,
                n=shares.answers,
                share=share,
                low=low,
                high=high,
                tied=list(map(str, shares.tied[driver])),
                points=effect[0],
                points_low=effect[1],
                points_high=effect[2],
            )
        )
    return rows


def _against(pattern: Pattern, shares: Shares, weights: Mapping[str, float]) -> tuple[list[WeightRow], OrderRow]:
    """Compare those drivers that have a weight, in percent of their sum."""
    weighed = [driver for driver in shares.shares.index if driver in weights]
    without = ", ".join(in_words(str(driver)) for driver in shares.shares.index if driver not in weights)
    if len(weighed) < COMPARED_FROM or not any(weights[driver] for driver in weighed):
        return [], _no_order(pattern, f"give weights to: {without}" if without else "one weight alone is in no order")
    theirs = replace(shares, shares=shares.shares[weighed], draws=shares.draws[weighed])
    found = against_weights(theirs, {driver: weights[driver] for driver in weighed})
    rows = [
        WeightRow(
            pattern=pattern.kind,
            known=list(pattern.known),
            value=driver,
            importance=round(gap.importance, 1),
            low=round(gap.weight + gap.gap.low, 1),
            high=round(gap.weight + gap.gap.high, 1),
            weight=round(gap.weight, 1),
            gap=round(gap.gap.estimate, 1),
            gap_low=round(gap.gap.low, 1),
            gap_high=round(gap.gap.high, 1),
            finding=gap.finding,
        )
        for driver, gap in found.gaps.items()
    ]
    if found.rank_correlation is None:
        return rows, _no_order(pattern, "an order needs three weights that differ")
    estimate, low, high = (round(bound, 2) for bound in found.rank_correlation)
    why = f"without a weight: {without}" if without else ""
    return rows, OrderRow(value=pattern.kind, known=list(pattern.known), estimate=estimate, low=low, high=high, why=why)


def _no_order(pattern: Pattern, why: str) -> OrderRow:
    return OrderRow(value=pattern.kind, known=list(pattern.known), estimate=None, low=None, high=None, why=why)


def _percents(estimate: Estimate) -> tuple[float, float, float]:
    value, low, high = (round(100 * float(bound), 1) for bound in estimate)
    return value, low, high
