"""Months whose scores are counted already, and what changed in them since."""

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

Scores = dict[str, list[tuple[str, int, int, int, int, float]]]
"""By metric: kind of touchpoint, answers that count, neither, and against, customers, as many as they are worth."""


class CountedMonths(models.QuerySet["CountedMonth"]):
    """Months that were counted, or are."""

    def unchanged(self) -> "CountedMonths":
        """Those that are as they were counted."""
        return self.exclude(Exists(MonthChange.objects.filter(month=OuterRef("pk"))))

    def kept(self) -> "CountedMonths":
        """Those whose scores are true."""
        return self.unchanged().filter(scores__isnull=False)


class CountedMonth(models.Model):
    """What was counted of the answers of a month of the organisation's zone, or the claim of who is counting it.

    The database itself notes when something changes that its scores are counted from (`MonthChange`,
    `analytics.month_triggers`), in the transaction of the change: a row without such a note is true.
    """

    starts_at = models.DateTimeField(unique=True)
    ends_at = models.DateTimeField(help_text="The first instant that is not in it.")
    scores = models.JSONField(
        null=True, help_text="By metric: kind of touchpoint, counts, customers, worth. Empty: being counted."
    )

    objects = CountedMonths.as_manager()

    class Meta:
        ordering = ["starts_at"]
        constraints = [models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="counted_month_has_length")]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d} to {self.ends_at:%Y-%m-%d}"

    @property
    def kept(self) -> Scores:
        """What was counted. Raises ValueError for a claim."""
        if self.scores is None:
            raise ValueError(f"{self} is being counted")
        kept: Scores = self.scores
        return kept


class MonthChange(models.Model):
    """That a counted month is not true any more. A row is only ever added, so that no writer waits for another."""

    month = models.ForeignKey(CountedMonth, on_delete=models.DO_NOTHING, db_constraint=False, related_name="changes")

    def __str__(self) -> str:
        return f"change in counted month {self.month_id}"
