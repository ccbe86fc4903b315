"""What can be read in a policy and yet makes no sense: rules that never block, hours that are never open.

Each problem names its place in the document and a remedy. None of it is saved or imported; a preview warns of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import product

from contacts.frequency.caps import CLOCKS, MEASURES, Cap
from contacts.frequency.facts import CHANNELS, CONTACT_PURPOSES
from contacts.frequency.hours import ALWAYS, DAY_NAMES, Hours, Week, first_open
from contacts.frequency.windows import DAY, Elapsed, LocalDays
from contacts.frequency.zones import zone

RULE_NAMES = frozenset(
    {
        *("hours", "holiday", "expiry", "opt-out", "closed-address", "refused", "pause", "once-in-days", "retry"),
        *("preferred-hours", "appointment-only", "answered", "appointment", "override", "priority"),
    }
)
"""The names of the rules that are no caps."""

SOME_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
"""From here on zones are tried for hours in common; they change their clocks too rarely to ask for this year's."""
YEAR = timedelta(days=365)


def cap_problems(caps: Sequence[Cap]) -> Iterator[str]:
    """Names given twice, and caps that can never block; a limit of 0 blocks on purpose."""
    names = set(RULE_NAMES)
    for n, cap in enumerate(caps):
        if cap.name in names:
            yield f'caps[{n}].name: "{cap.name}" is the name of another rule; give every cap a name of its own'
        names.add(cap.name)
        if cap.limit and cap.window in (Elapsed(timedelta(0)), LocalDays(0)):
            yield f"caps[{n}].window: a window of 0 never blocks; give it a length, or set the limit to 0 to block"
        if cap.limit and not _can_block(cap):
            yield (
                f'caps[{n}]: "{cap.name}" can never block, because nothing in its channels and purposes is counted '
                f"as {cap.measure}; widen them or choose another measure"
            )


def hours_problems(hours: Mapping[str, Hours], caps: Sequence[Cap]) -> Iterator[str]:
    """Periods that are empty or overlap, and channels that are never open without being closed by a cap."""
    closed = {channel for cap in caps if cap.limit == 0 for channel in cap.channels or CHANNELS}
    for channel, week in _weeks(hours):
        for days in week.empty:
            yield f"hours.{channel}.{days}: a period that ends where it begins is never open; correct it or drop it"
        if week.overlapping:
            yield f"hours.{channel}: two periods of a day overlap ({', '.join(week.overlapping)}); join them into one"
        if not any(week.days) and channel not in closed:
            yield f"hours.{channel}: never open; to close a channel on purpose, add a cap with limit 0 for it"


def holiday_problems(holidays: frozenset[date], hours: Mapping[str, Hours]) -> Iterator[str]:
    """Holidays that no channel keeps, and so many that a channel is not open for a year."""
    weeks = list(_weeks(hours))
    if holidays and not weeks:
        yield 'holidays: no channel keeps them, because the hours of all are "always"; give one hours, or drop them'
    for channel, week in weeks:
        if since := _closed_for_a_year(week, holidays):
            yield (
                f"holidays: {channel} is not open for a year from {since} on, because all its days are holidays; "
                "drop some, or close the channel with a cap with limit 0"
            )


def zone_problems(zones: Sequence[str], hours: Mapping[str, Hours]) -> Iterator[str]:
    """Zones that have no hour of the week in common on a channel that is open."""
    together = tuple(zone(name) for name in zones)
    for channel, week in _weeks(hours):
        if len(together) > 1 and any(week.days) and first_open(week, together, SOME_YEAR) is None:
            yield (
                f"zones: {channel} is never open in all of them at once, so that who has no known zone is never "
                "reached by it; widen its hours or drop a zone"
            )


def _can_block(cap: Cap) -> bool:
    return any(
        (not cap.channels or channel in cap.channels)
        and (not cap.purposes or purpose in cap.purposes)
        and (cap.measure in CLOCKS or purpose in MEASURES[cap.measure])
        for channel, purpose in product(CHANNELS, CONTACT_PURPOSES)
        if (channel == "phone") == (purpose == "call")
    )


def _weeks(hours: Mapping[str, Hours]) -> Iterator[tuple[str, Week]]:
    """The channels with weekly hours."""
    return ((channel, week) for channel, week in hours.items() if week != ALWAYS)


def _closed_for_a_year(week: Week, holidays: frozenset[date]) -> date | None:
    """The first of a year's open days that are holidays all; None where there is no such year."""
    open_days = {weekday for weekday in range(len(DAY_NAMES)) if week.days[weekday]}
    since = expected = date.min
    for day in sorted(day for day in holidays if day.weekday() in open_days):
        if day != expected:
            since = day
        if day - since >= YEAR:
            return since
        expected = next(day + n * DAY for n in range(1, 8) if (day + n * DAY).weekday() in open_days)
    return None
