"""Each kind of touchpoint in each month: counted as groups are, from counted months where there are, and hidden."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from analytics.counted_months import count_months
from analytics.counting import alike
from analytics.groups import grouped
from analytics.metrics import definitions
from analytics.models import CountedMonth
from analytics.month_cells import between, month_cells, month_of, month_rows
from analytics.period import Period
from analytics.scope import Scope
from tests.analytics.world import make_customers, make_ratings, make_responses
from tests.surveys.makers import make_touchpoint

AT = datetime(2026, 5, 20, 12, tzinfo=UTC)
EVERYTHING = Scope(Period(None, None, AT))


def day(month: int, of_month: int = 10) -> datetime:
    return datetime(2026, month, of_month, 12, tzinfo=UTC)


def make_months() -> None:
    """Calls and visits in three months, in each of which four customers answer three times about calls."""
    call, visit = make_touchpoint(kind="call"), make_touchpoint(kind="visit")
    for month in (3, 4, 5):
        make_responses(12, 6, month, touchpoint=call, answered_at=day(month))
        make_responses(4 + month, 5, 6, touchpoint=visit, answered_at=day(month, 12))
        for customer in make_customers(4):
            make_responses(2, 0, 1, touchpoint=call, customer=customer, answered_at=day(month, 3))
    make_ratings("csat", [5, 4, 1] * 6, touchpoint=call, answered_at=day(4))


@pytest.mark.django_db
def test_a_cell_is_what_its_group_is_in_a_report_of_that_month_alone() -> None:
    make_months()
    metrics = list(definitions().values())
    found = month_cells(EVERYTHING, metrics)
    for month in (3, 4, 5):
        since, until = month_of(day(month))
        for key, groups in grouped([Scope(Period(since, until, AT))], metrics, ["kind"]).items():
            for group in groups:
                cell = found[key[1]][group.value, f"2026-{month:02}"]
                assert (cell.counts, cell.customers) == (group.counts, group.customers)
                assert cell.n_eff == pytest.approx(group.n_eff)
    assert sum(map(len, found.values())) == 7


@pytest.mark.django_db
def test_customers_are_told_by_how_they_answered() -> None:
    make_months()
    rows = [row for row in alike([EVERYTHING], definitions().values(), ("kind", "month")) if row.values[1] == "2026-03"]
    calls = {(row.n, row.top, row.bottom): row.customers for row in rows if row.values[0] == "call"}
    assert calls == {(1, 1, 0): 12, (1, 0, 0): 6, (1, 0, 1): 3, (3, 2, 1): 4}


@pytest.mark.django_db
def test_counted_months_change_no_figure_and_are_one_statement_more_at_most(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_months()
    metrics = list(definitions().values())
    periods = [(None, None), (day(3, 20), None), (day(3, 1), day(4, 20)), (day(4, 1), day(4, 2)), (None, day(2, 2))]
    scopes = [Scope(Period(*period, AT)) for period in periods] + [Scope(Period(None, None, AT), kind="call")]
    before = [month_cells(scope, metrics) for scope in scopes]
    assert count_months(AT) == 2
    assert [month_cells(scope, metrics) for scope in scopes] == before
    with django_assert_num_queries(2):
        month_cells(EVERYTHING, metrics)
    with django_assert_num_queries(1):
        month_cells(Scope(Period(*month_of(day(4)), AT)), metrics)


@pytest.mark.django_db
def test_it_is_the_counted_month_that_is_read() -> None:
    make_months()
    count_months(AT)
    nps = definitions()["nps"]
    CountedMonth.objects.filter(starts_at=month_of(day(3))[0]).update(scores={"nps": [["fax", 1, 2, 3, 6, 6.0]]})
    assert [kind for kind, month in month_cells(EVERYTHING, [nps])["nps"] if month == "2026-03"] == ["fax"]
    before_its_end = Scope(Period(None, None, day(3, 31)))
    assert {kind for kind, _ in month_cells(before_its_end, [nps])["nps"]} == {"call", "visit"}


@pytest.mark.django_db
def test_months_of_another_zone_are_not_read(settings: Settings) -> None:
    make_months()
    count_months(AT)
    CountedMonth.objects.update(scores={"nps": [], "csat": [], "ces": []})
    assert {month for _, month in month_cells(EVERYTHING, list(definitions().values()))["nps"]} == {"2026-05"}
    settings.TIME_ZONE = "Asia/Tokyo"
    assert len(month_cells(EVERYTHING, list(definitions().values()))["nps"]) == 6
    assert count_months(AT) == 2
    assert {row.starts_at for row in CountedMonth.objects.unchanged()} == {
        datetime(2026, month, 1, tzinfo=ZoneInfo("Asia/Tokyo")) for month in (3, 4)
    }


def test_months_begin_and_end_in_the_zone_of_the_organisation(settings: Settings) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    since, until = month_of(datetime(2025, 12, 31, 20, tzinfo=UTC))
    assert (since, until) == (datetime(2025, 12, 31, 15, tzinfo=UTC), datetime(2026, 1, 31, 15, tzinfo=UTC))
    assert month_of(until)[0] == until


def month(number: int) -> CountedMonth:
    since, until = month_of(day(number))
    return CountedMonth(starts_at=since, ends_at=until)


@pytest.mark.parametrize(
    ("since", "until", "months", "left"),
    [
        (None, None, [], [(None, None)]),
        (None, None, [3, 4], [(None, 3), (5, None)]),
        (3, 6, [3, 4, 5], []),
        (2, 7, [3, 5], [(2, 3), (4, 5), (6, 7)]),
        (3, None, [3], [(4, None)]),
    ],
)
def test_what_is_not_counted_is_left(since: Any, until: Any, months: list[int], left: list[Any]) -> None:
    begin, end = (number and month_of(day(number))[0] for number in (since, until))
    found = between(Period(begin, end, AT), [month(number) for number in months])
    assert [(one.since, one.until) for one in found] == [
        tuple(number and month_of(day(number))[0] for number in bounds) for bounds in left
    ]


@pytest.mark.django_db
def test_rows_hide_few_answers_few_customers_and_lines_that_are_hidden() -> None:
    make_months()
    make_responses(1, 1, 1, touchpoint=make_touchpoint(kind="fax"), answered_at=day(3))
    nps = definitions()["nps"]
    cells = month_cells(EVERYTHING, [nps])["nps"]
    months = dict.fromkeys(("2026-03", "2026-04", "2026-05"), False)
    rows = month_rows(nps, cells, {"call": False, "visit": True, "fax": True}, months)
    assert [(row["kind"], row["month"]) for row in rows][-1] == ("fax", "2026-03")
    assert {row["kind"] for row in rows if row["state"] == "withheld"} >= {"visit", "fax"}
    for row in rows:
        hidden = row["state"] == "withheld"
        assert all((row[name] is None) == hidden for name in ("estimate", "low", "high", "n_eff"))
    assert rows[-1]["missing"] == 7
