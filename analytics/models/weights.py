"""What the organisation gives weight to."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

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
