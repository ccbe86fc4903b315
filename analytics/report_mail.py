"""A scheduled report as a mail: its headline figures to be read at once, and the whole of it as a file."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from analytics.models import ReportMail, ScheduledReport
from analytics.period import Period
from analytics.period_rules import PeriodRule
from analytics.report_times import WEEKDAYS, Every
from analytics.reports import REPORTS, Report, as_page, build
from analytics.scope import Scope, narrowed
from contacts.readers import Reader
from surveys.channels.base import Attachment, Message


@dataclass(frozen=True, slots=True)
class MadeReport:
    """What every recipient of one time gets who may read the same."""

    subject: str
    text: str
    html: str
    file: Attachment


def make(scheduled: ScheduledReport, due_at: datetime, at: datetime, reader: Reader) -> MadeReport:
    """Return the report of the time `due_at`, as known at `at`, as far as a recipient may read it."""
    scope, reports = scope_of(scheduled, due_at, at, reader), reports_of(scheduled)
    numbers = build(scope, reports)
    chapters = [report.context(numbers) for report in reports]
    subject = f"{scheduled.name}: {scope.period}"
    told = {
        "subject": subject,
        "scope": scope,
        "made_up": chapters[0]["made_up"],
        "chapters": [(chapter, _page(chapter["report"], scope)) for chapter in chapters],
        "times": times(scheduled),
        "settings_page": settings.SITE_URL + reverse("admin:analytics_scheduledreport_change", args=[scheduled.pk]),
    }
    name = f"{slugify(scheduled.name) or 'report'}_{chapters[0]['days']}.html"
    return MadeReport(
        subject=subject,
        text=render_to_string("analytics/report_mail.txt", told).strip() + "\n",
        html=render_to_string("analytics/report_mail.html", told),
        file=Attachment(name, as_page(numbers, reports), "text/html"),
    )


def as_message(made: MadeReport, mail: ReportMail, at: datetime) -> Message:
    """Return the message to the mail's recipient."""
    return Message(
        attempt_id=0,
        reference=f"report-{mail.pk}",
        channel="email",
        sender_name=settings.ORGANISATION_NAME,
        sender=parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        recipient=mail.recipient.email,
        subject=made.subject,
        text=made.text,
        html=made.html,
        at=at,
        attachments=(made.file,),
    )


def reports_of(scheduled: ScheduledReport) -> list[Report]:
    """Return the reports that it sends; one that does not exist any more raises KeyError."""
    return [REPORTS[scheduled.report]] if scheduled.report else list(REPORTS.values())


def scope_of(scheduled: ScheduledReport, due_at: datetime, at: datetime, reader: Reader) -> Scope:
    """Return what it is about at that time: its period follows from the day on which it is due."""
    today = due_at.astimezone(timezone.get_default_timezone()).date()
    period = Period.of_days(*PeriodRule(scheduled.period).days(today), at)
    return narrowed(period, scheduled.filters, reader)


def times(scheduled: ScheduledReport) -> str:
    """Return in words when it is sent."""
    if scheduled.every == Every.WEEK:
        day = f"every week on {WEEKDAYS[scheduled.day]}"
    else:
        day = f"every month on day {scheduled.day}"
    return f"{day} at {scheduled.hour}:00"


def _page(report: Report, scope: Scope) -> str:
    query = scope.query()
    return f"{settings.SITE_URL}{report.address}{f'?{query}' if query else ''}"
