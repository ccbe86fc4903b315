"""Shares of themes have Wilson's interval, weights count as many as they leave, small groups are withheld."""

import math

import pytest

from analytics.shares import wilson
from analytics.themes import Codebook, CountingError, Theme, shares

BOOK = Codebook([Theme("service", "Service"), Theme("waiting", "Waiting", parent="service"), Theme("price", "Price")])
ASSIGNED = [{"waiting"}] * 30 + [{"price"}] * 5 + [set[str]()] * 5


def test_a_share_has_wilsons_interval() -> None:
    waiting = next(one for one in shares(BOOK, ASSIGNED) if one.theme == "waiting")
    assert (waiting.n, waiting.n_eff, waiting.count, waiting.share, waiting.state) == (40, 40, 30, 75, "ok")
    assert (waiting.low, waiting.high) == pytest.approx(wilson(30, 40))


def test_the_wider_theme_has_the_comments_of_the_narrower() -> None:
    assert [(one.theme, one.count) for one in shares(BOOK, ASSIGNED)] == [
        ("service", 30),
        ("waiting", 30),
        ("price", 5),
    ]


def test_weights_move_the_share_and_widen_the_interval() -> None:
    weights = [3.0] * 20 + [1.0] * 20
    [*_, price] = shares(BOOK, ASSIGNED, weights)
    n_eff = 80**2 / (20 * 9 + 20)
    assert price.theme == "price"
    assert (price.share, price.n_eff, price.n) == pytest.approx((100 * 5 / 80, n_eff, 40))
    assert (price.low, price.high) == pytest.approx(wilson(5 / 80 * n_eff, n_eff))


def test_equal_weights_change_nothing() -> None:
    plain, weighted = shares(BOOK, ASSIGNED), shares(BOOK, ASSIGNED, [2.5] * 40)
    for one, other in zip(plain, weighted, strict=True):
        assert one.theme == other.theme
        assert (other.low, other.high, other.n_eff) == pytest.approx((one.low, one.high, one.n_eff))


@pytest.mark.parametrize("n", [0, 1, 9])
def test_fewer_than_10_comments_are_withheld(n: int) -> None:
    for one in shares(BOOK, [{"price"}] * n):
        assert (one.n, one.state, one.count, one.share, one.low, one.n_eff) == (n, "withheld", None, None, None, None)


def test_a_weight_of_0_does_not_help_over_the_limit() -> None:
    assert {one.state for one in shares(BOOK, ASSIGNED, [1.0] * 9 + [0.0] * 31)} == {"withheld"}


@pytest.mark.parametrize(
    ("assigned", "weights", "says"),
    [
        ([{"strange"}], None, "No theme of the codebook: strange"),
        (ASSIGNED, [1.0], "1 weights for 40 comments"),
        (ASSIGNED, [-1.0] * 40, "0 or more"),
        (ASSIGNED, [math.nan] * 40, "0 or more"),
        (ASSIGNED, [0.0] * 40, "All weights are 0"),
    ],
)
def test_bad_input_is_refused(assigned: list[set[str]], weights: list[float] | None, says: str) -> None:
    with pytest.raises(CountingError, match=says):
        shares(BOOK, assigned, weights)
