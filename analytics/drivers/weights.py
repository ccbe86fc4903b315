"""What matters to customers against what the organisation weighs: where the two part is the finding."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from analytics.drivers.shapley import Shares
from analytics.estimates import Estimate
from analytics.points import Floats

Finding = Literal["underrated", "overrated", "in line"]
RANKED_FROM = 3
"""Aspects from which on an order can agree more or less, and not only be the same or the reverse."""


class Gap(NamedTuple):
    """An aspect in percent of all: what it matters, what the organisation gives it, and the first less the second.

    Underrated: it matters more than it is given, beyond noise; overrated: less. In line: nobody can tell.
    """

    importance: float
    weight: float
    gap: Estimate
    finding: Finding


@dataclass(frozen=True, slots=True)
class Alignment:
    """Spearman's correlation of both orders (-1 to 1; None without an order), and each aspect, the widest gap first."""

    rank_correlation: Estimate | None
    gaps: dict[str, Gap]


def against_weights(shares: Shares, weights: Mapping[str, float] | pd.Series) -> Alignment:
    """Compare the shares with the weights of the organisation's own indicators, in any unit.

    The intervals are those of the bootstrap over customers; the touchpoints are all that there are, not a sample.
    Raises ValueError, naming it, for an aspect without weight, a weight without aspect, and one that is negative.
    """
    names = [str(name) for name in shares.shares.index]
    given = _checked(names, dict(weights))
    importance = 100 * shares.shares.to_numpy() / shares.shares.sum()
    drawn = shares.draws.to_numpy()
    gaps = 100 * drawn / drawn.sum(axis=1, keepdims=True) - given
    low, high = np.quantile(gaps, [0.025, 0.975], axis=0)
    rows = {
        name: _gap(float(importance[place]), float(given[place]), float(low[place]), float(high[place]))
        for place, name in enumerate(names)
    }
    widest_first = dict(sorted(rows.items(), key=lambda row: -abs(row[1].gap.estimate)))
    return Alignment(_rank_correlation(shares.shares.to_numpy(), drawn, given), widest_first)


def _checked(names: list[str], weights: Mapping[str, float]) -> Floats:
    """The weights in percent, in the order of the names."""
    for one, others, told in ((names, weights, "has no weight"), (weights, names, "is weighed but is no aspect")):
        strangers = [name for name in one if name not in others]
        if strangers:
            raise ValueError(f"{strangers[0]!r} {told}")
    given = np.array([weights[name] for name in names], dtype=float)
    for name, weight in zip(names, given, strict=True):
        if not 0 <= weight < np.inf:
            raise ValueError(f"the weight of {name!r} is {weight}: give a number from 0 on")
    if not given.any():
        raise ValueError("all weights are 0")
    return np.asarray(100 * given / given.sum())


def _gap(importance: float, weight: float, low: float, high: float) -> Gap:
    found: Finding = "underrated" if low > 0 else "overrated" if high < 0 else "in line"
    return Gap(importance, weight, Estimate(importance - weight, low, high), found)


def _rank_correlation(found: Floats, drawn: Floats, given: Floats) -> Estimate | None:
    if len(found) < RANKED_FROM or (given == given[0]).all():
        return None
    low, high = np.quantile(_spearman(drawn, given), [0.025, 0.975])
    return Estimate(float(_spearman(found[None], given)[0]), float(low), float(high))


def _spearman(rows: Floats, given: Floats) -> Floats:
    """The rank correlation of each row with what is given."""
    ranks, own = rankdata(rows, axis=1), rankdata(given)
    ranks, own = ranks - ranks.mean(axis=1, keepdims=True), own - own.mean()
    return np.asarray(ranks @ own / np.sqrt((ranks**2).sum(axis=1) * (own**2).sum()))
