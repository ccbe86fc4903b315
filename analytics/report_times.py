"""When a report that is sent again and again is due: pure, in the organisation's zone."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Every(StrEnum):
    """How often."""

    WEEK = "week"
    MONTH = "month"


def next_time(every: Every, day: int, hour: int, *, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first time that is due after the aware moment `after`, on the full hour of the zone.

    `day` of a week is 0 for Monday to 6; of a month 1 to 31, and the last day of a month that has no such day. An hour
    that a clock change leaves out is taken as the one after it, one that comes twice as the first.
    """
    today = after.astimezone(zone).date()
    candidates = _in_weeks(today, day) if every == Every.WEEK else _in_months(today, day)
    moments = [datetime.combine(found, time(hour), zone) for found in candidates]
    # Compared as instants: two times of one zone would be compared as they stand on the clock.
    return next(moment for moment in moments if moment.timestamp() > after.timestamp())


def _in_weeks(today: date, weekday: int) -> list[date]:
    first = today + timedelta(days=(weekday - today.weekday()) % 7)
    return [first, first + timedelta(days=7)]


def _in_months(today: date, day: int) -> list[date]:
    months = [today, today.replace(day=1) + timedelta(days=31)]
    return [month.replace(day=min(day, monthrange(month.year, month.month)[1])) for month in months]
