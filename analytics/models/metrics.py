"""What scores are."""

from django.db import models
from django.db.models import Q

from surveys.models import Question


class Metric(models.Model):
    """What a score is: which question it comes from, which answers count, and from when on it may be read.

    There is one row for each key, from the first migration on. Only `analytics.metrics` reads them.
    """

    class Key(models.TextChoices):
        NPS = "nps", "Net Promoter Score (NPS)"
        CSAT = "csat", "Satisfaction (CSAT)"
        CES = "ces", "Ease (CES)"

    key = models.CharField(max_length=8, choices=Key, unique=True, editable=False)
    name = models.CharField(max_length=60, help_text="As reports call it.")
    question_kind = models.CharField(
        "question", max_length=12, choices=Question.Kind, editable=False, help_text="The kind of question it is of."
    )
    lowest = models.CharField(max_length=60, help_text="What the low end of the scale says.")
    highest = models.CharField(max_length=60, help_text="What the high end of the scale says.")
    counts_from = models.PositiveSmallIntegerField(
        "counts from", help_text="The lowest answer that counts for it, such as 9 of 10, 4 of 5, 5 of 7."
    )
    against_to = models.PositiveSmallIntegerField(
        "counts against up to", null=True, blank=True, help_text="The highest answer that is taken off; only the NPS."
    )
    horizon_days = models.PositiveSmallIntegerField(
        "horizon in days",
        null=True,
        blank=True,
        help_text="Later answers about a touchpoint are left out: memory fades. Empty: all count.",
    )
    minimum_n = models.PositiveSmallIntegerField(
        "answers needed", default=10, help_text="A group with fewer is withheld; 10 or more."
    )
    target = models.DecimalField(
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        help_text="Drawn as a line beside the score: points for the NPS, percent for the others. Empty: none.",
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(minimum_n__gte=10), name="metric_hides_small_groups"),
            models.CheckConstraint(
                condition=Q(key="nps", counts_from=9, against_to=6, against_to__isnull=False)
                | Q(against_to=None) & ~Q(key="nps"),
                name="metric_counts_as_its_name_says",
            ),
        ]

    def __str__(self) -> str:
        return self.name
