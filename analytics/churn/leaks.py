"""Facts that know too much: what was written after a customer had left tells who left, and is of no use before."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from analytics.churn.coding import RARE, ROWS_OF_A_STEP, is_number, labels, numbers
from analytics.churn.table import Real, Whole

ALONE = 0.9
"""AUC of one fact from which on it is suspected: the strongest of the sets in docs/statistics.md has .74."""
TOGETHER = 0.95
"""AUC of a model from which on it is too good to be true: the best of them has .93."""


class LeakWarning(UserWarning):
    """A model, or a single fact, tells leavers from the rest better than anybody could beforehand."""


def auc(score: Real, outcome: Whole) -> float:
    """The probability that a leaver has a higher score than somebody who stayed; half of it where they are equal.

    Source: Hanley and McNeil, Radiology 143, 1982.
    """
    left, stayed = int(outcome.sum()), int((1 - outcome).sum())
    ranks = rankdata(score)
    return float((ranks[outcome == 1].sum() - left * (left + 1) / 2) / (left * stayed))


def suspicion(fact: str) -> str:
    """What is said of a fact that tells leavers nearly alone."""
    return f"{fact} alone tells who left: was it written after they had left?"


def telling_alone(facts: pd.DataFrame, outcome: Whole) -> tuple[str, ...]:
    """The facts whose AUC alone, or that of whether they are known at all, is at least `ALONE`."""
    return tuple(str(name) for name in facts if _alone(facts[name], outcome) >= ALONE)


def _alone(fact: "pd.Series[Any]", outcome: Whole) -> float:
    if not is_number(fact):
        level = labels(fact, None)
        common = level.mask(level.groupby(level).transform("size") < ROWS_OF_A_STEP, RARE)
        share = pd.Series(outcome).groupby(common.to_numpy()).transform("mean")
        return auc(share.to_numpy(np.float64), outcome)
    number = numbers(fact)
    orders = np.where(np.isnan(number), -np.inf, number), np.where(np.isnan(number), np.inf, number)
    return max(max(found, 1 - found) for found in (auc(order, outcome) for order in orders))
