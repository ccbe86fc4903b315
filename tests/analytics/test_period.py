"""Which instants belong to a period, in the organisation's zone."""

from datetime import UTC, date, datetime

import pytest
from pytest_django import Settings

from analytics.period import Period
from contacts.models import Touchpoint
from tests.surveys.makers import make_touchpoint

AT = datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.fixture
def berlin(settings: Settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"


def test_days_are_those_of_the_organisation_and_both_belong_to_it(berlin: None) -> None:
    period = Period.of_days(date(2026, 3, 29), date(2026, 3, 29), AT)
    assert period.since == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert period.until == datetime(2026, 3, 29, 22, tzinfo=UTC)  # the clocks went forward that night


def test_period_says_its_days(berlin: None) -> None:
    period = Period.of_days(date(2026, 1, 1), date(2026, 3, 31), AT)
    assert period.as_json() == {
        "since": "2026-01-01",
        "until": "2026-03-31",
        "at": "2026-06-15T14:00:00+02:00",
        "time_zone": "Europe/Berlin",
        "text": "1 Jan 2026 to 31 Mar 2026",
    }


@pytest.mark.parametrize(
    ("since", "until", "text"),
    [
        (None, None, "everything until 15 Jun 2026"),
        (date(2026, 1, 1), None, "1 Jan 2026 to 15 Jun 2026"),
        (None, date(2026, 3, 31), "everything until 31 Mar 2026"),
    ],
)
def test_open_ends_are_said(since: date | None, until: date | None, text: str) -> None:
    assert str(Period.of_days(since, until, AT)) == text


def test_end_before_start_is_refused() -> None:
    with pytest.raises(ValueError, match="exchange the two dates"):
        Period.of_days(date(2026, 2, 1), date(2026, 1, 31), AT)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("since", "until", "held"),
    [
        (None, None, ["before", "first", "last"]),
        (datetime(2026, 5, 1, tzinfo=UTC), None, ["first", "last"]),
        (datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 2, tzinfo=UTC), ["first"]),
        (None, datetime(2026, 5, 1, tzinfo=UTC), ["before"]),
    ],
)
def test_start_belongs_to_the_period_and_its_end_does_not(
    since: datetime | None, until: datetime | None, held: list[str]
) -> None:
    moments = {"before": (4, 30), "first": (5, 1), "last": (5, 2), "to come": (7, 1)}
    for name, (month, day) in moments.items():
        make_touchpoint(external_id=name, occurred_at=datetime(2026, month, day, tzinfo=UTC))
    inside = Touchpoint.objects.filter(Period(since, until, AT).holds("occurred_at"))
    assert list(inside.order_by("occurred_at").values_list("external_id", flat=True)) == held
