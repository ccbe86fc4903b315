"""The report as a page of the admin."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from analytics.period import Period
from contacts.guarded import admin_page, show


class PeriodForm(forms.Form):
    """The days of the report, both included; empty is open."""

    since = forms.DateField(label="From", required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput({"type": "date"}))

    def period(self) -> Period | None:
        """The period asked for, or None where it is none; then the form says why."""
        if self.is_valid():
            try:
                return Period.of_days(self.cleaned_data["since"], self.cleaned_data["until"], timezone.now())
            except ValueError as error:
                self.add_error("until", str(error).capitalize())
        return None


@require_safe
def report_page(request: HttpRequest) -> HttpResponse:
    """Show the report of the period in the query."""
    form = PeriodForm(request.GET)
    if (period := form.period()) is None:
        return show(request, "analytics/admin_report.html", status=400, title="Report", form=form)
    # Pandas and its friends are heavy: only who opens a report pays for them.
    from analytics import reports

    numbers = reports.build(period.since, period.until, period.at).as_json()
    return show(request, "analytics/admin_report.html", form=form, **reports.context(numbers))


@require_safe
@cache_control(private=True, max_age=7 * 24 * 3600)
def plotly_script(_request: HttpRequest) -> HttpResponse:
    """The drawing library as the Python package brings it."""
    from plotly.offline import get_plotlyjs

    return HttpResponse(get_plotlyjs(), content_type="text/javascript")


urlpatterns = [
    admin_page("report/", report_page, "report", "surveys.view_response"),
    admin_page("report/plotly.js", plotly_script, "report-plotly", "surveys.view_response"),
]
