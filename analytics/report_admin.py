"""Scheduled reports in the admin: what is sent, to whom, when, and what became of it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from analytics.models import ReportMail, ScheduledReport
from analytics.report_mail import reports_of, times
from analytics.report_mailing import ask_for_one, set_due, why_not
from analytics.report_times import WEEKDAYS, Every
from analytics.reports import REPORTS, RIGHT
from analytics.scope import FILTERS
from analytics.scope_form import filter_fields
from contacts.readers import EVERYTHING, reader_of_request

LAST_MAILS = 20
FilterFields: Any = type("FilterFields", (forms.Form,), {name: forms.CharField(required=False) for name in FILTERS})
"""A field for each filter; which values they offer is read when a form is made."""


class ScheduledReportForm(FilterFields, forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """What is sent to whom and when; filters and days as people choose them. `reader` is who chooses."""

    reader = EVERYTHING

    report = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget)
    weekday = forms.TypedChoiceField(
        widget=UnfoldAdminSelectWidget,
        coerce=int,
        choices=list(enumerate(WEEKDAYS)),
        label="On",
        help_text="Where it is sent every week.",
    )
    day_of_month = forms.IntegerField(
        widget=UnfoldAdminIntegerFieldWidget,
        min_value=1,
        max_value=31,
        initial=1,
        label="On day",
        help_text="Where it is sent every month; 31 is its last day.",
    )
    hour = forms.TypedChoiceField(
        widget=UnfoldAdminSelectWidget,
        coerce=int,
        choices=[(hour, f"{hour}:00") for hour in range(24)],
        initial=7,
        label="At",
    )
    recipients: Any = forms.ModelMultipleChoiceField(
        queryset=None,
        widget=forms.CheckboxSelectMultiple,
        help_text="Users who may see reports. Who loses that right, or is no active user any more, gets nothing.",
    )

    class Meta:
        model = ScheduledReport
        fields = ("name", "report", "period", "every", "hour", "recipients", "on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Read what there is to choose from."""
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["report"].choices = [
            ("", "All reports, in one file"),
            *((one.key, one.title) for one in REPORTS.values()),
        ]
        fields["recipients"].queryset = get_user_model().objects.with_perm(RIGHT).filter(is_staff=True)
        fields["hour"].help_text = f"In the time zone {timezone.get_default_timezone_name()}."
        for name, field in filter_fields(FILTERS, self.reader).items():
            fields[name] = _dressed(field)
            self.initial.setdefault(name, self.instance.filters.get(name, ""))
        if self.instance.pk:
            self.initial["weekday" if self.instance.every == Every.WEEK else "day_of_month"] = self.instance.day

    def clean(self) -> dict[str, Any]:
        """Take filters and day together; refuse a filter that a report does not have."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        self.instance.filters = {name: given[name] for name in FILTERS if given.get(name)}
        day = given.get("weekday" if given.get("every") == Every.WEEK else "day_of_month")
        if day is not None:
            self.instance.day = day
        self.instance.report = given.get("report", "")
        for report in reports_of(self.instance):
            for name in set(self.instance.filters) - set(report.filters):
                self.add_error(
                    name, f"{report.title} cannot be narrowed by {name}. Leave it empty, or choose one report."
                )
        return given


def _dressed(field: Any) -> Any:
    """The field with a widget that looks like the admin's."""
    is_choice = isinstance(field, forms.ChoiceField)
    field.widget = UnfoldAdminSelectWidget(choices=field.choices) if is_choice else UnfoldAdminTextInputWidget()
    return field


@admin.register(ScheduledReport)
class ScheduledReportAdmin(ModelAdmin):
    """Reports by mail; a mail is made by a job within a minute, never while a page waits."""

    form = ScheduledReportForm
    list_display = ("name", "what", "when", "of_recipients", "on", "last_sent", "last_problem")
    search_fields = ("name",)
    readonly_fields = ("next_time", "mails")
    fieldsets = (
        (None, {"fields": ("name", "on", "report", "period")}),
        ("Only some", {"fields": tuple(FILTERS), "classes": ("collapse",)}),
        ("When", {"fields": ("every", "weekday", "day_of_month", "hour", "next_time")}),
        ("To whom", {"fields": ("recipients",)}),
        ("What became of it", {"fields": ("mails",)}),
    )
    actions_submit_line = ("send_me_one",)

    def get_form(self, request: HttpRequest, obj: ScheduledReport | None = None, **kwargs: Any) -> Any:
        """Return the form with what the reader may narrow a report to."""
        form = type("ScheduledReportForm", (ScheduledReportForm,), {"reader": reader_of_request(request)})
        return super().get_form(request, obj, **kwargs, form=form)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScheduledReport]:
        mails = ReportMail.objects.filter(scheduled=OuterRef("pk"))
        problems = mails.exclude(state="sent").exclude(detail="").order_by("-due_at")
        return ScheduledReport.objects.annotate(
            n=Count("recipients"),
            sent=Subquery(mails.filter(state="sent").order_by("-sent_at").values("sent_at")[:1]),
            problem=Subquery(problems.values("detail")[:1]),
            problem_at=Subquery(problems.values("due_at")[:1]),
        ).order_by("name")

    def save_model(self, request: HttpRequest, obj: ScheduledReport, form: Any, change: bool) -> None:  # noqa: FBT001
        super().save_model(request, obj, form, change)
        if obj.due_at is None or {"on", "every", "weekday", "day_of_month", "hour"} & set(form.changed_data):
            set_due(obj, timezone.now())

    @action(description="Save and send me one now", permissions=["change"])  # type: ignore[untyped-decorator]
    def send_me_one(self, request: HttpRequest, scheduled: ScheduledReport) -> None:
        user: Any = request.user
        if refusal := why_not(user):
            messages.error(request, f"Nothing is sent to you. {refusal}")
            return
        ask_for_one(scheduled, user.pk, timezone.now())
        messages.success(request, f"It is on its way to {user.email}, within a minute or two.")

    @admin.display(description="Report")
    def what(self, scheduled: ScheduledReport) -> str:
        report = REPORTS.get(scheduled.report)
        return report.title if report else "All reports"

    @admin.display(description="Sent")
    def when(self, scheduled: ScheduledReport) -> str:
        return times(scheduled)

    @admin.display(description="Recipients")
    def of_recipients(self, scheduled: Any) -> int:
        return int(scheduled.n)

    @admin.display(description="Last sent")
    def last_sent(self, scheduled: Any) -> Any:
        return scheduled.sent or "never"

    @admin.display(description="Last problem")
    def last_problem(self, scheduled: Any) -> str:
        return f"{_day(scheduled.problem_at)}: {scheduled.problem}" if scheduled.problem else ""

    @admin.display(description="Next")
    def next_time(self, scheduled: ScheduledReport) -> str:
        if scheduled.due_at is None:
            return "Not switched on." if scheduled.pk else "Known once it is saved."
        return f"{_moment(scheduled.due_at)}"

    @admin.display(description="Mails")
    def mails(self, scheduled: ScheduledReport) -> SafeString | str:
        """The newest mails, each with what became of it."""
        if not scheduled.pk or not (found := list(scheduled.mails.select_related("recipient")[:LAST_MAILS])):
            return "Nothing has been sent yet."
        lines = ((_moment(one.due_at), one.recipient, one.get_state_display(), one.detail) for one in found)
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}, {}: <strong>{}</strong> {}</li>", lines))


def _moment(at: Any) -> str:
    return f"{timezone.localtime(at, timezone.get_default_timezone()):%a %Y-%m-%d %H:%M}"


def _day(at: Any) -> str:
    return _moment(at)[4:14]
