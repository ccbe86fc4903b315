"""The windows of windows.py for many contacts at once: until when each counts, and since when contacts count.

Instants are int64 arrays of microseconds since the epoch in UTC; a zone is an index into a sequence of zones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MINYEAR, UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from contacts.frequency.windows import CLOCK_SLACK, Elapsed, LocalDays, Window, clock_changes

Ints = NDArray[np.int64]
Places = NDArray[np.intp]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
DAY = 86_400 * SECOND
NEVER = int(np.iinfo(np.int64).max)
"""Larger than any instant."""
ABSENT = int(np.iinfo(np.int64).min)
"""Smaller than any instant."""
STRIDE = 2**39
"""More seconds than calendars have, so that the clock changes of all zones fit one behind the other in one array."""
MONTHS = {"month": 1, "quarter": 3, "year": 12}


def micros(at: datetime) -> int:
    """An aware datetime as microseconds since the epoch."""
    return (at - EPOCH) // MICROSECOND


def instant(at: int) -> datetime:
    """Microseconds since the epoch as a datetime in UTC."""
    return EPOCH + at * MICROSECOND


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of several zones: each of `offsets` (microseconds) holds from one of the changes on.

    `changes` are the instants of the changes and `readings` what the wall clock then reads, in seconds, those of the
    zone z around z * STRIDE. A reading that is skipped or exists twice belongs to the clock before the change (fold=0).
    """

    changes: Ints
    readings: Ints
    offsets: Ints
    largest: int
    """The largest change of any of these clocks, in microseconds."""

    def read(self, zone: Places, at: Ints) -> Ints:
        """What the wall clocks read, as if it were microseconds in UTC."""
        return at + self.offsets[_place(self.changes, zone, at)]

    def instants(self, zone: Places, reading: Ints) -> Ints:
        """When the wall clocks read so: the first time, or moved forward by the gap where they never do."""
        return reading - self.offsets[_place(self.readings, zone, reading)]

    def changed(self, zone: Places, start: Ints, end: Ints) -> Bools:
        """Whether the clock is changed after `start` and not after `end`."""
        changed: Bools = _place(self.changes, zone, start) != _place(self.changes, zone, end)
        return changed

    def next_change(self, zone: Places, at: Ints) -> Ints:
        """The first change after each instant, where there is one."""
        return (self.changes[_place(self.changes, zone, at) + 1] - zone * STRIDE) * SECOND

    def steady(self, zone: Places, at: Ints) -> Bools:
        """Whether no change of the clock is so near that readings around `at` could be out of order."""
        return ~self.changed(zone, at - 2 * self.largest, at + 2 * self.largest)


def window_ends(window: Window, zones: Sequence[ZoneInfo], zone: Places, at: Ints) -> Ints:
    """Until when contacts at `at` count: `window.end` for each."""
    if isinstance(window, Elapsed):
        return at + window.span // MICROSECOND
    clocks = clocks_around(zones, at, window.longest)
    reading = clocks.read(zone, at)
    if isinstance(window, LocalDays):
        return clocks.instants(zone, reading + window.days * DAY)
    return clocks.instants(zone, _unit_start(reading // DAY, window.unit, ahead=1) * DAY)


def window_starts(window: Window, zones: Sequence[ZoneInfo], zone: Places, at: Ints) -> tuple[Ints, Bools]:
    """Since when contacts count at `at`: those after the instant do, those at it do not; and whether that is sure.

    It is not sure near clock changes, where a contact may expire before an older one.
    """
    if isinstance(window, Elapsed):
        return at - window.span // MICROSECOND, np.ones(len(at), np.bool_)
    clocks = clocks_around(zones, at, window.longest)
    reading = clocks.read(zone, at)
    if isinstance(window, LocalDays):
        since = clocks.instants(zone, reading - window.days * DAY)
    else:
        since = clocks.instants(zone, _unit_start(reading // DAY, window.unit, ahead=0) * DAY) - 1
    return since, clocks.steady(zone, at) & clocks.steady(zone, since)


def latest_ends(window: Window, zones: Sequence[ZoneInfo], zone: Places, at: Ints) -> Ints:
    """By when contacts at `at` or earlier certainly count no more, also where the clocks let an older one count on."""
    ends = window_ends(window, zones, zone, at)
    if isinstance(window, Elapsed):
        return ends
    clocks = clocks_around(zones, at, window.longest)
    in_order = clocks.steady(zone, at) & clocks.steady(zone, ends)
    return np.where(in_order, ends, window_ends(window, zones, zone, at + 2 * clocks.largest))


def clocks_around(zones: Sequence[ZoneInfo], at: Ints, reach: timedelta) -> Clocks:
    """The clocks of the zones in the years of the instants, and as far as `reach` before and after."""
    if not at.size:
        return _clocks((), MINYEAR, MINYEAR)
    reach += CLOCK_SLACK
    return _clocks(tuple(zones), (instant(int(at.min())) - reach).year, (instant(int(at.max())) + reach).year)


def _place(keys: Ints, zone: Places, at: Ints) -> Places:
    return np.searchsorted(keys, zone * STRIDE + at // SECOND, side="right") - 1


def _unit_start(day: Ints, unit: str, *, ahead: int) -> Ints:
    """The first day of the calendar unit so many units after the one of `day`; days are counted from the epoch."""
    if unit == "day":
        return day + ahead
    if unit == "week":
        return day - (day + 3) % 7 + 7 * ahead
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    begun = month - month % MONTHS[unit] + MONTHS[unit] * ahead
    return begun.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


@lru_cache(maxsize=64)
def _clocks(zones: tuple[ZoneInfo, ...], first: int, last: int) -> Clocks:
    changes, readings, offsets, largest = [], [], [], 0
    for n, zone in enumerate(zones):
        before = _offset(datetime(first, 1, 1, tzinfo=UTC), zone)
        changes.append(n * STRIDE - STRIDE // 4)
        readings.append(n * STRIDE - STRIDE // 4)
        offsets.append(before)
        for change in (change for year in range(first, last + 1) for change in clock_changes(zone, year)):
            offset = _offset(change, zone)
            second = n * STRIDE + micros(change) // SECOND
            changes.append(second)
            readings.append(second + max(before, offset) // SECOND)
            offsets.append(offset)
            largest = max(largest, abs(offset - before))
            before = offset
    return Clocks(np.array(changes, np.int64), np.array(readings, np.int64), np.array(offsets, np.int64), largest)


def _offset(at: datetime, zone: ZoneInfo) -> int:
    return (at.astimezone(zone).replace(tzinfo=UTC) - at) // MICROSECOND
