"""The way that customers go with us."""

from django.db import models


class JourneyStage(models.Model):
    """A part of the way that customers go with us, and the kinds of touchpoints that belong to it."""

    name = models.CharField(max_length=60, unique=True, help_text="For example: Buying, Receiving, Getting help.")
    position = models.PositiveSmallIntegerField(default=1, help_text="Its place on the way; 1 comes first.")
    kinds = models.JSONField(default=list, help_text="Kinds of touchpoints in it.")

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name
