"""The odds of silence after a problem, against the fourfold table by hand."""

import math
from datetime import timedelta

import pandas as pd
import pytest

from analytics.churn.after_problems import OddsAfter, odds_after_problems
from tests.analytics.buyers import dated, touched
from tests.surveys.makers import NOON

HORIZON = timedelta(days=90)


def world(lost: int, kept: int, fine_lost: int, fine_kept: int, *, each: int = 1) -> list[OddsAfter]:
    """So many customers, each with `each` calls; those who are kept buy 10 days after them."""
    counts = [(True, True, lost), (True, False, kept), (False, True, fine_lost), (False, False, fine_kept)]
    people = [(problem, silent) for problem, silent, n in counts for _ in range(n)]
    rows = [
        (n, "call", "bad" if problem else "", 200 + k) for n, (problem, _) in enumerate(people) for k in range(each)
    ]
    calls = touched(*rows)
    purchases = dated([(n, 190) for n, (_, silent) in enumerate(people) if not silent] or [(-1, 190)])
    return odds(calls, purchases)


def odds(calls: pd.DataFrame, purchases: pd.DataFrame) -> list[OddsAfter]:
    calls = calls.assign(problem=calls["outcome"] == "bad")
    return odds_after_problems(calls, purchases, observed_until=NOON, horizon=HORIZON)


def test_odds_and_their_interval_are_those_of_the_fourfold_table() -> None:
    [found] = world(40, 20, 30, 60)
    assert (found.kind, found.problem_n, found.problem_lost, found.fine_n, found.fine_lost) == ("call", 60, 40, 90, 30)
    margin = 1.959964 * math.sqrt((1 / 40 + 1 / 20 + 1 / 30 + 1 / 60) * 150 / 149)
    assert found.odds == pytest.approx(4)
    assert found.low == pytest.approx(4 * math.exp(-margin))
    assert found.high == pytest.approx(4 * math.exp(margin))


def test_several_calls_of_a_customer_are_one_piece_of_evidence() -> None:
    [once], [thrice] = world(40, 20, 30, 60), world(40, 20, 30, 60, each=3)
    assert thrice.problem_n == 3 * once.problem_n
    for one, other in zip(thrice[-3:], once[-3:], strict=True):
        assert one == pytest.approx(other)


@pytest.mark.parametrize("counts", [(10, 0, 5, 5), (0, 10, 5, 5), (5, 5, 10, 0), (5, 5, 0, 0)])
def test_what_always_or_never_happens_has_no_odds(counts: tuple[int, int, int, int]) -> None:
    [found] = world(*counts)
    assert (found.odds, found.low, found.high) == (None, None, None)


def test_without_problems_and_touchpoints_there_are_no_rows() -> None:
    assert world(0, 0, 5, 5) == []
    assert odds(touched(), dated([(1, 10)])) == []


def test_only_what_has_been_observed_in_full_counts() -> None:
    calls = touched((1, "call", "bad", 90), (2, "call", "bad", 89.99), (3, "call", "", 100))
    [found] = odds(calls, dated([(1, 95), (3, 99)]))
    assert (found.problem_n, found.problem_lost, found.fine_n, found.fine_lost) == (1, 1, 1, 0)


def test_a_purchase_at_the_end_of_the_horizon_is_in_time_and_one_at_the_touchpoint_is_none() -> None:
    calls = touched((1, "call", "bad", 200), (2, "call", "bad", 200), (3, "call", "bad", 200))
    [found] = odds(calls, dated([(1, 110), (2, 109.99), (3, 200)]))
    assert (found.problem_n, found.problem_lost) == (3, 2)
