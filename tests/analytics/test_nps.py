"""Answers counted in groups by the database."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from analytics.counting import GROUPINGS, Grouping
from analytics.models import JourneyStage
from analytics.nps import nps_rows
from analytics.period import Period
from analytics.scope import Scope
from surveys.models import Response
from tests.analytics.world import days_ago, make_responses
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_touchpoint

pytestmark = pytest.mark.django_db
EVERYTHING = Scope(Period(None, None, NOON))


def sizes(by: Grouping, scope: Scope = EVERYTHING) -> dict[str, int]:
    return {row["value"]: row["n"] for row in nps_rows(by, scope)}


def test_row_has_the_counts_and_the_score() -> None:
    make_responses(14, 9, 7)
    [row] = nps_rows("overall", EVERYTHING)
    assert (row["by"], row["value"], row["n"], row["state"]) == ("overall", "all", 30, "wide")
    assert (row["promoters"], row["passives"], row["detractors"], row["nps"]) == (14, 9, 7, 23.3)


@pytest.mark.parametrize(
    ("score", "category"),
    [(0, "detractors"), (6, "detractors"), (7, "passives"), (8, "passives"), (9, "promoters"), (10, "promoters")],
)
def test_bounds_of_the_categories(score: int, category: str) -> None:
    for _ in range(10):
        make_response(score)
    [row] = nps_rows("overall", EVERYTHING)
    assert {name for name in ("promoters", "passives", "detractors") if row[name] == 10} == {category}


def test_small_group_is_hidden_and_with_it_the_next_that_would_give_it_away() -> None:
    for kind, each in {"visit": 6, "call": 5, "chat": 3}.items():
        make_responses(each, each, each, touchpoint=make_touchpoint(kind=kind))
    visit, *hidden = nps_rows("kind", EVERYTHING)
    assert (visit["value"], visit["n"], visit["nps"]) == ("visit", 18, 0.0)
    for row, (kind, n, missing) in zip(hidden, [("call", 15, 0), ("chat", 9, 1)], strict=True):
        told = {key: value for key, value in row.items() if value is not None}
        assert told == {"by": "kind", "value": kind, "n": n, "state": "withheld", "missing": missing}


@pytest.mark.parametrize("by", GROUPINGS)
def test_the_total_less_the_rest_is_no_small_group(by: Grouping) -> None:
    for month, each in enumerate((5, 4, 3, 7), start=1):
        at = datetime(2026, month, 10, 12, tzinfo=UTC)
        groups: dict[str, Any] = {name: f"{name} {month}" for name in ("kind", "channel", "team", "agent", "product")}
        make_responses(each, each, 0, touchpoint=make_touchpoint(**groups), answered_at=at)
        JourneyStage.objects.create(name=f"stage {month}", kinds=[groups["kind"]])
    [total] = nps_rows("overall", EVERYTHING)
    rows = nps_rows(by, EVERYTHING)
    shown = [row["n"] for row in rows if row["state"] != "withheld"]
    assert total["n"] - sum(shown) == (0 if by == "overall" else 8 + 6)


def test_kind_channel_and_team_are_those_of_the_touchpoint() -> None:
    make_responses(2, 0, 0, touchpoint=make_touchpoint(kind="call", channel="hotline", team="North"))
    make_responses(0, 1, 0, touchpoint=make_touchpoint(kind="visit", channel="shop", team=""))
    assert sizes("kind") == {"call": 2, "visit": 1}
    assert sizes("channel") == {"hotline": 2, "shop": 1}
    assert sizes("team") == {"North": 2, "": 1}


def test_answer_about_no_touchpoint_counts_under_the_channel_it_came_by() -> None:
    make_responses(1, 0, 0, channel="phone")
    Response.objects.update(touchpoint=None)
    assert (sizes("kind"), sizes("channel"), sizes("team")) == ({"": 1}, {"phone": 1}, {"": 1})


def test_stages_stand_in_the_order_of_the_journey_and_what_is_in_none_last() -> None:
    for kind in ("call", "chat", "visit", "parcel"):
        make_responses(1, 0, 0, touchpoint=make_touchpoint(kind=kind))
    JourneyStage.objects.create(name="Getting help", position=2, kinds=["call", "chat", "fax"])
    JourneyStage.objects.create(name="Buying", position=1, kinds=["visit"])
    JourneyStage.objects.create(name="Leaving", position=3, kinds=["exit"])
    assert list(sizes("stage").items()) == [("Buying", 1), ("Getting help", 2), ("", 1)]


def test_month_is_that_of_the_answer_in_the_organisations_zone(settings: Settings) -> None:
    for day in (1, 31):
        make_response(9, answered_at=datetime(2026, 3, day, 23, tzinfo=UTC))
    settings.TIME_ZONE = "Europe/Berlin"
    assert sizes("month") == {"2026-03": 1, "2026-04": 1}


def test_only_answers_of_the_period_count() -> None:
    make_response(9, answered_at=days_ago(10))
    make_response(9, answered_at=days_ago(40))
    assert sizes("overall", Scope(Period(days_ago(30), None, NOON))) == {"all": 1}
    assert sizes("overall", Scope(Period(days_ago(30), days_ago(10), NOON))) == {"all": 0}


def test_what_is_no_score_is_left_out() -> None:
    make_response(None, "No score, only words.", call_me=True)
    assert sizes("overall") == {"all": 0}
    assert sizes("kind") == {}


@pytest.mark.parametrize("by", GROUPINGS)
def test_each_grouping_is_two_statements_or_three_and_loses_no_answer(
    by: Grouping, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for kind in ("call", "visit", "chat"):
        make_responses(4, 3, 2, touchpoint=make_touchpoint(kind=kind))
    with django_assert_num_queries(3 if by == "stage" else 2):
        assert sum(sizes(by).values()) == 27
