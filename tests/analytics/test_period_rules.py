"""Periods by a rule, and when what is sent again and again is due."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from analytics.period_rules import PeriodRule, month_days
from analytics.report_times import Every, next_time

BERLIN = ZoneInfo("Europe/Berlin")


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("rule", "today", "first", "last"),
    [
        ("last-week", "2026-11-23", "2026-11-16", "2026-11-22"),  # a Monday
        ("last-week", "2026-11-29", "2026-11-16", "2026-11-22"),  # a Sunday
        ("last-week", "2026-01-01", "2025-12-22", "2025-12-28"),
        ("last-30-days", "2026-03-01", "2026-01-31", "2026-03-01"),
        ("this-month", "2026-02-01", "2026-02-01", "2026-02-01"),
        ("last-month", "2026-03-31", "2026-02-01", "2026-02-28"),
        ("last-month", "2028-03-01", "2028-02-01", "2028-02-29"),
        ("last-month", "2026-01-15", "2025-12-01", "2025-12-31"),
        ("last-quarter", "2026-01-01", "2025-10-01", "2025-12-31"),
        ("last-quarter", "2026-06-30", "2026-01-01", "2026-03-31"),
        ("last-quarter", "2026-12-31", "2026-07-01", "2026-09-30"),
        ("this-year", "2026-01-01", "2026-01-01", "2026-01-01"),
        ("last-year", "2028-02-29", "2027-01-01", "2027-12-31"),
    ],
)
def test_a_rule_has_whole_days(rule: str, today: str, first: str, last: str) -> None:
    assert PeriodRule(rule).days(day(today)) == (day(first), day(last))


def test_every_rule_has_days_and_words() -> None:
    for rule in PeriodRule:
        first, last = rule.days(day("2026-05-05"))
        assert first
        assert last
        assert first <= last <= day("2026-05-05")
        assert rule.label[0].isupper()
        assert "-" not in rule.label


@pytest.mark.parametrize(
    ("month", "last"), [("2026-02", "2026-02-28"), ("2028-02", "2028-02-29"), ("2026-12", "2026-12-31")]
)
def test_a_month_is_all_its_days(month: str, last: str) -> None:
    assert month_days(month) == (day(f"{month}-01"), day(last))


@pytest.mark.parametrize(
    ("every", "on", "after", "expected"),
    [
        ("week", 0, "2026-05-04T06:59", "2026-05-04T07:00"),  # the same Monday
        ("week", 0, "2026-05-04T07:00", "2026-05-11T07:00"),  # is over: the next
        ("week", 6, "2026-05-04T07:00", "2026-05-10T07:00"),
        ("month", 1, "2026-05-04T00:00", "2026-06-01T07:00"),
        ("month", 31, "2026-02-10T00:00", "2026-02-28T07:00"),
        ("month", 31, "2026-02-28T07:00", "2026-03-31T07:00"),
        ("month", 15, "2026-12-31T23:00", "2027-01-15T07:00"),
        ("month", 30, "2026-01-31T00:00", "2026-02-28T07:00"),
    ],
)
def test_it_is_due_on_the_next_such_day(every: str, on: int, after: str, expected: str) -> None:
    moment = datetime.fromisoformat(after).replace(tzinfo=BERLIN)
    found = next_time(Every(every), on, 7, after=moment, zone=BERLIN)
    assert found == datetime.fromisoformat(expected).replace(tzinfo=BERLIN)


def test_an_hour_that_is_left_out_is_the_one_after_it() -> None:
    found = next_time(Every.WEEK, 6, 2, after=datetime(2026, 3, 28, tzinfo=BERLIN), zone=BERLIN)
    assert found.astimezone(UTC) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_an_hour_that_comes_twice_is_taken_once() -> None:
    saturday = datetime(2026, 10, 24, 12, tzinfo=BERLIN)
    first = next_time(Every.WEEK, 6, 2, after=saturday, zone=BERLIN)
    assert first.astimezone(UTC) == datetime(2026, 10, 25, 0, tzinfo=UTC)
    again = next_time(Every.WEEK, 6, 2, after=datetime(2026, 10, 25, 1, 30, tzinfo=UTC), zone=BERLIN)
    assert again.astimezone(UTC) == datetime(2026, 11, 1, 1, tzinfo=UTC)
