"""The discrete-time hazard: a logistic model of leaving in a month, given that the customer is still there.

Source: Singer and Willett, "It's About Time", Journal of Educational Statistics 18, 1993; Allison, "Discrete-Time
Methods for the Analysis of Event Histories", Sociological Methodology 13, 1982. The small ridge penalty keeps the
coefficients finite where a fact separates leavers from the rest, or where there are more columns than rows.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.churn.coding import Code, codes
from analytics.churn.table import Real, Whole

PENALTY = 1.0
"""Of the squared coefficients per standard deviation, against the sum of the log losses of all rows."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """A fitted model: the logit is `intercept` plus, for each column, coefficient times distance from the mean."""

    coding: tuple[Code, ...]
    means: tuple[Real, ...]
    coefficients: tuple[Real, ...]
    intercept: float

    @property
    def terms(self) -> tuple[tuple[str, ...], ...]:
        """The fact of each column of `contributions`."""
        return tuple((code.name,) for code in self.coding)

    def contributions(self, facts: pd.DataFrame) -> Real:
        """What each fact adds to the logit of each row, compared with the average row that was learned from."""
        parts = zip(self.coding, self.means, self.coefficients, strict=True)
        added = [_added(code.columns(facts[code.name]), mean, coefficient) for code, mean, coefficient in parts]
        return np.column_stack(added) if added else np.zeros((len(facts), 0))


def fit_hazard(facts: pd.DataFrame, outcome: Whole) -> Hazard:
    """The model of these rows."""
    from sklearn.linear_model import LogisticRegression

    coding = codes(facts)
    blocks = [code.columns(facts[code.name]) for code in coding]
    design = np.hstack(blocks)
    means, spread = design.mean(axis=0), design.std(axis=0)
    spread[spread == 0] = 1.0
    fitted = LogisticRegression(C=1 / PENALTY, solver="newton-cholesky").fit((design - means) / spread, outcome)
    ends = np.cumsum([block.shape[1] for block in blocks])[:-1]
    coefficients = np.split(fitted.coef_[0] / spread, ends)
    return Hazard(coding, tuple(np.split(means, ends)), tuple(coefficients), float(fitted.intercept_[0]))


def _added(columns: Real, mean: Real, coefficient: Real) -> Real:
    """Of one fact; a level that was never seen says nothing and adds nothing."""
    return np.nan_to_num((columns - mean) @ coefficient)
