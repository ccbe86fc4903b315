"""Silence after touchpoints that went wrong, against those of the same kind that did not: a fourfold table each.

Every touchpoint counts whose horizon has been observed in full. An association: the customers differ in other ways
too, and who is about to leave may also have more problems.
"""

import math
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from analytics.churn.losses import silence_after
from analytics.churn.table import Real
from analytics.estimates import of_influence

LARGEST = 1e4
"""Bounds of odds beyond it say nothing and are cut off."""


class OddsAfter(NamedTuple):
    """Touchpoints of a kind: `problem_n` went wrong, after `problem_lost` of which silence followed; `fine`: the rest.

    `odds`, `low`, `high`: the odds of silence after a problem as a multiple of those after none, with the 95% interval
    clustered on the customer (delta method on the logarithm); None where silence followed always or never on a side.
    """

    kind: str
    problem_n: int
    problem_lost: int
    fine_n: int
    fine_lost: int
    odds: float | None
    low: float | None
    high: float | None


def odds_after_problems(
    touchpoints: pd.DataFrame, purchases: pd.DataFrame, *, observed_until: datetime, horizon: timedelta
) -> list[OddsAfter]:
    """A row per kind with a problem, in alphabetical order.

    `touchpoints`: customer, kind, problem (bool), at. `purchases`: customer, at. A purchase ends the silence when it
    comes after the touchpoint and at most `horizon` later; `observed_until` is when the records of purchases end.
    """
    after = silence_after(touchpoints, purchases, observed_until=observed_until, horizon=horizon)
    rows = [_odds(str(kind), rows) for kind, rows in after.groupby("kind", observed=True)]
    return [row for row in rows if row.problem_n]


def _odds(kind: str, rows: pd.DataFrame) -> OddsAfter:
    problem, lost = rows["problem"].to_numpy(bool), rows["lost"].to_numpy(bool)
    sides = [(int(side.sum()), int(lost[side].sum())) for side in (problem, ~problem)]
    counts = (*sides[0], *sides[1])
    if any(not 0 < count < n for n, count in sides):
        return OddsAfter(kind, *counts, None, None, None)
    influence, log_odds = np.zeros(len(rows)), 0.0
    for sign, side in ((1, problem), (-1, ~problem)):
        share = float(lost[side].mean())
        log_odds += sign * math.log(share / (1 - share))
        influence[side] = sign * (lost[side] - share) / (share * (1 - share) * side.mean())
    return OddsAfter(kind, *counts, *_bounds(log_odds, influence, rows["customer"]))


def _bounds(log_odds: float, influence: Real, customer: "pd.Series[int]") -> tuple[float, float, float]:
    people = np.asarray(pd.factorize(customer)[0], dtype=np.intp)
    odds, low, high = map(math.exp, of_influence(log_odds, influence, people, limit=math.log(LARGEST)))
    return odds, low, high
