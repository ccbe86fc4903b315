"""Scores of each kind of touchpoint in each month: from the months that are counted, else from the answers."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import NamedTuple, TypedDict

from django.utils import timezone

from analytics.counting import Alike, alike
from analytics.groups import Counts
from analytics.metrics import Definition, MetricKey
from analytics.models import CountedMonth
from analytics.period import Period
from analytics.scope import Scope
from analytics.score_rows import Estimated, estimated
from analytics.scores import State, repeated_n_eff, withheld_in_table
from analytics.scores.shown import Place


class Cell(NamedTuple):
    """The answers of a kind of touchpoint in a month: `counts` and `n_eff` as of a `Group`, of so many customers."""

    counts: Counts
    customers: int
    n_eff: float


Cells = Mapping[MetricKey, Mapping[Place, Cell]]
"""By metric, and by kind of touchpoint (empty: about none) and month (2026-03) where there are answers."""


class MonthRow(TypedDict):
    """The score of a kind of touchpoint in a month, in the metric's unit with one decimal; None is hidden.

    `n` are answers, `n_eff` as many different customers' answers would tell as much, `missing` how many it lacks.
    """

    metric: MetricKey
    kind: str
    month: str
    n: int
    estimate: float | None
    low: float | None
    high: float | None
    n_eff: float | None
    state: State
    missing: int


def month_cells(scope: Scope, metrics: Collection[Definition]) -> Cells:
    """The cells of a scope; two statements at most.

    Whole months of a scope of all brands without filters are read where they are counted
    (`analytics.counted_months`), everything else is counted now, and it makes no difference to the figures.
    """
    months = [] if scope.filters or scope.brands else counted(scope.period)
    found: dict[MetricKey, dict[Place, Cell]] = {one.key: {} for one in metrics}
    for month in months:
        name = month.starts_at.astimezone(timezone.get_default_timezone()).strftime("%Y-%m")
        for key, cells in found.items():
            for kind, top, middle, bottom, customers, n_eff in month.kept[key]:
                cells[kind, name] = Cell((top, middle, bottom), customers, n_eff)
    if rest := [replace(scope, period=period) for period in between(scope.period, months)]:
        for key, counted_now in from_answers(rest, metrics).items():
            found[key] |= counted_now
    return found


def counted(period: Period) -> list[CountedMonth]:
    """The counted months that lie in a period, in order; those of a zone that is not ours any more are none."""
    over_by = min(period.until or period.at, period.at)
    rows = CountedMonth.objects.kept().filter(ends_at__lte=over_by).order_by("starts_at")
    inside = rows.filter(starts_at__gte=period.since) if period.since else rows
    return [row for row in inside if (row.starts_at, row.ends_at) == month_of(row.starts_at)]


def between(period: Period, months: Iterable[CountedMonth]) -> Iterator[Period]:
    """What is left of a period without these months of it, which are in order."""
    since = period.since
    for month in months:
        if since is None or since < month.starts_at:
            yield replace(period, since=since, until=month.starts_at)
        since = month.ends_at
    if period.until is None or since is None or since < period.until:
        yield replace(period, since=since)


def month_of(moment: datetime) -> tuple[datetime, datetime]:
    """The first instant of the month of a moment, in the organisation's zone, and that of the next month."""
    zone = timezone.get_default_timezone()
    first = moment.astimezone(zone).date().replace(day=1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    begin, end = (datetime.combine(day, time.min, zone) for day in (first, following))
    return begin, end


def from_answers(scopes: Sequence[Scope], metrics: Collection[Definition]) -> Cells:
    """The cells of scopes that share no month, counted from their answers. One statement."""
    rows: dict[MetricKey, dict[Place, list[Alike]]] = {one.key: defaultdict(list) for one in metrics}
    for row in alike(scopes, metrics, ("kind", "month")):
        kind, month = row.values
        rows[row.metric][kind, month].append(row)
    return {key: {place: _cell(own) for place, own in of_metric.items()} for key, of_metric in rows.items()}


def _cell(rows: Sequence[Alike]) -> Cell:
    n, top, bottom = (sum(of_all) for of_all in zip(*(_times(row) for row in rows), strict=True))
    several = [(row.n, row.top, row.bottom, row.customers) for row in rows if row.n > 1]
    counts, customers = (top, n - top - bottom, bottom), sum(row.customers for row in rows)
    return Cell(counts, customers, repeated_n_eff(counts, several) if several else float(n))


def _times(row: Alike) -> tuple[int, int, int]:
    return row.customers * row.n, row.customers * row.top, row.customers * row.bottom


def month_rows(
    metric: Definition, cells: Mapping[Place, Cell], kinds: Mapping[str, bool], months: Mapping[str, bool]
) -> list[MonthRow]:
    """The cells as readers may see them. `kinds`, `months`: in which order they stand, and whether each is hidden.

    Nothing is shown of a kind or a month that is hidden, and what is left of the totals tells of no small cell.
    """
    besides = {
        place
        for place, cell in cells.items()
        if cell.customers < metric.minimum_n or kinds.get(place[0], True) or months.get(place[1], True)
    }
    hidden = withheld_in_table(
        {place: cell.counts for place, cell in cells.items()}, minimum=metric.minimum_n, besides=besides
    )
    order = {kind: number for number, kind in enumerate(kinds)}
    places = sorted(cells, key=lambda place: (order.get(place[0], len(order)), place))
    return [_row(metric, place, cells[place], hidden=place in hidden) for place in places]


def _row(metric: Definition, place: Place, cell: Cell, *, hidden: bool) -> MonthRow:
    found: Estimated | None = None if hidden else estimated(metric, cell.counts, cell.n_eff)
    n = sum(cell.counts)
    return MonthRow(
        metric=metric.key,
        kind=place[0],
        month=place[1],
        n=n,
        estimate=round(found.estimate, 1) if found else None,
        low=round(found.low, 1) if found else None,
        high=round(found.high, 1) if found else None,
        n_eff=round(found.n_eff, 1) if found else None,
        state=found.state if found else "withheld",
        missing=max(0, metric.minimum_n - n),
    )
