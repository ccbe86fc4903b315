"""Several answers of one customer: changes, the cost of clustering, and what is refused."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_rel

from analytics import scores

RAKING = json.loads((Path(__file__).parent / "reference" / "raking.json").read_text())
TWICE = next(case for case in RAKING["cases"] if case["id"] == "R11")
BEFORE = [1, 0, -1, -1, 0, 1, 1, -1, 0, 0, -1, 1]
AFTER = [1, 1, -1, 0, 0, 1, 1, 0, 1, -1, 0, 1]


def test_change_is_the_paired_t_of_the_same_customers() -> None:
    found, expected = scores.paired_change(BEFORE, AFTER), ttest_rel(AFTER, BEFORE)
    assert (found.n, found.df) == (12, 11)
    assert (found.before, found.after) == pytest.approx((0, 100 * 4 / 12))
    assert (found.t, found.p_value) == pytest.approx((expected.statistic, expected.pvalue))
    assert found.change == pytest.approx(found.after - found.before)
    interval = expected.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((100 * interval.low, 100 * interval.high))
    assert found.state == "wide"


def test_pairing_tells_more_than_two_groups_would() -> None:
    before = [1] * 40 + [0] * 30 + [-1] * 30
    after = [1] * 50 + [0] * 25 + [-1] * 25
    paired = scores.paired_change(before, after)
    apart = scores.nps_difference((50, 25, 25), (40, 30, 30))
    assert paired.change == apart.difference == pytest.approx(15)
    assert paired.p_value < 0.001 < 0.1 < apart.p_value


def test_little_more_than_two_customers_is_withheld() -> None:
    assert scores.paired_change([1, 0, 0], [0, 0, 1]).state == "withheld"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ([], [], "0 answers"),
        ([1], [0], "two customers or more, not of 1"),
        ([1, 0], [1], "2 answers before and 1 after"),
        ([1, 0], [1, 9], "not 9"),
        ([1, math.nan], [1, 0], "not nan"),
        ([1, 0.5], [1, 0], "not 0.5"),
        ([1, 0, 1], [1, 0, 1], "all 3 customers changed by 0 points"),
        ([0, -1], [1, 0], "changed by 100 points"),
    ],
)
def test_what_is_no_change_is_refused(before: Any, after: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        scores.paired_change(before, after)


def test_clustered_error_is_that_of_the_reference() -> None:
    found = scores.clustering(TWICE["y"], TWICE["customer"])
    assert found.se == pytest.approx(TWICE["se_clustered"], abs=1e-5)
    assert found.se_iid == pytest.approx(TWICE["se_iid"], abs=1e-5)
    assert found.design_effect == pytest.approx(TWICE["design_effect"], abs=1e-5)
    assert found.customers == TWICE["n_customers"]


def test_clustered_score_counts_as_many_answers_as_its_error_leaves() -> None:
    found = scores.nps_clustered(TWICE["y"], TWICE["customer"])
    assert found.nps == pytest.approx(TWICE["nps"], abs=1e-4)
    assert found.n == TWICE["n_answers"]
    assert found.n_eff == pytest.approx(TWICE["n_answers"] / TWICE["design_effect"], rel=0.02)
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * TWICE["se_clustered"], rel=0.03)


def test_one_answer_each_is_the_plain_score() -> None:
    answers = [1] * 40 + [0] * 30 + [-1] * 30
    found, plain = scores.nps_clustered(answers, list(range(100))), scores.nps(40, 30, 30)
    assert (found.nps, found.low, found.high) == pytest.approx((plain.nps, plain.low, plain.high))
    assert scores.clustering(answers, list(range(100))).design_effect == pytest.approx(1)


def test_a_customer_counted_twice_adds_nothing() -> None:
    answers, customers = pd.Series([1] * 40 + [0] * 30 + [-1] * 30), pd.Series(range(100))
    twice = scores.nps_clustered([*answers, *answers], [*customers, *customers])
    once = scores.nps_clustered(answers, customers)
    assert twice.n == 200
    assert (twice.low, twice.high) == pytest.approx((once.low, once.high), abs=0.25)


def test_answers_that_do_not_vary_count_once_per_customer() -> None:
    assert scores.nps_clustered([1] * 30, [number % 10 for number in range(30)]).n_eff == pytest.approx(10)
    assert scores.nps_clustered([1, 0, -1, 1], ["ana"] * 4).n_eff == pytest.approx(1)


def test_weights_and_clusters_both_cost() -> None:
    random = np.random.default_rng(5)
    customers = np.repeat(np.arange(60), 3)
    answers = np.repeat(random.integers(-1, 2, 60), 3)
    weights = random.uniform(0.5, 3, 180)
    plain, weighted = (scores.nps_clustered(answers, customers, weights=given) for given in (None, weights))
    assert plain.n_eff == pytest.approx(60, rel=0.1)
    assert weighted.n_eff < plain.n_eff
    assert weighted.nps == pytest.approx(100 * float(np.average(answers, weights=weights)))


@pytest.mark.parametrize(
    ("answers", "customers", "weights", "message"),
    [
        ([], [], None, "0 answers"),
        ([1, 0], ["ana"], None, "2 answers of 1 customers"),
        ([1, 0], ["ana", None], None, "1 answers have no customer"),
        ([1, 2], ["ana", "bo"], None, "not 2"),
        ([1, 0], ["ana", "bo"], [0.0, 0.0], "not all of them 0"),
        ([1, 0], ["ana", "bo"], [1.0, -1.0], "from 0 on"),
        ([1, 0], ["ana", "bo"], [1.0, math.nan], "from 0 on"),
        ([1, 0], ["ana", "bo"], [1.0], "1 weights for 2 answers"),
    ],
)
def test_what_has_no_customer_or_no_weight_is_refused(answers: Any, customers: Any, weights: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        scores.nps_clustered(answers, customers, weights=weights)


def test_clustered_interval_covers_the_truth() -> None:
    random = np.random.default_rng(11)
    covered = 0
    for _ in range(300):
        moods = random.normal(0, 1, 25)
        customers = np.repeat(np.arange(25), random.integers(1, 6, 25))
        felt = moods[customers] + random.normal(0, 1, len(customers))
        answers = np.where(felt > 0.6, 1, np.where(felt < -0.6, -1, 0))
        found = scores.nps_clustered(answers, customers)
        covered += found.low <= 0 <= found.high
    assert 0.92 <= covered / 300 <= 0.98
