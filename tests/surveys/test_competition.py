"""Who competes: the calendar, the pairs, the losses, and that every figure leads to exactly its rows."""

import html
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from contacts.models import Contact, Customer, Decision
from surveys.competition import LOOKED_BACK, Loss, Pair, Planned, Standing, calendar, pairs, standings
from tests.surveys.makers import NOON, make_customer, make_program

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
UTC_ZONE = ZoneInfo("UTC")
PERIOD = (NOON - LOOKED_BACK, NOON)
FULL: list[dict[str, Any]] = [{"rule": "week", "kind": "cap", "used": 1, "limit": 1, "channel": "email"}]
LEFT_OUT: list[dict[str, Any]] = [{"rule": "sampling", "kind": "sampling", "channel": ""}]


def plan(at: datetime, program: str = "calls", outcome: str = "reserved", customer: Customer | None = None) -> Contact:
    values = {"channel": "email", "purpose": "invitation", "source": "cxsurvey", "program": program}
    times = {"at": at, "recorded_at": NOON, "updated_at": NOON}
    return Contact.objects.create(customer=customer or make_customer(), outcome=outcome, **values, **times)


def decide(
    program: str,
    result: str = "send",
    reasons: list[dict[str, Any]] | None = None,
    customer: Customer | None = None,
    at: datetime = NOON - DAY,
    stage: str = "plan",
) -> Customer:
    """Decide about a customer and return her."""
    customer = customer or make_customer()
    values: dict[str, Any] = {"channel": "email", "purpose": "invitation", "at": at, "decided_at": at, "stage": stage}
    Decision.objects.create(customer=customer, program=program, result=result, reasons=reasons or [], **values)
    return customer


def test_the_calendar_has_six_weeks_from_this_monday() -> None:
    weeks = calendar(NOON, UTC_ZONE)
    assert [len(week) for week in weeks] == [7] * 6
    assert weeks[0][0].start == datetime(2026, 5, 4, tzinfo=UTC)
    assert weeks[-1][-1].end == datetime(2026, 6, 15, tzinfo=UTC)


def test_places_are_counted_by_day_and_program_the_most_first() -> None:
    for program in ("calls", "visits", "visits"):
        plan(NOON + DAY, program)
    day = calendar(NOON, UTC_ZONE)[0][2]
    assert day.planned == [Planned("visits", 2), Planned("calls", 1)]
    assert day.places == 3


@pytest.mark.parametrize("outcome", ["accepted", "delivered", "cancelled", "expired"])
def test_what_no_longer_waits_is_not_planned(outcome: str) -> None:
    plan(NOON + DAY, outcome=outcome)
    assert calendar(NOON, UTC_ZONE)[0][2].places == 0


def test_a_day_is_that_of_the_organisations_zone_also_over_a_clock_change() -> None:
    oslo = ZoneInfo("Europe/Oslo")
    at = datetime(2026, 10, 20, 12, tzinfo=UTC)
    plan(datetime(2026, 10, 24, 22, 30, tzinfo=UTC))
    plan(datetime(2026, 10, 25, 22, 30, tzinfo=UTC))
    sunday = calendar(at, oslo)[0][6]
    assert (sunday.end - sunday.start, sunday.places) == (DAY, 2)
    assert sunday.end.astimezone(UTC) - sunday.start.astimezone(UTC) == timedelta(hours=25)


def test_a_deferred_contact_of_an_earlier_day_still_waits_there() -> None:
    plan(NOON - DAY, outcome="deferred")
    assert calendar(NOON, UTC_ZONE)[0][0].places == 1


def test_pairs_count_customers_once_however_often_both_wanted_them() -> None:
    shared = decide("calls")
    for program in ("calls", "visits", "visits"):
        decide(program, "skip", FULL, shared)
    decide("visits", customer=decide("calls"))
    decide("visits")
    assert pairs(*PERIOD) == [Pair("calls", "visits", 2)]


def test_records_of_one_person_are_one_customer() -> None:
    customer = decide("calls")
    decide("visits", customer=make_customer(merged_into=customer))
    assert pairs(*PERIOD) == [Pair("calls", "visits", 1)]


