"""Windows: until when a contact counts. Instants go in and come out in UTC; only the zone knows local time.

A wall-clock time that a clock change skips moves forward by the gap, one that exists twice means its first
occurrence (docs/frequency.md, section 2); `zoneinfo` reads both so with `fold=0` (PEP 495).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import ClassVar
from zoneinfo import ZoneInfo

LONGEST_DAYS = 100_000
DAY = timedelta(days=1)
CLOCK_SLACK = timedelta(days=2)
"""More than any change of a zone's clock; the largest known one is 24 hours (Samoa, December 2011)."""


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Rolling hours: time that has passed, whatever the clocks say."""

    span: timedelta
    local: ClassVar[bool] = False

    @property
    def longest(self) -> timedelta:
        return self.span

    def end(self, at: datetime, zone: ZoneInfo) -> datetime:
        return at + self.span


@dataclass(frozen=True, slots=True)
class LocalDays:
    """Rolling days: the same local wall-clock time so many local dates later."""

    days: int
    local: ClassVar[bool] = True

    @property
    def longest(self) -> timedelta:
        return timedelta(days=self.days) + CLOCK_SLACK

    def end(self, at: datetime, zone: ZoneInfo) -> datetime:
        # An aware datetime adds on the wall clock and forgets the fold, which is the rule.
        return (at.astimezone(zone) + timedelta(days=self.days)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class CalendarUnit:
    """A calendar day, week (from Monday), month, quarter or year: a contact counts until the next one begins."""

    unit: str
    local: ClassVar[bool] = True

    @property
    def longest(self) -> timedelta:
        return timedelta(days={"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}[self.unit]) + CLOCK_SLACK

    def end(self, at: datetime, zone: ZoneInfo) -> datetime:
        return start_of_day(_next_unit(at.astimezone(zone).date(), self.unit), zone)


Window = Elapsed | LocalDays | CalendarUnit


def parse_window(text: str) -> Window:
    """A window from `"24 hours"`, `"30 days"`, `"day"`, `"week"`, `"month"`, `"quarter"` or `"year"`.

    Raises ValueError with what was expected. A length of 0 is read: such a cap never blocks, which `check_policy` says.
    """
    if text in ("day", "week", "month", "quarter", "year"):
        return CalendarUnit(text)
    match = re.fullmatch(r"([0-9]{1,8}) (hour|day)s?", text)
    count = int(match[1]) if match else None
    if match is None or count is None or count > LONGEST_DAYS * (24 if match[2] == "hour" else 1):
        raise ValueError(
            f'unknown window "{text[:40]}"; expected "24 hours", "30 days" '
            f'(at most {LONGEST_DAYS} days) or "day", "week", "month", "quarter", "year"'
        )
    return LocalDays(count) if match[2] == "day" else Elapsed(timedelta(hours=count))


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local date, in UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def setbacks(window: Window, zone: ZoneInfo, after: datetime, before: datetime) -> Iterator[datetime]:
    """Instants at which a clock change makes a window of days that begins then end earlier than one begun just before.

    The clock is set back at the instant itself, or was set forward just before the wall-clock time at which the
    window ends. At these instants a place between two booked contacts can appear although none of them has expired.
    """
    if not isinstance(window, LocalDays):
        return
    for year in range(after.year, before.year + 1):
        for change in clock_changes(zone, year):
            yield change
            begin = change.astimezone(zone) - timedelta(days=window.days)
            yield from (begin.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


@lru_cache(maxsize=4096)
def clock_changes(zone: ZoneInfo, year: int) -> tuple[datetime, ...]:
    """The instants of a UTC year at which the zone's offset changes, to the second.

    No zone ever changed its clock twice within a week (tz database, 1900 to 2037), so that a week is looked into only
    if its ends differ.
    """
    first = datetime(year, 1, 1, tzinfo=UTC)
    marks = [*(first + 7 * n * DAY for n in range(53)), datetime(year + 1, 1, 1, tzinfo=UTC)]
    offsets = [mark.astimezone(zone).utcoffset() for mark in marks]
    return tuple(_change_after(marks[n], zone) for n in range(53) if offsets[n] != offsets[n + 1])


def _change_after(mark: datetime, zone: ZoneInfo) -> datetime:
    before = mark.astimezone(zone).utcoffset()
    low, high = 0, 7 * 86_400
    while high - low > 1:
        middle = (low + high) // 2
        same = (mark + timedelta(seconds=middle)).astimezone(zone).utcoffset() == before
        low, high = (middle, high) if same else (low, middle)
    return mark + timedelta(seconds=high)


def _next_unit(day: date, unit: str) -> date:
    if unit == "day":
        return day + DAY
    if unit == "week":
        return day + timedelta(days=7 - day.weekday())
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    begun = day.month - 1 - (day.month - 1) % months
    years, month = divmod(begun + months, 12)
    return date(day.year + years, month + 1, 1)
