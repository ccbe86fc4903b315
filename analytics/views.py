"""The reports as pages of the admin."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from analytics.models import JourneyStage
from analytics.period import Period
from analytics.reports import REPORTS, Report, build
from analytics.scope import Scope, narrowed
from contacts.came_in import came_in
from contacts.guarded import admin_page, show
from contacts.names import in_words
from surveys.models import Program

RIGHT = "surveys.view_response"
DAYS = ("since", "until")


class ScopeForm(forms.Form):
    """The days of a report, both included, and its filters; empty takes all."""

    since = forms.DateField(label="From", required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, data: Any, report: Report) -> None:
        """Offer what the report can be narrowed to."""
        super().__init__(data)
        for name in report.filters:
            self.fields[name] = filter_field(name)

    @property
    def days(self) -> list[forms.BoundField]:
        """The fields of the period."""
        return [self[name] for name in DAYS]

    @property
    def filters(self) -> list[forms.BoundField]:
        """The fields of the filters."""
        return [self[name] for name in self.fields if name not in DAYS]

    def scope(self) -> Scope | None:
        """Return the scope that is asked for, or None where it is none; then the form says why."""
        if self.is_valid():
            filters = {name: value for name, value in self.cleaned_data.items() if name not in DAYS}
            try:
                period = Period.of_days(self.cleaned_data["since"], self.cleaned_data["until"], timezone.now())
                return narrowed(period, filters)
            except ValueError as error:
                self.add_error("until", str(error).capitalize())
        return None


def filter_field(name: str) -> forms.Field:
    """Return the field of a filter: a choice where there are few values, otherwise a text that must be equal."""
    if name == "program":
        choices = list(Program.objects.order_by("name").values_list("slug", "name"))
    elif name == "stage":
        choices = [(stage, stage) for stage in JourneyStage.objects.values_list("name", flat=True)]
    elif name == "kind":
        choices = [(kind, in_words(kind)) for kind in came_in("kind")]
    else:
        return forms.CharField(required=False)
    return forms.ChoiceField(choices=[("", "All"), *choices], required=False)


@require_safe
def report_page(request: HttpRequest, report_key: str) -> HttpResponse:
    """Show a report of the period and the filters in the query."""
    if (report := REPORTS.get(report_key)) is None:
        raise Http404
    form = ScopeForm(request.GET, report)
    scope = form.scope()
    about: dict[str, Any] = {"reports": REPORTS.values(), "report": report, "form": form, "title": report.title}
    if scope is None:
        return show(request, "analytics/admin_report.html", status=400, **about)
    context = about | report.context(build(scope, [report])) | {"query": scope.query()}
    return show(request, "analytics/admin_report.html", **context)


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
