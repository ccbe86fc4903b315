"""Windows, clock changes, hours and zones, each against a reckoning by hand or by brute force."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.frequency import Customer
from contacts.frequency.hours import first_open, first_working, read_hours
from contacts.frequency.policy import DEFAULT_HOURS
from contacts.frequency.reading import Node
from contacts.frequency.windows import clock_changes, parse_window
from contacts.frequency.zones import possible_zones, zones_by_country, zones_of_number
from tests.contacts.frequency_judge import expiry, is_open

NIGHT = {"mon-sun": "22:30-02:30"}
OFFICE = DEFAULT_HOURS["sms"]
PERIODS = {  # weekday -> minutes, reckoned by hand
    "night": {day: [(0, 150), (1350, 1440)] for day in range(7)},
    "office": {day: [(540, 1200)] for day in range(6)} | {6: [(720, 1200)]},
}
CHANGING = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "America/St_Johns"]


@pytest.mark.parametrize("window", ["36 hours", "1 day", "30 days", "day", "week", "month", "quarter", "year"])
@pytest.mark.parametrize("zone", [*CHANGING, "Africa/Casablanca", "America/Havana"])
def test_a_contact_expires_when_the_calendar_says(window: str, zone: str) -> None:
    known = ZoneInfo(zone)
    for days in range(0, 365, 3):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days, minutes=days * 37)
        assert parse_window(window).end(at, known) == expiry(at, window.removesuffix("s"), known)


@pytest.mark.parametrize("window", ["36 hours", "1 day", "30 days", "day", "week", "month", "quarter", "year"])
def test_no_contact_counts_longer_than_the_longest(window: str) -> None:
    for days in range(366):
        at = datetime(2027, 3, 1, tzinfo=UTC) + timedelta(days=days, hours=days % 24)
        lasting = parse_window(window).end(at, ZoneInfo("America/New_York")) - at
        assert timedelta(0) < lasting <= parse_window(window).longest


def test_clock_changes_are_found_to_the_second() -> None:
    assert clock_changes(ZoneInfo("Europe/Berlin"), 2026) == (
        datetime(2026, 3, 29, 1, tzinfo=UTC),
        datetime(2026, 10, 25, 1, tzinfo=UTC),
    )
    assert clock_changes(ZoneInfo("Australia/Lord_Howe"), 2026) == (
        datetime(2026, 4, 4, 15, tzinfo=UTC),
        datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    )
    assert clock_changes(ZoneInfo("Africa/Lagos"), 2026) == ()


@pytest.mark.parametrize(
    ("zone", "year"),
    [
        ("Africa/Tunis", 1943),
        ("America/Argentina/Tucuman", 2004),
        ("Europe/Tirane", 1943),
        ("Africa/Cairo", 2014),
        ("Africa/Casablanca", 2026),
        ("America/New_York", 2028),
        ("Pacific/Apia", 2011),
    ],
)
def test_no_clock_change_is_missed(zone: str, year: int) -> None:
    """Looking at every hour finds the same number, also where a clock was changed twice within two weeks."""
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(366 * 24)]
    offsets = [hour.astimezone(ZoneInfo(zone)).utcoffset() for hour in hours if hour.year == year]
    assert len(clock_changes(ZoneInfo(zone), year)) == sum(one != two for one, two in pairwise(offsets))


@settings(max_examples=60)
@given(
    st.sampled_from(["night", "office"]),
    st.lists(st.sampled_from(CHANGING), min_size=1, max_size=2, unique=True),
    st.sampled_from([datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)]),
    st.integers(0, 2 * 24 * 60),
)
def test_the_first_open_minute_is_found_as_by_looking_at_every_clock(
    name: str, names: list[str], day: datetime, minute: int
) -> None:
    zones = tuple(ZoneInfo(name) for name in names)
    week = read_hours(Node(NIGHT if name == "night" else OFFICE, "hours", ValueError))
    assert week != "always"
    at = day + timedelta(minutes=minute)
    expected = next(
        (later for n in range(3 * 24 * 60) if is_open(PERIODS[name], later := at + timedelta(minutes=n), zones)), None
    )
    found = first_open(week, zones, at)
    assert found == expected if expected else found is None or found >= at + timedelta(days=3)


def test_a_second_within_the_last_minute_is_still_open() -> None:
    week = read_hours(Node(OFFICE, "hours", ValueError))
    assert week != "always"
    last = datetime(2026, 6, 10, 19, 59, 59, 999_999, tzinfo=UTC)
    assert first_open(week, (ZoneInfo("UTC"),), last) == last
    assert first_open(week, (ZoneInfo("UTC"),), last + timedelta(microseconds=1)) == datetime(
        2026, 6, 11, 9, tzinfo=UTC
    )


def test_holidays_last_until_they_are_over_in_every_zone() -> None:
    holidays = frozenset({date(2026, 12, 25), date(2026, 12, 26)})
    zones = (ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York"))
    over = datetime(2026, 12, 27, 5, tzinfo=UTC)
    assert first_working(holidays, zones, datetime(2026, 12, 24, 15, tzinfo=UTC)) == over
    assert first_working(holidays, zones, datetime(2026, 12, 24, 14, 59, tzinfo=UTC)) < over


@pytest.mark.parametrize(
    ("customer", "zones"),
    [
        (Customer("c", timezone="Asia/Tokyo", phone="+12125550123", country="US"), {"Asia/Tokyo"}),
        (Customer("c", phone="+12125550123", country="ES"), {"America/New_York"}),
        (Customer("c", phone="+447700900123", country="ES"), {"Europe/Madrid", "Africa/Ceuta", "Atlantic/Canary"}),
        (Customer("c", phone="nonsense", country="BV"), {"Europe/Oslo", "Asia/Dubai"}),
        (Customer("c"), {"Europe/Oslo", "Asia/Dubai"}),
    ],
)
def test_an_unknown_zone_is_every_zone_that_is_possible(customer: Customer, zones: set[str]) -> None:
    assert {zone.key for zone in possible_zones(customer, ("Europe/Oslo", "Asia/Dubai"))} == zones


def test_without_anything_known_the_zone_is_utc() -> None:
    assert [zone.key for zone in possible_zones(Customer("c"))] == ["UTC"]


def test_every_zone_of_a_country_or_a_number_can_be_loaded() -> None:
    assert len(zones_by_country()) > 240
    numbers = zones_of_number("+18005550123")
    assert len(numbers) > 20
    assert all(ZoneInfo(name) for names in (numbers, *zones_by_country().values()) for name in names)


def test_no_clock_change_of_any_zone_lets_a_message_out_of_the_hours() -> None:
    """Every zone there is, both days around its clock changes, every half hour: the first open instant is within."""
    zones = [ZoneInfo(name) for name in sorted(available_timezones())]
    week = read_hours(Node(OFFICE, "hours", ValueError))
    assert week != "always"
    outside, tried = [], 0
    for zone in zones:
        for change in clock_changes(zone, 2026) or (datetime(2026, 3, 29, 1, tzinfo=UTC),):
            for half_hours in range(-48, 48):
                at = change + half_hours * timedelta(minutes=30)
                opened = first_open(week, (zone,), at)
                reading = opened.astimezone(zone) if opened else None
                tried += 1
                if reading is None or not 9 <= reading.hour < 20 or (reading.weekday() == 6 and reading.hour < 12):
                    outside.append((zone, at, reading))
    assert outside == []
    assert tried > 400 * 2 * 48
