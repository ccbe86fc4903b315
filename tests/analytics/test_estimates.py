"""Intervals from what each row adds: rows of one customer are one piece of evidence."""

import math

import numpy as np
import pytest
from statsmodels.regression.linear_model import OLS

from analytics.estimates import Estimate, of_influence, standard_error

ROWS = np.random.default_rng(3).normal(10, 4, 60)
INFLUENCE = ROWS - ROWS.mean()
ALONE = np.arange(60)


def test_of_single_rows_it_is_the_usual_standard_error_of_a_mean() -> None:
    assert standard_error(INFLUENCE, ALONE) == pytest.approx(ROWS.std(ddof=1) / math.sqrt(60))


def test_of_customers_it_is_the_clustered_error_of_statsmodels() -> None:
    customer = np.repeat(np.arange(20), 3)
    fit = OLS(ROWS, np.ones(60)).fit(cov_type="cluster", cov_kwds={"groups": customer, "use_correction": False})
    assert standard_error(INFLUENCE, customer) == pytest.approx(fit.bse[0] * math.sqrt(20 / 19))


def test_a_row_that_is_there_twice_is_no_more_evidence() -> None:
    twice = standard_error(np.tile(INFLUENCE, 2), np.tile(ALONE, 2))
    assert twice == pytest.approx(standard_error(INFLUENCE, ALONE))


def test_one_customer_says_nothing_about_others() -> None:
    assert of_influence(10, INFLUENCE, np.zeros(60, dtype=int)) == Estimate(10, -math.inf, math.inf)


def test_an_interval_stays_on_the_scale() -> None:
    assert of_influence(99, 1000 * INFLUENCE, ALONE, limit=100) == (99, -100, 100)


@pytest.mark.parametrize(("low", "high", "found"), [(1, 2, True), (-2, -1, True), (-1, 1, False), (0, 1, False)])
def test_an_interval_that_holds_zero_claims_nothing(low: float, high: float, found: bool) -> None:
    assert Estimate((low + high) / 2, low, high).excludes_zero is found
