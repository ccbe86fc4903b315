"""The fewest contacts: the reference's optima, what no plan may do, and what is refused."""

import json
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.allocation import Group, InstanceError, least_slack, plan

REFERENCE = json.loads((Path(__file__).parent / "reference" / "allocation.json").read_text())
CASES = {case["id"]: case for case in REFERENCE["cases"]}
NAMES = ("app", "call", "branch")


def groups(instance: dict[str, Any]) -> list[Group]:
    return [Group(tuple(one["touchpoints"]), one["response"], one["customers"]) for one in instance["groups"]]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_plan_and_rule_are_those_of_the_reference(case: dict[str, Any]) -> None:
    need, those = case["instance"]["need"], groups(case["instance"])
    best, by_rule = plan(need, those, floor=0), least_slack(need, those)
    assert (best.total, best.exact) == (case["optimum"]["contacts"], True)
    assert best.shortfall == pytest.approx(case["optimum"]["weighted_shortfall"], abs=0.005)
    assert by_rule.total == case["greedy"]["least_slack"]["contacts"]
    assert by_rule.shortfall == pytest.approx(case["greedy"]["least_slack"]["weighted_shortfall"], abs=0.005)


def test_half_of_the_proportional_share_costs_eight_contacts_more() -> None:
    fair, instance = REFERENCE["representative_case"], CASES["L03"]["instance"]
    found = plan(instance["need"], groups(instance), floor=fair["fairness_share"])
    assert (found.total, found.shortfall) == (fair["optimum"]["contacts"], 0)
    assert plan(instance["need"], groups(instance), floor=0).total == fair["unfair_contacts"]


def test_whoever_may_come_for_something_rare_later_on_is_not_asked_before() -> None:
    """150 may come for a claim, of 500 who were in the app: nobody else ever does."""
    need = {"app": 40, "claim": 20}
    careless = plan(need, [Group(("app",), 0.2, 500), Group(("claim",), 0.2, 10)])
    careful = plan(need, [Group(("app",), 0.2, 500, later={"claim": 0.3}), Group(("claim",), 0.2, 10)])
    assert careless.missing["claim"] == pytest.approx(18)
    assert careful.missing == {"app": 0, "claim": 0}
    [(who, left)] = careful.later.items()
    assert who == (0, "claim")
    assert left == pytest.approx(0.3 * (500 - careful.contacts[0, "app"]))


def test_where_all_needs_cannot_be_met_the_weights_say_whose_answers_are_missing() -> None:
    those = [Group(("big", "rare"), 0.5, 40)]
    need = {"big": 100, "rare": 10}
    by_weight = plan(need, those, weights={"big": 1 / 100, "rare": 1 / 10})
    assert by_weight.missing == {"big": 90, "rare": 0}
    assert by_weight.shortfall == pytest.approx(0.9)


def test_customers_may_answer_about_one_touchpoint_more_readily_than_about_another() -> None:
    found = plan({"app": 10, "call": 10}, [Group(("app", "call"), {"app": 0.1, "call": 0.5}, 200)])
    assert found.contacts == {(0, "app"): 100, (0, "call"): 20}


instances = st.lists(
    st.builds(
        Group,
        st.sets(st.sampled_from(NAMES), min_size=1).map(lambda names: tuple(sorted(names))),
        st.integers(5, 60).map(lambda percent: percent / 100),
        st.integers(0, 120),
        st.dictionaries(st.sampled_from(NAMES), st.integers(0, 50).map(lambda percent: percent / 100), max_size=1),
    ),
    min_size=1,
    max_size=5,
)
needs = st.fixed_dictionaries({name: st.integers(0, 40) for name in NAMES})


@settings(max_examples=60, deadline=None)
@given(needs, instances, st.sampled_from((0, 0.5, 1)))
def test_nobody_is_asked_twice_and_no_group_is_passed_over(
    need: dict[str, int], those: list[Group], floor: float
) -> None:
    found = plan(need, those, floor)
    asked: dict[int, float] = defaultdict(float)
    supply: dict[str, float] = defaultdict(float)
    given_to: dict[str, float] = defaultdict(float)
    for (n, _), number in [*found.contacts.items(), *found.later.items()]:
        asked[n] += number
    for (_, name), number in found.contacts.items():
        given_to[name] += number
    for n, group in enumerate(those):
        assert asked[n] <= group.customers + 1e-6
        now = sum(found.contacts.get((n, name), 0) for name in group.touchpoints)
        for name, share in group.later.items():
            assert found.later.get((n, name), 0) <= share * (group.customers - now) + 1e-6
        for name in group.touchpoints:
            supply[name] += group.customers
    for n, group in enumerate(those):
        for name in group.touchpoints if group.customers and found.exact else ():
            least = floor * group.customers / supply[name] * given_to[name]
            # One that is small where customers are divisible is let go of by less than a contact.
            assert found.contacts.get((n, name), 0) > least - 1
    assert all(found.missing[name] >= need[name] - found.expected[name] - 1e-5 for name in need)


