"""Contact hours and holidays in local time (docs/frequency.md, section 3)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from contacts.frequency.reading import Node
from contacts.frequency.windows import DAY, clock_changes, start_of_day

ALWAYS: Literal["always"] = "always"
DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 24 * 60
SEARCH_DAYS = 400
"""Weekly hours in several zones repeat with the clock changes of a year: what is not open in one never is."""

Periods = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Week:
    """Weekly hours: for each weekday from Monday its periods in minutes of the local clock, the end left out.

    A period over midnight is in two days. `empty` names the days given with a period that ends where it begins.
    """

    days: tuple[Periods, ...]
    empty: tuple[str, ...] = ()

    def holds(self, reading: datetime) -> bool:
        """Whether a local clock reading lies within the hours."""
        minute = reading.hour * 60 + reading.minute
        return any(start <= minute < end for start, end in self.days[reading.weekday()])

    def within(self, other: "Week") -> "Week":
        """The hours that lie in both."""
        return Week(
            tuple(
                tuple(
                    (max(start, begin), min(end, stop))
                    for start, end in mine
                    for begin, stop in others
                    if max(start, begin) < min(end, stop)
                )
                for mine, others in zip(self.days, other.days, strict=True)
            )
        )

    @property
    def overlapping(self) -> tuple[str, ...]:
        """The weekdays on which two periods share a minute."""
        return tuple(
            name
            for name, day in zip(DAY_NAMES, self.days, strict=True)
            if any(later[0] < earlier[1] for earlier, later in pairwise(sorted(day)))
        )


Hours = Week | Literal["always"]


def read_hours(node: Node) -> Hours:
    """The hours of one channel: `"always"`, or days (`mon`, `mon-sat`) to periods (`"09:00-12:00,13:00-20:00"`).

    Raises the node's error for anything else.
    """
    if node.value == ALWAYS:
        return ALWAYS
    days: list[list[tuple[int, int]]] = [[] for _ in DAY_NAMES]
    empty = []
    for name, member in node.members().items():
        for start, end in _read_periods(member):
            if start == end:
                empty.append(name)
            for weekday in _weekdays(name, member):
                days[weekday].append((start, end if start <= end else MIDNIGHT))
                days[(weekday + 1) % 7].append((0, end if start > end else 0))
    kept = (tuple(sorted(period for period in day if period[0] < period[1])) for day in days)
    return Week(tuple(kept), tuple(empty))


def read_wish(node: Node) -> Week:
    """The weekly hours that a customer prefers. Raises the node's error for hours that are no wish, or never."""
    week = read_hours(node)
    if week == ALWAYS:
        node.fail("hours that are always are no wish; withdraw the wish instead")
    if week.overlapping:
        node.fail("two periods of a day overlap; join them into one")
    if not any(week.days):
        node.fail("never open; record a pause or an opt-out instead")
    return week


def first_open(week: Week, zones: tuple[ZoneInfo, ...], at: datetime) -> datetime | None:
    """The first instant from `at` on that lies within the hours in all the zones; None where there is none."""
    for n in range(SEARCH_DAYS):
        for start, end in open_spans(week, zones, at.date() + n * DAY):
            if at < end:
                return max(at, start)
    return None


def first_working(holidays: frozenset[date], zones: Sequence[ZoneInfo], at: datetime) -> datetime:
    """The first instant from `at` on that is no holiday by the local date of any of the zones."""
    while closed := [zone for zone in zones if at.astimezone(zone).date() in holidays]:
        at = max(start_of_day(at.astimezone(zone).date() + DAY, zone) for zone in closed)
    return at


@lru_cache(maxsize=8192)
def open_spans(week: Week, zones: tuple[ZoneInfo, ...], day: date) -> tuple[tuple[datetime, datetime], ...]:
    """The parts of a UTC day that lie within the hours in all the zones, in order.

    Being open changes only where a local clock reads the start or the end of a period, or where a clock is changed.
    """
    begin = datetime.combine(day, time.min, UTC)
    turns = {turn for zone in zones for turn in _turns(week, zone, begin)}
    edges = [begin, *sorted(turn for turn in turns if begin < turn < begin + DAY), begin + DAY]
    return tuple(
        (start, end) for start, end in pairwise(edges) if all(week.holds(start.astimezone(zone)) for zone in zones)
    )


def _turns(week: Week, zone: ZoneInfo, begin: datetime) -> list[datetime]:
    turns = list(clock_changes(zone, begin.year))
    for local in {begin.astimezone(zone).date(), (begin + DAY).astimezone(zone).date()}:
        for minute in {minute for period in week.days[local.weekday()] for minute in period}:
            reading = datetime.combine(local, time.min, zone) + timedelta(minutes=minute)
            turns += [reading.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    return turns


def _weekdays(name: str, node: Node) -> list[int]:
    first, _, last = name.partition("-")
    if first not in DAY_NAMES or (last or first) not in DAY_NAMES or name.endswith("-"):
        node.fail(f'unknown days "{name[:40]}"; expected a day ({", ".join(DAY_NAMES)}) or a range like "mon-sat"')
    begin, end = DAY_NAMES.index(first), DAY_NAMES.index(last or first)
    return [(begin + n) % 7 for n in range((end - begin) % 7 + 1)]


def _read_periods(node: Node) -> list[tuple[int, int]]:
    return [
        Node(part.strip(), node.place, node.error).parsed(_period, 'expected periods like "09:00-12:00,13:00-20:00"')
        for part in node.text().split(",")
    ]


def _period(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)", text, re.ASCII)
    if match is None:
        raise ValueError(text)
    end = int(match[3]) * 60 + int(match[4]) if match[3] else MIDNIGHT
    return int(match[1]) * 60 + int(match[2]), end
