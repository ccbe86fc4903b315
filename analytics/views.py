"""The reports as pages of the admin."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from analytics.reports import REPORTS, RIGHT, SEES_PERSONS, build
from analytics.scope_form import ScopeForm
from analytics.scope_query import refuse_agents
from contacts.guarded import admin_page, show
from contacts.readers import reader_of_request

FIRST_SCORE = "nps"


@require_safe
def report_page(request: HttpRequest, report_key: str) -> HttpResponse:
    """Show a report of the period and the filters in the query."""
    if report_key not in REPORTS:
        raise Http404
    reader = reader_of_request(request)
    refuse_agents(request.GET, reader)
    report = REPORTS[report_key].for_reader(reader)
    form = ScopeForm(request.GET, report, reader)
    scope = form.scope(timezone.now())
    about: dict[str, Any] = {"report": report, "form": form, "title": report.title}
    if scope is None:
        return show(request, "analytics/admin_report.html", status=400, **about)
    from analytics.narrowing import chips, linked, presets, scores, tabs
    from analytics.reports.score_sections import answered

    numbers = build(scope, [report], persons=request.user.has_perm(SEES_PERSONS))
    shown = [form.score or FIRST_SCORE] if report.by_score else []
    context, programs = report.context(numbers, *shown), form.names("program")
    ways = {
        "sections": linked(context["sections"], scope, report, programs, form.score),
        "chips": chips(scope, programs, form.score),
        "presets": presets(scope, timezone.localdate(timezone=timezone.get_default_timezone()), form.score),
        "scores": scores(scope, answered(numbers), shown[0]) if shown else [],
        "by_mail": urlencode({"report": report.key, **scope.filters}),
        "tabs": tabs(scope, REPORTS.values(), report),
    }
    return show(request, "analytics/admin_report.html", **about | context | ways)


@require_safe
def first_report(request: HttpRequest) -> HttpResponse:
    """Show the first report."""
    return report_page(request, next(iter(REPORTS)))


@require_safe
@cache_control(private=True, max_age=7 * 24 * 3600)
def plotly_script(_request: HttpRequest) -> HttpResponse:
    """The drawing library as the Python package brings it."""
    from plotly.offline import get_plotlyjs

    return HttpResponse(get_plotlyjs(), content_type="text/javascript")


urlpatterns = [
    admin_page("report/", first_report, "report", RIGHT),
    admin_page("report/plotly.js", plotly_script, "report-plotly", RIGHT),
    admin_page("report/<slug:report_key>/", report_page, "report-page", RIGHT),
]
