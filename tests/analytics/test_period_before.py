"""The time before a period: as long by the clock on the wall, and nothing where there is no beginning."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from pytest_django import Settings

from analytics.period import Period
from analytics.scope import Scope

AT = datetime(2026, 11, 27, 12, tzinfo=UTC)


def test_a_week_has_the_week_before() -> None:
    before = Period.of_days(date(2026, 11, 9), date(2026, 11, 15), AT).before()
    assert before == Period.of_days(date(2026, 11, 2), date(2026, 11, 8), AT)


def test_days_of_23_or_25_hours_are_days(settings: Settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    for last in (date(2026, 3, 31), date(2026, 10, 27)):
        before = Period.of_days(last - timedelta(days=6), last, AT).before()
        assert before is not None
        assert before.since == datetime(last.year, last.month, last.day, tzinfo=ZoneInfo("Europe/Berlin")) - timedelta(
            13
        )


def test_a_period_that_goes_on_is_as_long_as_it_has_been() -> None:
    since = datetime(2026, 11, 20, tzinfo=UTC)
    for until in (None, datetime(2026, 12, 1, tzinfo=UTC)):
        before = Period(since, until, AT).before()
        assert before == Period(since - (AT - since), since, AT)


def test_everything_has_nothing_before() -> None:
    assert Period(None, None, AT).before() is None
    assert Scope(Period(None, AT, AT)).before() is None


def test_filters_stay() -> None:
    scope = Scope(Period.of_days(date(2026, 11, 9), None, AT), kind="call", stage="Help", kinds=("call",))
    before = scope.before()
    assert before is not None
    assert (before.kind, before.stage, before.kinds) == ("call", "Help", ("call",))
    assert before.period.until == scope.period.since
