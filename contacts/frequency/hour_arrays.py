"""The contact hours and holidays of hours.py for many instants at once, each in one zone."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

import numpy as np

from contacts.frequency.facts import Kind
from contacts.frequency.hours import ALWAYS, MIDNIGHT, Week
from contacts.frequency.policy import Policy
from contacts.frequency.zone_arrays import DAY, NEVER, SECOND, Ints, Places, clocks_around

MINUTE = 60 * SECOND
MONDAY = 4 * MIDNIGHT
"""The first Monday after the epoch, in minutes."""
WEEK = 7 * MIDNIGHT
REACH = timedelta(days=30)
"""Further than from any instant to the next opening of a week, also with clock changes on the way."""

First = Callable[[Places, Ints], Ints]
"""The first instant from each of the instants on, in its zone, at which a rule passes; NEVER where there is none."""


def local_rules(policy: Policy, channel: str, zones: Sequence[ZoneInfo]) -> dict[Kind, First]:
    """The rules that look at the local clock alone, in the order of reasons: holidays and contact hours."""
    hours = policy.hours[channel]
    if hours == ALWAYS:
        return {}
    holidays: dict[Kind, First] = {}
    if policy.holidays:
        holidays["holiday"] = partial(first_workings, policy.holidays, zones)
    return holidays | {"hours": partial(first_opens, hours, zones)}


def first_opens(week: Week, zones: Sequence[ZoneInfo], zone: Places, at: Ints) -> Ints:
    """`first_open` for each instant: from one clock change to the next a matter of the minute of the week."""
    if not any(week.days):
        return np.full(len(at), NEVER)
    clocks = clocks_around(zones, at, REACH)
    while True:
        reading = clocks.read(zone, at)
        wait = _waits(week)[(reading // MINUTE - MONDAY) % WEEK]
        opens = np.where(wait == 0, at, at - reading % MINUTE + wait * MINUTE)
        changed = clocks.changed(zone, at, opens)
        if not changed.any():
            return opens
        at = at.copy()
        at[changed] = clocks.next_change(zone[changed], at[changed])


def first_workings(holidays: frozenset[date], zones: Sequence[ZoneInfo], zone: Places, at: Ints) -> Ints:
    """`first_working` for each instant."""
    clocks = clocks_around(zones, at, REACH + timedelta(days=len(holidays)))
    days = np.array(sorted(holidays), "datetime64[D]").astype(np.int64)
    while (closed := np.isin(day := clocks.read(zone, at) // DAY, days)).any():
        at = np.where(closed, clocks.instants(zone, (day + 1) * DAY), at)
    return at


@lru_cache(maxsize=64)
def _waits(week: Week) -> Ints:
    """For each minute of a week that is open at all, how many minutes it is to one within the hours."""
    is_open = np.zeros(WEEK, np.bool_)
    for weekday, periods in enumerate(week.days):
        for start, end in periods:
            is_open[weekday * MIDNIGHT + start : weekday * MIDNIGHT + end] = True
    minutes = np.arange(WEEK)
    opens = np.flatnonzero(np.tile(is_open, 2))
    waits: Ints = opens[np.searchsorted(opens, minutes)] - minutes
    return waits
