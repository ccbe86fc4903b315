"""How good predicted probabilities are: ranking, accuracy, calibration and lift, each with a 95% interval.

The intervals are percentiles of a bootstrap over customers, all rows of one drawn together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from analytics.churn.calibration import in_the_large, line
from analytics.churn.table import Real, Whole

DRAWS = 200
TOP = 0.1
"""The share of rows with the highest probability whose leavers the lift counts."""
GROUPS = 10


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95% interval; NaN where it does not exist, such as the slope of a perfect separation."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Judged:
    """Figures of predictions. `auc`: .5 is chance. `brier`: mean squared error, 0 is best.

    `slope`: 1 is right, below: too bold. `in_the_large`: logits to add, 0 is right, below: too many were said to
    leave. `lift`: leavers among the tenth most at risk, as a multiple of those among all.
    """

    auc: Estimate
    brier: Estimate
    slope: Estimate
    in_the_large: Estimate
    lift: Estimate


def judge(logit: Sequence[Real], outcome: Whole, customer: Whole, *, seed: int) -> Judged:
    """The figures of predicted logits; of several predictions of the same rows, their mean.

    `customer`: a number per customer. The bootstrap draws with `seed`.
    """
    ranked = [_Ranked(one, outcome) for one in logit]
    random, codes = np.random.default_rng(seed), np.unique(customer, return_inverse=True)[1]
    people = int(codes.max()) + 1
    drawn = [np.bincount(random.integers(people, size=people), minlength=people)[codes] for _ in range(DRAWS)]
    with np.errstate(invalid="ignore", divide="ignore"):
        whole = _mean(ranked, np.ones(len(outcome)))
        table = np.array([_mean(ranked, weight.astype(np.float64)) for weight in drawn])
    return Judged(*(_estimate(value, table[:, place]) for place, value in enumerate(whole)))


def calibration_table(logit: Real, outcome: Whole) -> pd.DataFrame:
    """Ten groups of about equal size from low to high probability: n, predicted and observed (mean shares)."""
    p = expit(logit)
    groups = min(GROUPS, len(p))
    group = np.argsort(np.argsort(p, kind="stable"), kind="stable") * groups // len(p)
    rows = pd.DataFrame({"group": group, "predicted": p, "observed": outcome})
    return rows.groupby("group").agg(
        n=("observed", "size"), predicted=("predicted", "mean"), observed=("observed", "mean")
    )


class _Ranked:
    """Predictions put in order once, to be judged under many weights."""

    def __init__(self, logit: Real, outcome: Whole) -> None:
        self.logit, self.outcome = logit, outcome
        values, self.place = np.unique(logit, return_inverse=True)
        self.size = len(values)
        self.error = (expit(logit) - outcome) ** 2

    def figures(self, weight: Real) -> Real:
        """In the order of `Judged`."""
        left: Real = np.bincount(self.place, weight * self.outcome, self.size).astype(np.float64)
        stayed: Real = np.bincount(self.place, weight * (1 - self.outcome), self.size).astype(np.float64)
        below = np.cumsum(stayed) - stayed
        auc = left @ (below + stayed / 2) / (left.sum() * stayed.sum())
        fitted = line(self.logit, self.outcome, weight)
        slope = np.nan if fitted is None else fitted[1]
        level = in_the_large(self.logit, self.outcome, weight)
        brier = weight @ self.error / weight.sum()
        return np.array([auc, brier, slope, level, _lift(left[::-1], (left + stayed)[::-1])])


def _lift(left: Real, everybody: Real) -> float:
    """Of rows by falling probability; equal ones at the border count in part."""
    wanted = TOP * everybody.sum()
    taken = np.clip(wanted - (np.cumsum(everybody) - everybody), 0, everybody)
    share = np.divide(taken, everybody, out=np.zeros_like(taken), where=everybody > 0)
    return float((left @ share / wanted) / (left.sum() / everybody.sum()))


def _mean(ranked: Sequence[_Ranked], weight: Real) -> Real:
    figures: Real = np.mean([one.figures(weight) for one in ranked], axis=0)
    return figures


def _estimate(value: float, draws: Real) -> Estimate:
    """NaN where a draw in twenty has none, as then the ends of the interval are not known."""
    known = draws[np.isfinite(draws)]
    if not np.isfinite(value) or len(known) < 0.95 * len(draws):
        return Estimate(float(value) if np.isfinite(value) else np.nan, np.nan, np.nan)
    low, high = np.quantile(known, [0.025, 0.975])
    return Estimate(float(value), float(low), float(high))
