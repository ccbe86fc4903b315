"""An estimate with its 95% interval, from what each row adds to it; rows of one customer are one piece of evidence."""

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from analytics.points import Floats, Whole

QUANTILE = NormalDist().inv_cdf(0.975)


class Estimate(NamedTuple):
    """A figure with the bounds of its two-sided 95% interval, all in the unit that its owner states."""

    estimate: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0


def of_influence(estimate: float, influence: Floats, customer: Whole, *, limit: float = math.inf) -> Estimate:
    """The estimate with its interval, all cut off at -limit and limit.

    `influence`: a value per row, with mean 0, by which the row moves the estimate times the number of rows;
    `customer`: a number per row, counted from 0.
    """
    margin = QUANTILE * standard_error(influence, customer)
    return Estimate(*(max(-limit, min(limit, value)) for value in (estimate, estimate - margin, estimate + margin)))


def standard_error(influence: Floats, customer: Whole) -> float:
    """The standard error of a mean of influence values, clustered on the customer.

    Source: Liang and Zeger, "Longitudinal data analysis using generalized linear models", Biometrika 73, 1986, with the
    usual factor G/(G-1) for G customers. Infinite with one customer: nobody can be compared with nobody.
    """
    sums = np.bincount(customer, weights=influence)
    customers = len(sums)
    if customers < 2:
        return math.inf
    return float(np.sqrt(customers / (customers - 1) * (sums**2).sum())) / len(influence)
