"""How touchpoints arrive: late, early, twice, and what they leave out."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from analytics.arrivals import Arrival, arrivals, lateness_rows, stated_rows
from analytics.period import Period
from analytics.scope import Scope
from tests.analytics.world import days_ago
from tests.surveys.makers import NOON, make_customer, make_program, make_touchpoint

pytestmark = pytest.mark.django_db
EVERYTHING = Scope(Period(None, None, NOON))


def arrived(hours: float, **fields: Any) -> None:
    """A touchpoint of ten days ago, told of so many hours later."""
    happened = days_ago(10)
    make_touchpoint(occurred_at=happened, received_at=happened + timedelta(hours=hours), **fields)


def twins(scope: Scope = EVERYTHING) -> int:
    return sum(group.twice for group in arrivals(scope))


def test_hours_from_what_happened_to_when_we_were_told() -> None:
    for hours in range(1, 11):
        arrived(hours, source="shop")
    arrived(100, source="hotline")
    shop, hotline = lateness_rows(arrivals(EVERYTHING), [])
    assert (shop["source"], shop["n"], shop["median"], shop["p90"]) == ("shop", 10, 5.0, 9.0)
    assert (hotline["source"], hotline["median"]) == ("hotline", 100.0)


def test_too_late_is_later_than_the_most_patient_program_waits() -> None:
    for days in (3, 6):
        make_program(worth=timedelta(days=days))
    for hours in (24, 5 * 24, 7 * 24):
        arrived(hours)
    arrived(30 * 24, kind="visit")
    [row] = lateness_rows(arrivals(EVERYTHING), [make_program(worth=timedelta(days=6))])
    assert (row["too_late"], row["too_late_share"]) == (1, 25.0)


def test_what_was_told_of_before_it_happened_is_early() -> None:
    for hours in (-1, 0, 1):
        arrived(hours)
    assert lateness_rows(arrivals(EVERYTHING), [])[0]["early"] == 1


def test_what_is_not_stated_is_told_by_kind() -> None:
    for team in ("North", "", "", ""):
        make_touchpoint(kind="call", team=team, agent="Kim")
    make_touchpoint(kind="chat", product="Roof")
    call, chat = stated_rows(arrivals(EVERYTHING))
    assert (call["kind"], call["no_team"], call["no_agent"], call["no_product"]) == ("call", 75.0, 0.0, 100.0)
    assert (chat["n"], chat["no_product"]) == (1, 0.0)


SAME: dict[str, Any] = {"occurred_at": days_ago(3), "kind": "call", "team": "North", "value": None}


@pytest.mark.parametrize(
    ("change", "n"),
    [({}, 1), ({"team": "South"}, 0), ({"value": 12}, 0), ({"occurred_at": days_ago(2)}, 0), ({"simulated": True}, 1)],
)
def test_the_same_under_two_ids_stands_there_twice(change: dict[str, Any], n: int) -> None:
    customer = make_customer()
    make_touchpoint(customer, **SAME)
    make_touchpoint(customer, **SAME | change)
    make_touchpoint(**SAME)
    assert twins() == n


def test_the_same_sum_of_money_is_the_same() -> None:
    customer = make_customer()
    for _ in range(3):
        make_touchpoint(customer, **SAME | {"value": 12})
    assert twins() == 2


def test_simulated_ones_are_counted_in_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_touchpoint(simulated=True, source="sample", received_at=days_ago(1))
    with django_assert_num_queries(1):
        [group] = arrivals(EVERYTHING)
    assert group == Arrival("sample", "purchase", 0, 1, 1, 1, 1, 0, 1)


def test_of_nothing_there_are_no_rows() -> None:
    assert lateness_rows([], []) == []
    assert stated_rows([]) == []
