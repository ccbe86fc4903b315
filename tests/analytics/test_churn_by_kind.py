"""Who counts as lost, who is compared with whom, and whether the interval of the difference holds."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics.churn.by_kind import ChurnRow, churn_by_kind
from analytics.shares import newcombe

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
LONG_AFTER = START + timedelta(days=400)
HORIZON = timedelta(days=90)


def touchpoints(rows: Iterable[tuple[int, str, float]]) -> pd.DataFrame:
    """Rows of customer, kind and days after the start."""
    frame = pd.DataFrame([(c, kind, START + timedelta(days=days)) for c, kind, days in rows])
    return frame.set_axis(["customer", "kind", "at"], axis=1)


def purchases(rows: Iterable[tuple[int, float]]) -> pd.DataFrame:
    return touchpoints((customer, "purchase", days) for customer, days in rows)[["customer", "at"]]


def row_of(kind: str, rows: list[ChurnRow]) -> ChurnRow:
    return next(row for row in rows if row["value"] == kind)


SECOND = 1 / 86400


@pytest.mark.parametrize(
    ("bought_after_days", "lost"),
    [(0, 20), (SECOND, 0), (45, 0), (90, 0), (90 + SECOND, 20), (-3, 20)],
)
def test_purchase_saves_the_customer_only_within_the_horizon(bought_after_days: float, lost: int) -> None:
    calls = touchpoints((customer, "call", 10) for customer in range(20))
    bought = purchases((customer, 10 + bought_after_days) for customer in range(20))
    [row] = churn_by_kind(calls, bought, observed_until=LONG_AFTER)
    assert (row["n"], row["lost"]) == (20, lost)


@pytest.mark.parametrize(("days", "n"), [(90 - SECOND, 0), (90, 12), (90 + SECOND, 12)])
def test_touchpoint_counts_once_its_horizon_is_over(days: float, n: int) -> None:
    calls = touchpoints((customer, "call", 0) for customer in range(12))
    [row] = churn_by_kind(calls, purchases([(1, 1)]), observed_until=START + timedelta(days=days))
    assert row["n"] == n


def test_purchase_of_another_customer_saves_nobody() -> None:
    calls = touchpoints((customer, "call", 0) for customer in range(10))
    [row] = churn_by_kind(calls, purchases([(3, 5), (99, 5)]), observed_until=LONG_AFTER)
    assert row["lost"] == 9


def test_rest_is_the_first_touchpoint_of_another_kind() -> None:
    both = [(c, kind, day) for c in range(15) for kind, day in [("call", 20.0), ("visit", 50), ("chat", 250)]]
    bought = purchases((c, 140) for c in range(15))
    row = row_of("call", churn_by_kind(touchpoints(both), bought, observed_until=LONG_AFTER))
    assert (row["share"], row["rest_n"], row["rest_share"], row["difference"]) == (100.0, 15, 0.0, 100.0)


def test_rest_had_bought_as_often() -> None:
    """Regulars, who buy on after anything, have more calls; newcomers, who never do, more visits."""
    kinds = {"call": (40, 20), "visit": (20, 40)}
    people = [(kind, regular) for kind, sizes in kinds.items() for regular in (0, 1) for _ in range(sizes[regular])]
    bought = purchases((c, day) for c, (_, regular) in enumerate(people) if regular for day in (-50, -10, 5))
    rows = churn_by_kind(
        touchpoints((c, kind, 0) for c, (kind, _) in enumerate(people)), bought, observed_until=LONG_AFTER
    )
    assert [(row["share"], row["rest_share"], row["difference"]) for row in rows] == [
        (66.7, 66.7, 0.0),
        (33.3, 33.3, 0.0),
    ]


def test_customers_without_their_like_in_the_rest_are_not_compared() -> None:
    regulars, newcomers = range(30), range(100, 120)
    calls = [(c, "call", 0.0) for c in [*regulars, *newcomers]]
    visits = [(200 + c, "visit", 0.0) for c in newcomers]
    bought = purchases((c, day) for c in regulars for day in (-10, 5))
    row = row_of("call", churn_by_kind(touchpoints(calls + visits), bought, observed_until=LONG_AFTER))
    assert (row["n"], row["share"], row["rest_n"], row["difference"]) == (50, 40.0, 20, 0.0)


def test_rest_is_weighted_as_the_kind_is() -> None:
    """The example of docs/statistics.md."""
    groups = {("call", 1): (30, 20), ("call", 5): (10, 2), ("visit", 1): (50, 30), ("visit", 5): (20, 2)}
    met: list[tuple[int, str, float]] = []
    bought: list[tuple[int, float]] = []
    for (kind, before), (size, lost) in groups.items():
        for n in range(size):
            customer = len(met)
            met.append((customer, kind, 0.0))
            bought += [(customer, -day) for day in range(1, before + 1)] + ([] if n < lost else [(customer, 5)])
    row = row_of("call", churn_by_kind(touchpoints(met), purchases(bought), observed_until=LONG_AFTER))
    assert (row["share"], row["rest_share"], row["difference"]) == (55.0, 47.5, 7.5)


def test_difference_has_the_interval_of_newcombe() -> None:
    calls = [(c, "call", 0.0) for c in range(70)]
    visits = [(100 + c, "visit", 0.0) for c in range(80)]
    bought = purchases([(c, 5) for c in range(14)] + [(100 + c, 5) for c in range(32)])
    row = row_of("call", churn_by_kind(touchpoints(calls + visits), bought, observed_until=LONG_AFTER))
    assert (row["lost"], row["share"], row["rest_share"], row["difference"]) == (56, 80.0, 60.0, 20.0)
    assert (row["difference_low"], row["difference_high"]) == (5.2, 33.4)


def test_small_group_shows_its_size_only() -> None:
    few = [(c, "chat", 0.0) for c in range(9)]
    many = [(100 + c, "visit", 0.0) for c in range(50)]
    rows = churn_by_kind(touchpoints(few + many), purchases([(1, 5)]), observed_until=LONG_AFTER)
    chat, visit = row_of("chat", rows), row_of("visit", rows)
    assert {k for k, v in chat.items() if v is not None} == {"by", "value", "horizon_days", "n", "rest_n", "state"}
    assert (chat["n"], chat["state"]) == (9, "withheld")
    assert (visit["share"], visit["rest_share"], visit["difference"]) == (100.0, None, None)


def test_without_purchases_and_touchpoints_there_are_no_rows() -> None:
    nothing = touchpoints([(1, "call", 0)]).iloc[:0]
    assert churn_by_kind(nothing, nothing[["customer", "at"]], observed_until=LONG_AFTER) == []


def test_interval_holds_when_customers_are_on_both_sides() -> None:
    random = np.random.default_rng(7)
    truth, covered, draws, people = 10.0, 0, 2000, 150
    for _ in range(draws):
        loyal = random.normal(size=people)
        after_call = loyal + random.normal(size=people) < 0.3583  # lost: P = .60
        after_visit = loyal + random.normal(size=people) < 0  # lost: P = .50
        low, high = newcombe(after_call.sum(), people, after_visit.sum(), people)
        covered += low <= truth <= high
    assert covered / draws >= 0.95
