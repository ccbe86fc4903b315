"""Learn who may leave, once a day, and keep it: a page only reads what was kept."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from analytics.models import ChurnRule, ChurnRun, CustomerRisk
from contacts.brands import visible_to
from contacts.models import Customer
from contacts.readers import EVERYTHING, Reader

if TYPE_CHECKING:  # they are slow to load, and pages that only read a run do without
    import pandas as pd

    from analytics.churn.periods import Rule

KEPT = 1000
"""Customers at most whose risk is kept, those with the highest: nobody calls more of them in a day."""
FRESH = timedelta(days=1)


def learn(at: datetime, *, with_boosting: bool) -> ChurnRun:
    """Learn from all that is on record at `at`, and keep it in place of what was known before.

    Where nothing can be learned the run says why. With boosting it takes about four times as long.
    """
    from analytics.churn.periods import panel
    from analytics.frames.history import history
    from analytics.risk import risk

    rule = current_rule()
    run = ChurnRun(at=at, days=rule.quiet.days)
    scored: pd.DataFrame | None = None
    try:
        found = panel(history(at), rule)
        run.until, run.by_leaving = found.until, found.by_leaving
        run.numbers, scored = risk(found, with_boosting=with_boosting)
    except ValueError as refusal:
        run.refusal = str(refusal)
    return _keep(run, scored)


def learn_if_old(at: datetime) -> None:
    """Learn where nothing was learned within a day, without boosting: somebody waits for it."""
    if not ChurnRun.objects.filter(at__gt=at - FRESH, at__lte=at).exists():
        learn(at, with_boosting=False)


def newest() -> ChurnRun | None:
    """Return what was last learned."""
    return ChurnRun.objects.order_by("at", "pk").last()


def risks(run: ChurnRun, reader: Reader = EVERYTHING) -> list[CustomerRisk]:
    """Return the customers most at risk whom somebody may read, the highest risk first, each person once.

    Records that were merged since stand for their person; who was erased since is left out.
    """
    rows = visible_to(reader, run.risks.select_related("customer__merged_into"))
    persons: dict[int, CustomerRisk] = {}
    for row in rows:
        merged = row.customer.merged_into
        if merged and (reader.brands is None or merged.brand_id in reader.brands):
            row.customer = merged
        if row.customer.erased_at is None:
            persons.setdefault(row.customer.pk, row)
    return list(persons.values())


def erase(records: Collection[int]) -> None:
    """Forget the risk of a person."""
    CustomerRisk.objects.filter(customer__in=records).delete()


def current_rule() -> "Rule":
    """Return the rule by which customers count as lost."""
    from analytics.churn.periods import Rule

    row = ChurnRule.objects.get()
    return Rule(
        quiet=timedelta(days=row.quiet_days),
        leaving=tuple(row.leaving_kinds),
        problems=tuple(outcome.strip().lower() for outcome in row.problem_outcomes),
    )


@transaction.atomic
def _keep(run: ChurnRun, scored: "pd.DataFrame | None") -> ChurnRun:
    run.save()
    ChurnRun.objects.exclude(pk=run.pk).delete()
    if scored is not None:
        CustomerRisk.objects.bulk_create(_rows(run, scored))
    return run


def _rows(run: ChurnRun, scored: "pd.DataFrame") -> list[CustomerRisk]:
    erased = set(Customer.objects.exclude(erased_at=None).values_list("pk", flat=True))
    known = scored[~scored["customer"].isin(erased)]
    top = known.sort_values(["probability", "customer"], ascending=[False, True]).head(KEPT)
    return [
        CustomerRisk(
            run=run,
            customer_id=row["customer"],
            probability=row["probability"],
            base=row["base"],
            reasons=row["reasons"],
            gone_quiet=row["gone_quiet"],
        )
        for row in top.to_dict("records")
    ]