@settings(max_examples=40, deadline=None)
@given(needs, instances)
def test_never_worse_than_one_contact_after_the_other(need: dict[str, int], those: list[Group]) -> None:
    now = [Group(group.touchpoints, group.response, group.customers) for group in those]
    best, by_rule = plan(need, now, floor=0), least_slack(need, now)
    assert best.shortfall <= by_rule.shortfall + 1e-5
    assert best.shortfall < by_rule.shortfall - 1e-5 or best.total <= by_rule.total


def test_many_groups_are_rounded_to_nearly_the_fewest() -> None:
    """More unknowns than are planned as whole numbers, yet what is planned are whole customers, once each."""
    sets = [("app",), ("call",), ("branch",), ("app", "call"), ("call", "branch"), NAMES]
    those = [Group(names, 0.05 + n % 7 / 20, 20 + n % 30) for n in range(80) for names in sets]
    found = plan({"app": 700, "call": 600, "branch": 500}, those)
    assert found.exact
    assert found.shortfall == 0
    for n, group in enumerate(those):
        assert sum(found.contacts.get((n, name), 0) for name in NAMES) <= group.customers


def test_without_time_the_rule_decides() -> None:
    instance = CASES["L07"]["instance"]
    found = plan(instance["need"], groups(instance), seconds=0)
    assert not found.exact
    assert found.total == least_slack(instance["need"], groups(instance)).total


@pytest.mark.parametrize(
    ("need", "those", "floor", "told"),
    [
        ({"app": math.nan}, [Group(("app",), 0.1, 5)], 0.5, "need of app: expected a number from 0 on"),
        ({"app": "12"}, [Group(("app",), 0.1, 5)], 0.5, "need of app: expected a number from 0 on"),
        ({"app": -1}, [Group(("app",), 0.1, 5)], 0.5, "need of app: expected a number from 0 on"),
        ({"app": 1}, [], 0.5, "groups: expected at least one"),
        ({"app": 1}, [Group((), 0.1, 5)], 0.5, "group 0: has no touchpoint"),
        ({"app": 1}, [Group(("app", "app"), 0.1, 5)], 0.5, "group 0: names a touchpoint twice"),
        ({"app": 1}, [Group(("visit",), 0.1, 5)], 0.5, "group 0: unknown touchpoint visit: expected one of app"),
        ({"app": 1}, [Group(("app",), 0.1, 5, {"visit": 0.1})], 0.5, "group 0: unknown touchpoint visit"),
        ({"app": 1}, [Group(("app",), 0.1, 5, {"app": 1.5})], 0.5, "group 0: later: expected shares from 0 to 1"),
        ({"app": 1}, [Group(("app",), 0, 5)], 0.5, "group 0: response: expected a share above 0"),
        ({"app": 1}, [Group(("app",), math.nan, 5)], 0.5, "group 0: response: expected a share above 0"),
        ({"app": 1}, [Group(("app",), {}, 5)], 0.5, "group 0: no response for app"),
        ({"app": 1}, [Group(("app",), 0.1, -5)], 0.5, "group 0: customers: expected a whole number"),
        ({"app": 1}, [Group(("app",), 0.1, 5)], 1.01, "floor: expected a share from 0 to 1"),
        ({"app": 1}, [Group(("app",), 0.1, 5)], math.nan, "floor: expected a share from 0 to 1"),
    ],
)
def test_what_is_no_instance_is_refused_by_name(need: Any, those: list[Group], floor: float, told: str) -> None:
    with pytest.raises(InstanceError, match=told):
        plan(need, those, floor)


def test_weights_are_numbers_above_none() -> None:
    with pytest.raises(InstanceError, match="weight of app"):
        plan({"app": 1}, [Group(("app",), 0.1, 5)], weights={"app": 0})


def test_divisible_customers_take_no_more_than_whole_ones() -> None:
    for case in CASES.values():
        need, those = case["instance"]["need"], groups(case["instance"])
        assert plan(need, those, floor=0, whole=False).total == pytest.approx(
            case["optimum"]["lp_bound_contacts"], abs=1e-3
        )
