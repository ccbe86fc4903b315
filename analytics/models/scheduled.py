"""Reports that go out by mail."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from analytics.period_rules import PeriodRule
from analytics.report_times import Every


class ScheduledReport(models.Model):
    """A report that is sent to people of the house again and again; what is sent is a `ReportMail` each.

    `day` is the day of the week (0 is Monday) or of the month; it and `hour` are those of the organisation's zone.
    `due_at` is when it is sent next; with it the mails of that time are made, all or none.
    """

    name = models.CharField(max_length=80, unique=True, help_text="What its mails are called: their subject.")
    report = models.CharField(max_length=40, blank=True, help_text="Empty: all reports, in one file.")
    period = models.CharField(max_length=20, choices=[(rule.value, rule.label) for rule in PeriodRule])
    filters = models.JSONField(default=dict, blank=True)
    every = models.CharField(
        max_length=5, choices=[(Every.WEEK.value, "Every week"), (Every.MONTH.value, "Every month")]
    )
    day = models.PositiveSmallIntegerField(default=0)
    hour = models.PositiveSmallIntegerField(default=7)
    recipients = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    on = models.BooleanField("switched on", default=True, help_text="Off: nothing is sent until it is on again.")
    due_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(hour__lte=23), name="scheduled_report_hour"),
            models.CheckConstraint(
                condition=Q(every="week", day__lte=6) | Q(every="month", day__gte=1, day__lte=31),
                name="scheduled_report_day",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ReportMail(models.Model):
    """One mail of a scheduled report to one person, for one time at which it was due.

    `next_try_at` is when it may be sent, `claimed_at` when a worker began to make it, `handed_at` when it began to hand
    it over; `detail` says what went wrong.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        CLAIMED = "claimed", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Not sent"
        UNKNOWN = "unknown", "Nobody knows whether it was sent"

    scheduled = models.ForeignKey(ScheduledReport, on_delete=models.CASCADE, related_name="mails")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-due_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["scheduled", "recipient", "due_at"], name="report_mail_once")]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(state__in=["waiting", "claimed"]), name="report_mail_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.scheduled} to {self.recipient}"
