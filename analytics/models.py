"""This room's own tables: the journey, what is listened for in comments, and what was found there, without texts."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from analytics import risk_models  # noqa: F401 - tables of this app too
from analytics.period_rules import PeriodRule
from analytics.report_times import Every
from analytics.themes.no_more import Refusal
from surveys.models import Response

REFUSALS = [
    (Refusal.NONE.value, "No"),
    (Refusal.PERHAPS.value, "Perhaps"),
    (Refusal.CHANNEL.value, "No more of this channel"),
    (Refusal.EVERYTHING.value, "No more of anything"),
]


class JourneyStage(models.Model):
    """A part of the way that customers go with us, and the kinds of touchpoints that belong to it."""

    name = models.CharField(max_length=60, unique=True, help_text="For example: Buying, Receiving, Getting help.")
    position = models.PositiveSmallIntegerField(default=1, help_text="Its place on the way; 1 comes first.")
    kinds = models.JSONField(default=list, help_text="Kinds of touchpoints in it.")

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Theme(models.Model):
    """Something that comments are about."""

    key = models.SlugField(
        max_length=60, unique=True, help_text="Its name in downloads; it stays when the name changes."
    )
    name = models.CharField(max_length=60)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="narrower",
        verbose_name="belongs to",
        help_text="The wider theme of which it is a part, if any.",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ThemeWords(models.Model):
    """The words that tell of a theme in one language."""

    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="words")
    language = models.CharField(max_length=12, default="en")
    words = models.TextField(
        help_text="Words or phrases, with commas between them or on lines. A * stands for any ending: deliver*."
    )

    class Meta:
        verbose_name = "words in a language"
        verbose_name_plural = "words"
        constraints = [models.UniqueConstraint(fields=["theme", "language"], name="theme_words_once_a_language")]

    def __str__(self) -> str:
        return f"{self.theme} ({self.language})"


class CommentReading(models.Model):
    """What reading the comment of a response came to.

    `as_of`: which state of the response was read, by its `updated_at`. `refusal`: whether it refuses further surveys.
    `codebook`: the version of the codebook, with its corrections, by which its themes were found; empty before.
    """

    response = models.OneToOneField(Response, on_delete=models.CASCADE, related_name="reading", primary_key=True)
    as_of = models.DateTimeField(db_index=True)
    refusal = models.CharField(max_length=10, blank=True, choices=REFUSALS)
    codebook = models.CharField(max_length=16, blank=True)

    class Meta:
        indexes = [models.Index(fields=["refusal"], condition=~Q(refusal=""), name="comment_refusal")]

    def __str__(self) -> str:
        return f"Comment {self.pk}"


class CommentTheme(models.Model):
    """A theme of a comment, found with a probability, or set by a person (`ThemeCorrection`; then it is 1)."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="themes")
    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="comments")
    probability = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "theme"], name="comment_theme_once"),
            models.CheckConstraint(
                condition=Q(probability__gte=0, probability__lte=1), name="comment_theme_probability"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.theme}: {self.probability:.0%}"


class ThemeCorrection(models.Model):
    """What a person said about a theme of a comment: the model learns from it, and never overrules it."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="theme_corrections")
    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="corrections")
    belongs = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["response", "theme"], name="theme_correction_once")]

    def __str__(self) -> str:
        return f"{self.theme}: {'yes' if self.belongs else 'no'}"


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


MEASURED = ("waiting_minutes", "repeated_contacts")
"""Attributes of a touchpoint that measure the experience, as imports bring them (docs/imports.md)."""


class DriverWeight(models.Model):
    """How much weight the organisation gives to what moves the score, to be compared with what customers do."""

    driver = models.CharField(
        max_length=120,
        unique=True,
        help_text="What it is about, as the report Drivers names it: an aspect of questions, an outcome, a team.",
    )
    weight = models.FloatField(
        validators=[MinValueValidator(0)], help_text="In any unit, such as percent of a bonus or points of a scorecard."
    )

    class Meta:
        ordering = ["-weight", "driver"]
        constraints = [models.CheckConstraint(condition=Q(weight__gte=0), name="driver_weight_from_nothing_on")]

    def __str__(self) -> str:
        return f"{self.driver}: {self.weight:g}"
