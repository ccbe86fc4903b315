"""Answers counted by the database: once for all groupings, and customers who answered more than once in a group."""

import pytest
from pytest_django import DjangoAssertNumQueries

from analytics.counting import GROUPINGS, Grouping, Repeat, Tally, counts
from analytics.groups import Group, grouped
from analytics.metrics import definitions
from analytics.models import JourneyStage
from analytics.period import Period
from analytics.scope import Scope
from contacts.models import Customer
from tests.analytics.world import days_ago, make_customers, make_ratings, make_responses
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_case, make_touchpoint

pytestmark = pytest.mark.django_db
EVERYTHING = Scope(Period(None, None, NOON))
STAGES = {"Buying": ["visit"], "Getting help": ["call", "chat"]}


def tallies(by: Grouping, scope: Scope = EVERYTHING) -> list[Tally]:
    return counts([scope], definitions().values(), [by], STAGES).tallies


def repeated(by: Grouping) -> list[tuple[str, int, int, int, int]]:
    found = counts([EVERYTHING], definitions().values(), [by], STAGES).repeats
    assert all((row.scope, row.metric, row.by) == (0, "nps", by) for row in found)
    return sorted((row.value, row.n, row.top, row.bottom, row.customers) for row in found)


def test_all_groupings_metrics_and_periods_are_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_responses(3, 2, 1)
    make_ratings("csat", [5, 4, 1])
    metrics = list(definitions().values())
    scopes = [EVERYTHING, Scope(Period(days_ago(9), days_ago(5), NOON))]
    with django_assert_num_queries(1):
        found = counts(scopes, metrics, GROUPINGS, STAGES)
    for by in GROUPINGS:
        told = {row.metric: (row.n, row.top, row.bottom) for row in found.tallies if row.by == by}
        assert told == {"nps": (6, 3, 1), "csat": (3, 2, 0)}
    assert found.repeats == []


def test_nothing_is_counted_of_nothing() -> None:
    assert tallies("overall") == tallies("month") == []


def test_periods_are_told_apart() -> None:
    make_responses(2, 0, 0, answered_at=days_ago(10))
    make_responses(0, 0, 3, answered_at=days_ago(3))
    weeks = [Scope(Period(days_ago(7 * ago), days_ago(7 * (ago - 1)), NOON)) for ago in (1, 2)]
    found = counts(weeks, definitions().values(), ["overall"], {}).tallies
    assert {row.scope: (row.n, row.top, row.bottom) for row in found} == {0: (3, 0, 3), 1: (2, 2, 0)}


def test_cells_are_what_is_known_of_everybody_who_was_asked() -> None:
    make_response(9, touchpoint=make_touchpoint(kind="call", outcome="solved", team="North"))
    case = make_case(make_touchpoint(kind="call", outcome="open", team="South"))
    case.response = make_response(3, invitation=None, channel="phone", touchpoint=case.touchpoint)
    case.save()
    make_responses(1, 0, 0, touchpoint=make_touchpoint(kind="call", team="East"), channel="letter")
    found = {(row.what, row.served_by, row.asked_by): (row.n, row.top, row.bottom) for row in tallies("kind")}
    assert found == {
        ("call solved", "North", "email"): (1, 1, 0),
        ("call open", "South", "phone"): (1, 0, 1),
        ("call ", "East", ""): (1, 1, 0),
    }


def test_stages_take_their_kinds_together() -> None:
    for kind in ("visit", "call", "chat", "fax"):
        make_responses(1, 0, 0, touchpoint=make_touchpoint(kind=kind))
    found: dict[str, int] = {}
    for row in tallies("stage"):
        found[row.value] = found.get(row.value, 0) + row.n
    assert found == {"Buying": 1, "Getting help": 2, "": 1}


def twice(kinds: tuple[str, str], *, merged: bool = False) -> None:
    """One person answers about two touchpoints, happily and unhappily; with `merged`, under two records."""
    one, other = make_customers(2)
    if merged:
        Customer.objects.filter(pk=other.pk).update(merged_into=one)
    for customer, kind, happy in ((one, kinds[0], 1), (other if merged else one, kinds[1], 0)):
        make_responses(happy, 0, 1 - happy, touchpoint=make_touchpoint(kind=kind), customer=customer)


@pytest.mark.parametrize("merged", [False, True])
def test_a_person_with_several_answers_is_found_in_each_group_that_holds_them(*, merged: bool) -> None:
    twice(("call", "chat"), merged=merged)
    make_responses(20, 5, 5, touchpoint=make_touchpoint(kind="call"))
    assert repeated("overall") == [("all", 2, 1, 1, 1)]
    assert repeated("stage") == [("Getting help", 2, 1, 1, 1)]
    assert repeated("kind") == []


def test_customers_who_gave_the_same_are_counted_together() -> None:
    for _ in range(3):
        twice(("call", "call"))
    assert repeated("kind") == [("call", 2, 1, 1, 3)]


def test_who_answered_once_in_each_period_is_nobody_twice() -> None:
    [customer] = make_customers(1)
    for days in (3, 10):
        make_responses(1, 0, 0, customer=customer, answered_at=days_ago(days))
    weeks = [Scope(Period(days_ago(7 * ago), days_ago(7 * (ago - 1)), NOON)) for ago in (1, 2)]
    assert counts(weeks, definitions().values(), GROUPINGS, {}).repeats == []
    found = counts([EVERYTHING], definitions().values(), ["overall"], {})
    assert found.repeats == [Repeat(0, "nps", "overall", "all", 2, 2, 0, 1)]


def of_kind(value: str) -> Group:
    groups = grouped([EVERYTHING], [definitions()["nps"]], ["kind"])[0, "nps", "kind"]
    return next(group for group in groups if group.value == value)


def test_many_answers_of_few_customers_are_hidden_as_few_answers_are() -> None:
    for customer in make_customers(9):
        make_responses(1, 1, 1, touchpoint=make_touchpoint(kind="call"), customer=customer)
    call = of_kind("call")
    assert (call.n, call.customers, call.hidden, call.missing) == (27, 9, True, 0)


def test_answers_of_the_same_customers_are_worth_less() -> None:
    for customer in make_customers(20):
        happy = customer.pk % 2
        make_responses(3 * happy, 0, 3 - 3 * happy, touchpoint=make_touchpoint(kind="call"), customer=customer)
    make_responses(20, 20, 20, touchpoint=make_touchpoint(kind="visit"))
    assert of_kind("visit").n_eff == 60
    assert of_kind("call").n_eff == pytest.approx(18, abs=1)
    assert not of_kind("call").hidden


def test_groups_of_everything_take_three_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    JourneyStage.objects.create(name="Buying", kinds=["visit"])
    make_responses(3, 2, 1)
    with django_assert_num_queries(3):
        found = grouped([EVERYTHING], list(definitions().values()))
    assert [found[0, key, "overall"][0].n for key in ("nps", "csat", "ces")] == [6, 0, 0]
