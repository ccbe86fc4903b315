"""The page Touchpoints: few statements, what each score means, and why something is not shown."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from analytics import reports
from analytics.models import JourneyStage, Metric
from analytics.period import Period
from analytics.reports import REPORTS
from analytics.scope import Scope
from tests.analytics.world import days_ago, make_lives, make_ratings, make_responses, make_sent
from tests.staff import client_of
from tests.surveys.makers import NOON, make_touchpoint

pytestmark = pytest.mark.django_db
WEEK = Scope(Period(days_ago(7), None, NOON + timedelta(days=40)))


def numbers(scope: Scope = WEEK) -> dict[str, Any]:
    return reports.build(scope, [REPORTS["touchpoints"]])


def sections(told: dict[str, Any]) -> dict[str, Any]:
    return {one.key: one for one in REPORTS["touchpoints"].context(told)["sections"]}


def make_two_weeks(kinds: tuple[str, ...] = ("call", "visit", "chat")) -> None:
    for kind in kinds:
        touchpoint = make_touchpoint(kind=kind, team=f"Team {kind}", agent=f"Agent {kind}", product="CDs")
        make_responses(20, 10, 15, touchpoint=touchpoint)
        make_responses(15, 10, 20, touchpoint=touchpoint, answered_at=days_ago(10))


@pytest.fixture
def everything() -> Client:
    """All that the page shows: three metrics, two periods, weights, churn, stages."""
    make_two_weeks()
    make_lives("call", 20, 15)
    make_sent(30, 12)
    make_ratings("csat", [5, 4, 3, 2] * 5, touchpoint=make_touchpoint(kind="call"))
    make_ratings("ces", [7, 6, 2, 1] * 5, touchpoint=make_touchpoint(kind="call"))
    JourneyStage.objects.create(name="Getting help", kinds=["call", "chat"])
    return client_of("CX manager")


@pytest.mark.parametrize("query", ["", "?since=2026-05-01&until=2026-05-31", "?since=2026-05-01&stage=Getting+help"])
def test_page_takes_at_most_fifteen_statements(
    everything: Client, query: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(15):
        answer = everything.get(f"/admin/report/touchpoints/{query}")
    page = answer.content.decode()
    assert answer.status_code == 200
    for heading in ("NPS by journey stage", "NPS by month", "What could the silent change?"):
        assert heading in page


def test_the_page_shows_one_score_at_a_time_and_files_have_all(everything: Client) -> None:
    titles = {}
    for query in ("", "?score=csat&kind=call", "?score=ces"):
        page = everything.get(f"/admin/report/touchpoints/{query}")
        titles[query] = " ".join(one.title for one in page.context["sections"])
    for query, score in {"": "NPS", "?score=csat&kind=call": "CSAT", "?score=ces": "CES"}.items():
        for other in ("NPS", "CSAT", "CES"):
            assert (f"{other} by month" in titles[query]) == (other == score)
        assert "What do the scores mean?" in titles[query]
    of_all = " ".join(one.title for one in sections(numbers(Scope(Period(None, None, NOON)))).values())
    assert all(f"{score} by month" in of_all for score in ("NPS", "CSAT", "CES"))


def test_the_choice_of_a_score_keeps_filters_and_filters_keep_the_score(everything: Client) -> None:
    answer = everything.get("/admin/report/touchpoints/?score=csat&kind=call&since=2026-05-01")
    ways = {way.text: (way.address, way.chosen) for way in answer.context["scores"]}
    assert ways == {
        "NPS": ("?since=2026-05-01&kind=call", False),
        "CSAT": ("?since=2026-05-01&kind=call&score=csat", True),
        "CES": ("?since=2026-05-01&kind=call&score=ces", False),
    }
    page = answer.content.decode()
    assert '<input type="hidden" name="score" value="csat"' in page
    assert answer.context["headline"].figure == "CSAT 50.0%"
    kept = [way.address for name in ("chips", "presets") for way in answer.context[name]]
    cells = [cell.address for one in answer.context["sections"] for row in one.rows for cell in row if cell.address]
    assert {"score=csat" in address for address in [*kept, *cells]} == {True}
    assert everything.get("/admin/report/touchpoints/?score=nothing").status_code == 400


def test_change_is_against_the_same_length_before() -> None:
    make_two_weeks(("call",))
    row = next(row for row in numbers()["changes"] if (row["metric"], row["by"]) == ("nps", "kind"))
    assert (row["n"], row["n_before"], row["before"], row["change"]) == (45, 45, -11.1, 22.2)
    lead = sections(numbers())["nps-kind"].lead
    assert "of the same length and with the same filters" in lead


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        (Scope(Period(None, None, NOON)), "Choose a first day to see the change"),
        (WEEK, "There are no answers of the time before"),
    ],
)
def test_without_a_time_before_there_is_no_change_and_it_says_why(scope: Scope, told: str) -> None:
    make_responses(20, 10, 15)
    found = numbers(scope)
    assert {row["change"] for row in found["changes"]} <= {None}
    assert told in sections(found)["nps-kind"].lead


def test_definition_stands_beside_the_number_and_the_target_in_the_picture() -> None:
    Metric.objects.filter(key="csat").update(target=80, minimum_n=12, horizon_days=30, name="Happy customers")
    make_ratings("csat", [5, 4, 3] * 10)
    shown = sections(numbers())
    cells = {row[0].text: [cell.text for cell in row[1:]] for row in shown["metrics"].rows}
    told = ["up to 30 days after", "12 answers", "80.0", "Percent", "30"]
    assert cells["Happy customers"][1:] == told
    assert shown["csat-kind"].title == "Happy customers by touchpoint"
    assert "Target 80" in shown["csat-kind"].charts[0].figure
    assert "Target" not in shown["nps-kind"].note


def test_what_is_hidden_says_why_and_how_many_answers_are_missing() -> None:
    for kind, each in {"visit": 12, "call": 5, "chat": 2}.items():
        make_responses(each, each, each, touchpoint=make_touchpoint(kind=kind))
    found = sections(numbers())["nps-kind"]
    assert "Not drawn, as under 10 answers: Chat (6)." in found.note
    assert "as fewer than 10 customers gave them, or as the total would then tell" in found.note
    heads = [head.text for head in found.heads]
    missing = {row[0].text: row[heads.index("Answers missing")].text for row in found.rows}
    assert missing == {"All": "0", "Visit": "0", "Call": "0", "Chat": "4"}


def test_hidden_groups_are_in_no_table_of_the_numbers() -> None:
    for kind, each in {"visit": 31, "call": 5, "chat": 2}.items():
        make_responses(each, 0, each, touchpoint=make_touchpoint(kind=kind))
        make_responses(each, 0, each, touchpoint=make_touchpoint(kind=kind), answered_at=days_ago(10))
    found = numbers()
    for name in ("nps", "weighted", "changes", "ranks"):
        for row in found[name]:
            if row["by"] == "kind" and row["value"] in ("call", "chat"):
                assert {key for key, value in row.items() if isinstance(value, float)} == set(), (name, row)


def test_weights_say_what_they_rest_on() -> None:
    make_sent(120, 40)
    found = numbers()
    [row] = [row for row in found["weights"] if row["metric"] == "nps"]
    assert (row["asked"], row["answered"], row["weighted"]) == (120, 40, 40)
    assert row["largest"] == pytest.approx(3)
    shown = sections(found)
    assert "40 of 120 who were asked answered" in shown["silent"].lead
    assert "by logistic regression" in shown["weights"].lead


def test_without_weights_the_page_says_so() -> None:
    make_responses(20, 10, 15)
    found = numbers()
    assert {row["state"] for row in found["weighted"]} == {"withheld"}
    assert found["silent"] == []
    shown = sections(found)
    assert "No weights: nobody was asked for it whose time to answer is over" in shown["weights"].lead
    assert "nothing can be said of who did not answer" in shown["unhappy"].lead


def test_groups_that_stand_out_are_named_with_chance_taken_off() -> None:
    for kind, counts in {"app": (200, 100, 60), "phone": (90, 90, 120), "chat": (130, 100, 95)}.items():
        make_responses(*counts, touchpoint=make_touchpoint(kind=kind))
    found = numbers()
    assert [row["value"] for row in found["ranks"] if row["by"] == "kind"] == ["app", "chat", "phone"]
    shown = sections(found)["ranks"]
    assert [row[1].text for row in shown.rows if row[0].text == "Touchpoint"] == ["App", "Chat", "Phone"]
    assert len(shown.charts) == 1


def test_api_has_the_rows_of_the_report() -> None:
    make_two_weeks()
    query = "since=2026-04-29&until=2026-05-05"
    answer = client_of("Analyst").get(f"/api/v1/reports/touchpoints/?{query}")
    assert json.loads(answer.content)["nps"][0]["n"] == 135
    by_kind = client_of("CX manager").get(f"/api/v1/scores/?by=kind&{query}").json()
    assert by_kind == [row for row in json.loads(answer.content)["nps"] if row["by"] == "kind"]


def test_texts_hold_no_empty_places() -> None:
    make_two_weeks()
    leads = " ".join(one.lead for one in sections(numbers()).values())
    assert re.findall(r"[{}]|None", leads) == []
