"""CSAT and CES: shares of the top boxes, plain and weighted."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import scores

KINDS = pytest.mark.parametrize("share_of", [scores.csat, scores.ces])
Share = Callable[..., scores.TopBox]


@KINDS
@pytest.mark.parametrize(
    ("top", "n", "low", "high"),
    [(81, 263, 25.53, 36.62), (15, 148, 6.24, 16.05), (0, 20, 0.0, 16.11), (1, 29, 0.61, 17.18)],
)
def test_interval_is_wilsons_as_newcombe_printed_it(share_of: Share, top: int, n: int, low: float, high: float) -> None:
    found = share_of(top, n)
    assert found.share == pytest.approx(100 * top / n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.006)
    assert (found.n, found.n_eff, found.method) == (n, n, "wilson")


@KINDS
@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_interval_holds_the_share_and_the_state_follows(share_of: Share, counts: tuple[int, int]) -> None:
    found = share_of(*counts)
    assert -1e-9 <= found.low <= found.share + 1e-9
    assert found.share - 1e-9 <= found.high <= 100 + 1e-9
    assert found.state == scores.state(counts[1], found.low, found.high)


def test_confidence_is_the_callers() -> None:
    assert scores.csat(30, 40, confidence=0.99).low < scores.csat(30, 40).low
    with pytest.raises(ValueError, match="between 0 and 1"):
        scores.ces(30, 40, confidence=95)


def test_unequal_weights_widen_the_interval() -> None:
    # 30 satisfied of weight 1 and 10 others of weight 3
    weighted = scores.csat(30, 60, weights_sq=30 + 10 * 9)
    assert (weighted.share, weighted.n, weighted.n_eff) == (50, 60, 30)
    assert (weighted.low, weighted.high) == pytest.approx(scores.wilson(15, 30))


@KINDS
@pytest.mark.parametrize(
    ("counts", "weights_sq", "message"),
    [
        ((0, 0), None, "0 answers"),
        ((6, 5), None, "6 of 5 is no share"),
        ((-1, 5), None, "-1"),
        ((1.5, 5), None, "whole number, not 1.5"),
        ((math.nan, 5), None, "nan"),
        ((1.5, 5), 0.0, "squares"),
        ((1.5, 5), 100.0, "squares"),
        ((0.0, 0.0), 1.0, "0 answers"),
    ],
)
def test_what_are_no_counts_is_refused(share_of: Share, counts: Any, weights_sq: float | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        share_of(*counts, weights_sq=weights_sq)
