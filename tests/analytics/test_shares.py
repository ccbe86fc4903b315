"""Shares and differences against printed examples, and at the edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import scores, shares


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(81, 263, 25.53, 36.62), (15, 148, 6.24, 16.05), (0, 20, 0.0, 16.11), (1, 29, 0.61, 17.18)],
)
def test_wilson_bounds_are_those_printed_by_newcombe_1998(count: int, n: int, low: float, high: float) -> None:
    assert scores.wilson(count, n) == pytest.approx((low, high), abs=0.006)


@pytest.mark.parametrize(
    ("count", "n", "other", "other_n", "low", "high"),
    [
        (56, 70, 48, 80, 5.24, 33.39),
        (9, 10, 3, 10, 17.05, 80.90),
        (5, 56, 0, 29, -3.81, 19.26),
        (10, 10, 0, 10, 60.75, 100.0),
    ],
)
def test_newcombe_bounds_are_those_he_printed(
    count: int, n: int, other: int, other_n: int, low: float, high: float
) -> None:
    assert shares.newcombe(count, n, other, other_n) == pytest.approx((low, high), abs=0.006)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_published_interval_holds_the_share(pair: tuple[int, int]) -> None:
    row = shares.published(*pair)
    if row["share"] is None or row["low"] is None or row["high"] is None:
        assert row["n"] < 10
    else:
        assert 0 <= row["low"] <= row["share"] <= row["high"] <= 100


@pytest.mark.parametrize(("count", "n", "state"), [(4, 9, "withheld"), (5, 10, "wide"), (50, 100, "ok")])
def test_state_follows_the_rules_of_scores(count: int, n: int, state: str) -> None:
    row = shares.published(count, n)
    assert (row["n"], row["state"]) == (n, state)
    assert (row["count"] is None) == (state == "withheld")


@pytest.mark.parametrize(("count", "n"), [(-1, 5), (6, 5), (1, 0)])
def test_what_is_no_share_is_refused(count: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"{count} of {n}"):
        shares.published(count, n)


def test_share_hidden_beside_another_has_only_its_size() -> None:
    row = shares.published(50, 100, hidden=True)
    assert row == {"n": 100, "count": None, "share": None, "low": None, "high": None, "state": "withheld"}
