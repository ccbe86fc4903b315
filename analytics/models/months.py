"""Months whose scores are counted already."""

from django.db import models
from django.db.models import F, Q

Scores = dict[str, list[tuple[str, int, int, int, int, float]]]
"""By metric: kind of touchpoint, answers that count, neither, and against, customers, as many as they are worth."""


class CountedMonth(models.Model):
    """What was counted of the answers of a month of the organisation's zone, or the claim of who is counting it.

    The database itself deletes the row of a month in which something changes that scores are counted from
    (`analytics.month_triggers`), in the transaction of the change: a row that is there is true.
    """

    starts_at = models.DateTimeField(unique=True)
    ends_at = models.DateTimeField(help_text="The first instant that is not in it.")
    scores = models.JSONField(
        null=True, help_text="By metric: kind of touchpoint, counts, customers, worth. Empty: being counted."
    )

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
