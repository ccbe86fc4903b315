"""Periods by a rule, such as "last month": what a page offers, and what a scheduled report is about."""

from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum

Days = tuple[date | None, date | None]
"""First and last day, both included; None is open."""


class PeriodRule(StrEnum):
    """By what rule the days follow from today; a week begins on Monday."""

    LAST_WEEK = "last-week"
    LAST_30_DAYS = "last-30-days"
    THIS_MONTH = "this-month"
    LAST_MONTH = "last-month"
    LAST_QUARTER = "last-quarter"
    THIS_YEAR = "this-year"
    LAST_YEAR = "last-year"

    @property
    def label(self) -> str:
        """What people call it."""
        words = self.value.replace("-", " ")
        return words[0].upper() + words[1:]

    def days(self, today: date) -> Days:
        """Return the first and the last day; what is not over yet ends today."""
        return _DAYS[self](today)


def _last_week(today: date) -> Days:
    monday = today - timedelta(days=today.weekday())
    return monday - timedelta(days=7), monday - timedelta(days=1)


def _last_month(today: date) -> Days:
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def _last_quarter(today: date) -> Days:
    this = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    last = this - timedelta(days=1)
    return date(last.year, last.month - 2, 1), last


_DAYS: dict[PeriodRule, Callable[[date], Days]] = {
    PeriodRule.LAST_WEEK: _last_week,
    PeriodRule.LAST_30_DAYS: lambda today: (today - timedelta(days=29), today),
    PeriodRule.THIS_MONTH: lambda today: (today.replace(day=1), today),
    PeriodRule.LAST_MONTH: _last_month,
    PeriodRule.LAST_QUARTER: _last_quarter,
    PeriodRule.THIS_YEAR: lambda today: (date(today.year, 1, 1), today),
    PeriodRule.LAST_YEAR: lambda today: (date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
}


def month_days(month: str) -> Days:
    """Return the first and the last day of a month written as YYYY-MM."""
    first = date.fromisoformat(f"{month}-01")
    after = (first + timedelta(days=31)).replace(day=1)
    return first, after - timedelta(days=1)
