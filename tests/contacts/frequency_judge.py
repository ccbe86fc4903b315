"""A judge of the frequency promise that shares no code with the product: it goes by the letter and counts."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

PURPOSES = {"invitations": ["invitation"], "reminders": ["reminder"], "call_attempts": ["call"]}


def first_reading(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which a clock in the zone reads `wall`; moved forward by the gap where none does."""
    guesses = [wall.replace(tzinfo=UTC) - timedelta(minutes=15 * n) for n in range(-56, 57)]
    exact = [guess for guess in guesses if guess.astimezone(zone).replace(tzinfo=None) == wall]
    if exact:
        return min(exact)
    before = (wall.replace(tzinfo=UTC) - timedelta(days=1)).astimezone(zone).utcoffset()
    assert before is not None
    return wall.replace(tzinfo=UTC) - before


def expiry(at: datetime, window: str, zone: ZoneInfo) -> datetime:
    """When a contact made at `at` no longer counts in a window of the file format."""
    if " hour" in window:
        return at + timedelta(hours=int(window.split(maxsplit=1)[0]))
    wall = at.astimezone(zone).replace(tzinfo=None)
    if " day" in window:
        return first_reading(wall + timedelta(days=int(window.split(maxsplit=1)[0])), zone)
    day = wall.date() + timedelta(days=1)
    while not begins(day, window):
        day += timedelta(days=1)
    return first_reading(datetime(day.year, day.month, day.day), zone)  # noqa: DTZ001 (a wall-clock time)


def begins(day: date, unit: str) -> bool:
    """Whether a calendar unit begins on a date."""
    if unit in ("day", "week"):
        return unit == "day" or day.isoweekday() == 1
    return day.day == 1 and day.month in {"month": range(1, 13), "quarter": (1, 4, 7, 10), "year": (1,)}[unit]


def overfull(cap: Mapping[str, Any], contacts: Iterable[Mapping[str, Any]], zone: ZoneInfo) -> list[datetime]:
    """The instants at which more than the limit of a cap counts, as seen in one zone."""
    spans = []
    for contact in contacts:
        if in_scope(cap, contact):
            at = datetime.fromisoformat(contact["at"])
            weight = contact.get("seconds", 0) if cap["measure"] == "seconds" else 1
            spans.append((at, expiry(at, cap["window"], zone), weight))
    starts = [start for start, _, _ in spans]
    return [at for at in starts if sum(weight for start, end, weight in spans if start <= at < end) > cap["limit"]]


def in_scope(cap: Mapping[str, Any], contact: Mapping[str, Any]) -> bool:
    """Whether a contact counts under a cap, by the letter of the file format."""
    if contact["purpose"] not in PURPOSES.get(cap["measure"], [contact["purpose"]]):
        return False
    singular = {"channels": "channel", "purposes": "purpose", "surveys": "survey"}
    return all(not cap.get(many) or contact.get(single) in cap[many] for many, single in singular.items())


def is_open(periods: Mapping[int, list[tuple[int, int]]], at: datetime, zones: Iterable[ZoneInfo]) -> bool:
    """Whether the local clocks of all zones read a minute within the periods of their weekday."""
    readings = [at.astimezone(zone) for zone in zones]
    return all(
        any(start <= reading.hour * 60 + reading.minute < end for start, end in periods.get(reading.weekday(), []))
        for reading in readings
    )
