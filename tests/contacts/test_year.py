"""The picture of a customer's year: what is read, where it lies, and that shapes and words say the same."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contacts import consent, gate
from contacts.frequency import Lane, Step, Stretch
from contacts.models import Contact, Customer
from contacts.why import question, why
from contacts.year import Band, Mark, Year, read_year, year_before
from contacts.year_picture import Strip, draw_year
from tests.contacts.makers import NOON, cap, make_customer, put_in_force, reserved

DAY = timedelta(days=1)
OSLO = ZoneInfo("Europe/Oslo")
START, END = datetime(2025, 4, 30, 22, tzinfo=UTC), datetime(2026, 9, 30, 22, tzinfo=UTC)
"""Midnights of 1 May 2025 and 1 October 2026 in Oslo."""


def year_of(customer: Customer, channel: str = "email", at: datetime = NOON) -> Year:
    book = gate.read_book(customer.pk, year_before(at))
    return read_year(book, why(book, question(customer.pk, channel, at)))


def happened(customer: Customer, days: float, **fields: Any) -> Contact:
    """A row of the ledger so many days before NOON."""
    at = NOON - days * DAY
    values = {"channel": "email", "purpose": "invitation", "outcome": "delivered", "source": "crm"} | fields
    return Contact.objects.create(customer=customer, at=at, recorded_at=at, updated_at=at, **values)


@pytest.mark.django_db
def test_the_year_is_twelve_whole_months_before_the_question_and_four_after() -> None:
    found = year_of(make_customer(time_zone="Europe/Oslo"))
    assert (found.since, found.at, found.until) == (START, NOON, END)


@pytest.mark.django_db
def test_the_year_reaches_to_the_first_allowed_instant() -> None:
    put_in_force(cap(1, "300 days"))
    customer = make_customer()
    reserved(customer)
    found = year_of(customer)
    assert found.allowed_at == NOON + 300 * DAY
    assert found.until == datetime(2027, 4, 1, tzinfo=UTC)
    assert found.free == (Stretch(NOON + 300 * DAY, found.until),)


@pytest.mark.django_db
def test_what_was_released_leaves_no_mark() -> None:
    put_in_force()
    customer = make_customer()
    happened(customer, 400)
    happened(customer, 3, outcome="bounced")
    happened(customer, 20, channel="sms", survey="nps")
    happened(customer, 10, channel="", purpose="response", outcome="completed")
    reserved(customer, NOON + 5 * DAY, survey="nps")
    assert [(mark.what, mark.planned, mark.words) for mark in year_of(customer).marks] == [
        ("sms", False, "Invitation by SMS (delivered, survey nps)"),
        ("response", False, "Response (completed, crm)"),
        ("email", True, "Invitation by Email (reserved, survey nps)"),
    ]


@pytest.mark.django_db
def test_a_window_that_began_before_the_year_fills_its_beginning() -> None:
    put_in_force(cap(1, "300 days"))
    customer = make_customer()
    happened(customer, 500)
    assert year_of(customer).lanes[0].steps[0].used == 1


@pytest.mark.django_db
def test_after_a_no_there_is_no_free_place_and_after_a_pause_there_is() -> None:
    put_in_force(cap(1, "30 days"))
    customer = make_customer()
    consent.pause(customer.pk, NOON + 9 * DAY, at=NOON - DAY, via="link")
    paused = year_of(customer)
    assert paused.free == (Stretch(NOON + 9 * DAY, paused.until),)
    assert paused.bands == (Band(NOON - DAY, NOON + 9 * DAY, "Pause that the customer asked for"),)
    consent.opt_out(customer.pk, "email", at=NOON, via="reply")
    refused = year_of(customer)
    assert refused.free == ()
    assert refused.bands[0] == Band(NOON, refused.until, "No Email")
    assert year_of(customer, "sms").free != ()


@pytest.mark.django_db
def test_the_phone_rests_after_a_call_before_it_is_free() -> None:
    put_in_force()
    customer = make_customer()
    happened(customer, 1, channel="phone", purpose="call", outcome="not_now")
    assert year_of(customer, "phone").free[0].start == NOON + 6 * DAY
    assert year_of(customer).free[0].start == NOON


def drawn(**fields: Any) -> dict[str, Strip]:
    """The strips of a year by label."""
    empty = Year(START, NOON, END, OSLO, (), (), (), (), None)
    return {strip.label: strip for strip in draw_year(replace(empty, **fields)).strips}


def test_every_channel_has_its_strip_and_its_own_shape() -> None:
    strips = drawn()
    assert list(strips) == ["Email", "SMS", "Phone", "Answers", "Free places"]
    shapes = [strip.shape for strip in strips.values() if strip.kind == "marks"]
    assert shapes == ["email", "sms", "phone", "response"]


def test_a_mark_lies_where_its_instant_is_and_says_its_day_by_the_customers_clock() -> None:
    half = START + (END - START) / 2
    late = datetime(2026, 5, 5, 22, 30, tzinfo=UTC)
    email = drawn(marks=(Mark(half, "email", "Invitation", False), Mark(late, "email", "Invitation", True)))["Email"]
    assert email.note == "1, 1 planned"
    assert [(shape.look, shape.x) for shape in email.shapes] == [("done", 50.0), ("planned", 71.43)]
    assert email.shapes[1].words == "6 May 2026: Invitation"


def test_a_lane_is_as_high_as_it_is_used_and_full_where_nothing_fits() -> None:
    steps = (
        Step(START, NOON - 60 * DAY, 0),
        Step(NOON - 60 * DAY, NOON - 30 * DAY, 1),
        Step(NOON - 30 * DAY, NOON - 20 * DAY, 2),
        Step(NOON - 20 * DAY, NOON + DAY, 3),
        Step(NOON + DAY, END, 0),
    )
    strip = drawn(lanes=(Lane("contacts", 2, 1, steps),))["contacts"]
    assert strip.note == "3 of 2 used"
    assert [(shape.look, shape.height, shape.top) for shape in strip.shapes] == [("part", 50, 50), ("full", 100, 0)]
    assert [shape.words for shape in strip.shapes] == [
        "1 of 2 used from 6 March 2026 to 5 April 2026",
        "No room (limit 2) from 5 April 2026 to 6 May 2026",
    ]
    assert strip.shapes[0].x + strip.shapes[0].width == pytest.approx(strip.shapes[1].x, abs=0.02)


def test_a_deliberate_block_is_full_all_year() -> None:
    [shape] = drawn(lanes=(Lane("never", 0, 1, (Step(START, END, 0),)),))["never"].shapes
    assert (shape.look, shape.x, shape.width) == ("full", 0, 100)


def test_months_are_those_of_the_zone_and_january_is_named_by_its_year() -> None:
    months = draw_year(Year(START, NOON, END, OSLO, (), (), (), (), None)).months
    assert [month.name for month in months[:9]] == ["May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "2026"]
    assert [month.name for month in months if month.major] == ["Jul", "Oct", "2026", "Apr", "Jul"]
    assert months[0].x == 0
    assert len(months) == 17


def test_the_flag_stands_at_the_first_allowed_instant_if_it_is_seen() -> None:
    empty = Year(START, NOON, END, OSLO, (), (), (), (), NOON)
    assert draw_year(empty).allowed == draw_year(empty).asked
    assert draw_year(replace(empty, allowed_at=END + DAY)).allowed is None
    assert draw_year(replace(empty, allowed_at=None)).allowed is None


@pytest.mark.django_db
def test_a_refusal_that_was_taken_back_ends_there() -> None:
    customer = make_customer()
    consent.opt_out(customer.pk, "", at=NOON - 50 * DAY, via="link")
    consent.reopen(customer.pk, "", at=NOON - 20 * DAY, via="link")
    assert year_of(customer).bands == (Band(NOON - 50 * DAY, NOON - 20 * DAY, "No contact at all"),)
