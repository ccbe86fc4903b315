"""Count the months that are over, once, and keep what was found until something in them changes.

By month and not by day: customers cannot be added up over days, and without them neither an interval nor the number of
customers is known. A month is claimed by a row without scores, counted by the same code that counts for a page once
all who were writing have ended. Whoever changes an answer notes it beside the month or its claim, without waiting for
anybody (`analytics.month_triggers`), so that what was counted too early is never shown.
"""

import time
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Min

from analytics import month_triggers
from analytics.metrics import Definition, definitions
from analytics.models import CountedMonth, Metric, MonthChange
from analytics.models.months import Scores
from analytics.month_cells import Cells, from_answers, month_of
from analytics.period import Period
from analytics.scope import Scope
from contacts.writers import in_flight
from surveys.models import Response

PATIENCE, PAUSE = 60.0, 0.05
"""Seconds to wait for writers in flight, and between two looks at them."""


class Difference(NamedTuple):
    """A month whose kept scores are not what its answers say."""

    month: CountedMonth
    kept: Scores
    counted: Scores


def count_months(at: datetime) -> int:
    """Count every month that is over at `at` and is not counted; return how many were kept.

    Any number of processes may do so at once: the claim made last is the one that holds. Raises TimeoutError where
    somebody has been writing for a minute, as an import may; then nothing is kept, and pages count for themselves.
    """
    claims = claim(at)
    wait_for_writers()
    metrics = definitions().values()
    return sum(keep(month, scores_of(month, metrics, at)) for month in claims)


@transaction.atomic
def claim(at: datetime) -> list[CountedMonth]:
    """Make a row without scores for each month that is over and not counted.

    Raises RuntimeError where the triggers are off, which would keep the rows true.
    """
    list(Metric.objects.select_for_update())  # one claims after another
    if not month_triggers.are_on():
        raise RuntimeError("The triggers of counted months are not in the database: run manage.py migrate.")
    CountedMonth.objects.exclude(pk__in=CountedMonth.objects.kept()).delete()
    MonthChange.objects.exclude(month__in=CountedMonth.objects.all()).delete()
    there = {(month.starts_at, month.ends_at): month.pk for month in CountedMonth.objects.all()}
    wanted = list(_months_over(at))
    CountedMonth.objects.filter(pk__in=[pk for bounds, pk in there.items() if bounds not in wanted]).delete()
    missing = [bounds for bounds in wanted if bounds not in there]
    return CountedMonth.objects.bulk_create(CountedMonth(starts_at=since, ends_at=until) for since, until in missing)


def scores_of(month: CountedMonth, metrics: Collection[Definition], at: datetime) -> Scores:
    """Count the answers of a month as they are now; `at` is after it. One statement."""
    cells: Cells = from_answers([Scope(Period(month.starts_at, month.ends_at, at))], metrics)
    return {
        key: [(kind, *cell.counts, cell.customers, cell.n_eff) for (kind, _), cell in sorted(of_metric.items())]
        for key, of_metric in cells.items()
    }


def keep(claimed: CountedMonth, scores: Scores) -> bool:
    """Fill a claim in; False where it is not there any more, or something changed since it was made."""
    return bool(CountedMonth.objects.unchanged().filter(pk=claimed.pk).update(scores=scores))


def differences(at: datetime) -> Iterator[Difference]:
    """The months that are counted otherwise than their answers say: none, or the triggers do not do their work."""
    metrics = definitions().values()
    for month in CountedMonth.objects.kept():
        kept = {key: [tuple(row) for row in rows] for key, rows in month.kept.items()}
        counted = scores_of(month, metrics, at)
        if kept != counted and CountedMonth.objects.unchanged().filter(pk=month.pk).exists():
            yield Difference(month, month.kept, counted)


def _months_over(at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The months from that of the first counted response to the last that is over."""
    first: datetime | None = Response.objects.counted().aggregate(first=Min("answered_at"))["first"]
    since, until = month_of(first or at)
    while until <= at:
        yield since, until
        since, until = month_of(until)


def wait_for_writers() -> None:
    """Return when all who may have written before a claim was there have ended; on SQLite nobody writes beside us.

    Nobody waits for us: we only look at which transactions have written and are open. Raises TimeoutError.
    """
    if connection.vendor != "postgresql":
        return
    end = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")  # whoever wrote before has a smaller one
        [latest] = cursor.fetchone()
    while in_flight().oldest < latest:
        if time.monotonic() > end:
            raise TimeoutError("Somebody has been writing for a minute: count again later.")
        time.sleep(PAUSE)
