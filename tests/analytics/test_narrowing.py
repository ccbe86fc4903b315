"""The ways from one view of a report to the next, as people click them."""

import re
from datetime import date
from html import unescape

import pytest
from django.test import Client

from analytics.narrowing import chips, presets, tabs
from analytics.period import Period
from analytics.reports import REPORTS
from analytics.scope import Scope, narrowed
from tests.analytics.world import make_responses, make_sent
from tests.staff import client_of
from tests.surveys.makers import NOON, make_program, make_touchpoint

pytestmark = pytest.mark.django_db
MAY = Period.of_days(date(2026, 5, 1), date(2026, 5, 31), NOON)


@pytest.fixture
def analyst() -> Client:
    return client_of("Analyst")


def links(page: str) -> dict[str, str]:
    """Words of every link to another view -> its address."""
    found = re.findall(r'<a href="(\?[^"]*)"[^>]*>([^<]*)', page)
    return {unescape(words).strip(): unescape(address) for address, words in found}


def test_each_chip_takes_one_thing_away() -> None:
    scope = narrowed(MAY, {"kind": "service_call", "program": "after-call"})
    told = {way.text: way.address for way in chips(scope, {"after-call": "After a call"})}
    assert told == {
        "1 May 2026 to 31 May 2026": "?kind=service_call&program=after-call",
        "Kind: Service call": "?since=2026-05-01&until=2026-05-31&program=after-call",
        "Program: After a call": "?since=2026-05-01&until=2026-05-31&kind=service_call",
    }
    assert chips(Scope(Period(None, None, NOON)), {}) == []


def test_a_preset_changes_the_days_alone_and_knows_where_one_is() -> None:
    ways = {way.text: way for way in presets(narrowed(MAY, {"kind": "call"}), date(2026, 6, 10))}
    assert ways["Last month"].address == "?since=2026-05-01&until=2026-05-31&kind=call"
    assert [text for text, way in ways.items() if way.chosen] == ["Last month"]
    assert ways["Everything"].address == "?kind=call"


def test_the_other_reports_keep_what_they_can_be_narrowed_by() -> None:
    scope = narrowed(MAY, {"kind": "call", "program": "after-call"})
    ways = {way.text: way.address for way in tabs(scope, REPORTS.values(), REPORTS["fatigue"])}
    assert ways["Fatigue"] == "/admin/report/fatigue/?since=2026-05-01&until=2026-05-31&program=after-call"
    assert "kind=call" in ways["Touchpoints"]


def test_a_name_in_a_table_leads_to_that_group(analyst: Client) -> None:
    make_responses(20, 10, 15, touchpoint=make_touchpoint(kind="service_call", team="Team & Co"))
    make_responses(20, 0, 0, touchpoint=make_touchpoint(kind="visit"))
    address = "/admin/report/touchpoints/"
    all_of_it = links(analyst.get(address).content.decode())
    assert all_of_it["Service call"] == "?kind=service_call"
    assert all_of_it["Team & Co"] == "?team=Team+%26+Co"
    assert all_of_it["2026-05"] == "?since=2026-05-01&until=2026-05-31"
    narrowed_page = analyst.get(address + all_of_it["Team & Co"]).content.decode()
    assert "NPS 11.1" in narrowed_page
    assert "Team & Co" not in links(narrowed_page), "one is there"
    assert links(narrowed_page)["Service call"] == "?team=Team+%26+Co&kind=service_call"


def test_nothing_leads_to_a_group_without_a_name(analyst: Client) -> None:
    make_responses(20, 0, 0, touchpoint=make_touchpoint(team=""))
    page = analyst.get("/admin/report/touchpoints/").content.decode()
    assert "not stated" in page
    assert "not stated" not in links(page)


def test_a_program_is_named_and_its_address_has_the_slug(analyst: Client) -> None:
    program = make_program(name="After a call", slug="after-call")
    make_sent(12, 4, program=program)
    for key in ("fatigue", "delivery"):
        page = analyst.get(f"/admin/report/{key}/").content.decode()
        assert links(page)["After a call"] == "?program=after-call"


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("/admin/report/fatigue/?kind=call", "Fatigue cannot be narrowed by kind, only by program."),
        ("/admin/report/touchpoints/?program=nowhere", "nowhere is not one of the available choices"),
        ("/api/v1/reports/fatigue/?kind=call", "Fatigue cannot be narrowed by kind, only by program."),
    ],
)
def test_a_filter_that_would_do_nothing_is_refused_by_name(analyst: Client, address: str, named: str) -> None:
    answer = analyst.get(address)
    assert answer.status_code == 400
    assert named in answer.content.decode()


def test_the_api_names_the_filter_in_its_error(analyst: Client) -> None:
    assert list(analyst.get("/api/v1/reports/fatigue/?kind=call").json()) == ["kind"]
    assert list(analyst.get("/api/v1/reports/touchpoints/?since=soon").json()) == ["since"]
    answer = analyst.get("/api/v1/reports/touchpoints/?since=2026-05-06&until=2026-05-05").json()
    assert "exchange the two dates" in answer["until"][0]
    assert "there" in analyst.get("/api/v1/reports/nowhere/").json()["detail"].casefold()
