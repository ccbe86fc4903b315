"""The time a report is about."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypedDict

from django.db.models import Q
from django.utils import timezone


class PeriodJson(TypedDict):
    """Days are those of the organisation's zone; None where the period is open."""

    since: str | None
    until: str | None
    at: str
    time_zone: str
    text: str


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` on and before `until`, as known at the moment `at`; None is open. All aware."""

    since: datetime | None
    until: datetime | None
    at: datetime

    @classmethod
    def of_days(cls, since: date | None, until: date | None, at: datetime) -> "Period":
        """From the start of the day `since` to the end of the day `until`, in the organisation's zone.

        Raises ValueError where `until` is before `since`.
        """
        if since and until and until < since:
            raise ValueError(f"the period ends on {until}, before it begins on {since}: exchange the two dates")
        return cls(_midnight(since), _midnight(until + timedelta(days=1)) if until else None, at)

    def holds(self, field: str) -> Q:
        """The filter for rows whose `field` lies in the period; nothing later than `at` ever does."""
        inside = Q(**{f"{field}__lte": self.at})
        if self.since:
            inside &= Q(**{f"{field}__gte": self.since})
        if self.until:
            inside &= Q(**{f"{field}__lt": self.until})
        return inside

    def before(self) -> "Period | None":
        """The time of the same length that ends where this one begins; None where it has no beginning.

        Counted by the clock on the wall, so that seven days stay seven where one of them has 23 hours.
        """
        if self.since is None:
            return None
        zone = timezone.get_default_timezone()
        begin, end = (
            moment.astimezone(zone).replace(tzinfo=None) for moment in (self.since, min(self.until or self.at, self.at))
        )
        return Period(timezone.make_aware(begin - (end - begin), zone), self.since, self.at)

    def __str__(self) -> str:
        last = spoken(self._last_day() or _day(self.at))
        if self.since is None:
            return f"everything until {last}"
        first = spoken(_day(self.since))
        return first if first == last else f"{first} to {last}"

    def as_json(self) -> PeriodJson:
        """The period as the report states it."""
        last = self._last_day()
        return PeriodJson(
            since=_day(self.since).isoformat() if self.since else None,
            until=last.isoformat() if last else None,
            at=self.at.astimezone(timezone.get_default_timezone()).isoformat(timespec="seconds"),
            time_zone=timezone.get_default_timezone_name(),
            text=str(self),
        )

    def _last_day(self) -> date | None:
        return _day(self.until - timedelta(microseconds=1)) if self.until else None


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time.min, timezone.get_default_timezone()) if day else None


def _day(moment: datetime) -> date:
    return moment.astimezone(timezone.get_default_timezone()).date()


def spoken(day: date) -> str:
    """Return the day as a person writes it."""
    return f"{day.day} {day:%b %Y}"