@pytest.mark.parametrize(
    "other",
    [
        {"reasons": LEFT_OUT, "result": "skip"},
        {"at": NOON},
        {"at": NOON - LOOKED_BACK - DAY},
        {"stage": "hand_over"},
    ],
)
def test_what_was_not_wanted_in_the_period_makes_no_pair(other: dict[str, Any]) -> None:
    decide("visits", customer=decide("calls"), **other)
    assert pairs(*PERIOD) == []


def test_three_programs_make_three_pairs() -> None:
    customer = make_customer()
    for program in ("calls", "purchases", "visits"):
        decide(program, customer=customer)
    assert [pair[:2] for pair in pairs(*PERIOD)] == [
        ("calls", "purchases"),
        ("calls", "visits"),
        ("purchases", "visits"),
    ]


def test_losses_are_counted_by_program_and_first_reason_the_most_important_program_first() -> None:
    make_program(slug="visits", priority=5)
    make_program(slug="calls", priority=1)
    pause: dict[str, Any] = {"rule": "pause", "kind": "wish", "channel": "email"}
    for reasons in ([pause, *FULL], FULL, FULL):
        decide("calls", "skip", reasons)
    decide("calls", "delay", FULL)
    decide("calls")
    decide("calls", "skip", LEFT_OUT)
    decide("visits")
    decide("gone", "skip", FULL)
    first, second, third = standings(*PERIOD)
    assert first == Standing("visits", 5, Counter(send=1), [])
    assert (second.program, second.wanted, dict(second.results)) == ("calls", 5, {"skip": 3, "delay": 1, "send": 1})
    assert set(second.losses) == {
        Loss("skip", "cap", "week", 2),
        Loss("skip", "wish", "pause", 1),
        Loss("delay", "cap", "week", 1),
    }
    assert (third.program, third.priority) == ("gone", None)


def test_all_figures_cost_four_statements(django_assert_num_queries: Any) -> None:
    for _ in range(3):
        decide("visits", customer=decide("calls"))
    with django_assert_num_queries(4):
        assert calendar(NOON, UTC_ZONE)
        assert pairs(*PERIOD)
        assert standings(*PERIOD)


@pytest.fixture
def client() -> Client:
    """A client that may see everything; which roles may is in tests/routes.txt."""
    browser = Client()
    browser.force_login(User.objects.create(username="ada", is_superuser=True, is_staff=True))
    return browser


def rows_behind(client: Client, url: str) -> int:
    page = client.get(html.unescape(url))
    assert page.status_code == 200
    return int(page.context["cl"].result_count)


def test_every_figure_of_the_page_leads_to_its_rows(client: Client) -> None:
    at = timezone.now() - DAY
    shared = decide("calls", at=at)
    decide("visits", "skip", FULL, shared, at=at)
    decide("visits", "skip", LEFT_OUT, at=at)
    decide("visits", "delay", FULL, at=at)
    decide("calls", at=at)
    plan(timezone.now() + DAY, "calls", customer=shared)
    plan(timezone.now() + DAY, "calls", "delivered", customer=shared)
    text = re.sub(r"\s+", " ", client.get("/admin/competition/").content.decode())
    figures = re.findall(r'<a [^>]*href="(/admin/contacts/[^"]+\?[^"]+)"[^>]*>(?:<strong>)?(\d+)', text)
    assert len(figures) == 2 + 1 + 2 * 4 + 2
    assert [rows_behind(client, url) for url, _ in figures] == [int(count) for _, count in figures]


def test_the_page_says_when_there_is_nothing(client: Client) -> None:
    text = client.get("/admin/competition/").content.decode()
    assert "No two programs wanted the same customer." in text
    assert "No program has planned anything in this time." in text


def test_a_period_that_cannot_be_read_does_not_break_the_list(client: Client) -> None:
    url = "/admin/contacts/decision/?also_wanted_by=calls&decided_at__gte=yesterday"
    assert client.get(url).status_code == 302
