"""The customers most at risk, by name, as a page of the admin for who may see customers."""

from dataclasses import dataclass
from math import exp

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from analytics import churn_runs
from analytics.models import CustomerRisk
from contacts.guarded import admin_page, show
from contacts.hiding import shown
from contacts.models import Customer
from contacts.readers import reader_of_request

A_PAGE = 25
STRONGEST = 3


@dataclass(frozen=True, slots=True)
class Listed:
    """A customer with her reasons: text, and by what it multiplies the odds, which are `base` before them all."""

    customer: Customer
    percent: float
    gone_quiet: bool
    base: float
    odds: float
    reasons: list[tuple[str, float]]

    @property
    def strongest(self) -> list[tuple[str, float]]:
        """The reasons that matter most, up or down."""
        return self.reasons[:STRONGEST]


@require_safe
def customers_at_risk(request: HttpRequest) -> HttpResponse:
    """Show who is most at risk to be lost, or of them those who have gone quiet after something bad."""
    run, reader = churn_runs.newest(), reader_of_request(request)
    rows = churn_runs.risks(run, reader) if run else []
    quiet = [row for row in rows if row.gone_quiet]
    only_quiet = "quiet" in request.GET
    part = Paginator(quiet if only_quiet else rows, A_PAGE).get_page(request.GET.get("page"))
    return show(
        request,
        "analytics/customers_at_risk.html",
        title="Customers at risk",
        run=run,
        part=part,
        listed=[_listed(shown(row, reader)) for row in part.object_list],
        all_of_them=len(rows),
        quiet=len(quiet),
        only_quiet=only_quiet,
    )


def _listed(row: CustomerRisk) -> Listed:
    from analytics.risk_reasons import told

    reasons = [told(reason) for reason in row.reasons]
    return Listed(
        customer=row.customer,
        percent=100 * row.probability,
        gone_quiet=row.gone_quiet,
        base=exp(row.base),
        odds=row.probability / (1 - row.probability),
        reasons=[(reason["text"], reason["times"]) for reason in reasons],
    )


urlpatterns = [
    admin_page(
        "customers-at-risk/",
        customers_at_risk,
        "customers-at-risk",
        "surveys.view_response",
        "contacts.view_customer",
    ),
]
