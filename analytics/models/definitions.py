from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models

LEAST_SHOWN = 10
"""Below it the answers of single customers could be told from the figures."""


class Metric(models.Model):
    """How a score is counted and from where on it is shown; it stands beside the number."""

    class Key(models.TextChoices):
        NPS = "nps", "NPS"
        CSAT = "csat", "CSAT"
        CES = "ces", "CES"
        CHURN = "churn", "Churn"

    SCALES: ClassVar[dict[str, range]] = {Key.NPS: range(11), Key.CSAT: range(1, 6), Key.CES: range(1, 8)}
    """Answers of each; churn has none."""

    key = models.CharField(max_length=8, choices=Key, primary_key=True)
    happy_from = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Answers from here on are happy: promoters, or satisfied."
    )
    unhappy_to = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Answers up to here are unhappy: detractors, or dissatisfied."
    )
    horizon_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(7)],
        help_text="Churn: days without a purchase after which a customer counts as lost.",
    )
    minimum_n = models.PositiveSmallIntegerField(
        "minimum n",
        default=LEAST_SHOWN,
        validators=[MinValueValidator(LEAST_SHOWN)],
        help_text=f"Answers (or customers) that a group needs before it is shown; at least {LEAST_SHOWN}.",
    )
    target = models.FloatField(null=True, blank=True, help_text="What you aim at, in points or percent; may be empty.")

    def __str__(self) -> str:
        return self.get_key_display()

    def clean(self) -> None:
        """Refuse anchors that do not part the scale in two or three, and a horizon of what has none."""
        scale = self.SCALES.get(self.key)
        anchors = {"happy_from": self.happy_from, "unhappy_to": self.unhappy_to}
        horizon = {"horizon_days": self.horizon_days}
        wanted, other = (anchors, horizon) if scale else (horizon, anchors)
        problems = {name: "Say where it is." for name, value in wanted.items() if value is None}
        problems |= {name: "Leave this empty: it is of other metrics." for name, value in other.items() if value}
        if scale and not problems and not scale[0] <= self.unhappy_to < self.happy_from <= scale[-1]:
            problems["happy_from"] = f"Happy begins above unhappy; the scale goes from {scale[0]} to {scale[-1]}."
        if problems:
            raise ValidationError(problems)


class JourneyStage(models.Model):
    """A part of the way that customers go with us, and the kinds of touchpoints that belong to it."""

    name = models.CharField(max_length=60, unique=True, help_text="For example: Buying, Receiving, Getting help.")
    position = models.PositiveSmallIntegerField(default=1, help_text="Its place on the way; 1 comes first.")
    kinds = models.JSONField(default=list, help_text="Kinds of touchpoints in it.")

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name
