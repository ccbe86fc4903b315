from django.core.validators import MinValueValidator
from django.db import models

from surveys.models.surveys import Survey


class OpenLink(models.Model):
    """A link that whoever passes by may answer: at a counter, on a receipt, in a lobby. Its answers count apart.

    What it opens is derived from the id under key `link_key` (`surveys.links`); nothing in the database opens it.
    """

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="open_links")
    name = models.CharField(max_length=120, help_text="Where it hangs, in your words: Counter, Oslo Central.")
    kind = models.CharField(max_length=60, help_text="Kind of touchpoint that it asks about: visit, purchase ...")
    touchpoint_channel = models.CharField(max_length=60, blank=True, help_text="Where that was: store, lobby ...")
    per_hour = models.PositiveIntegerField(
        default=60, validators=[MinValueValidator(1)], help_text="The most answers that it takes within an hour."
    )
    link_key = models.CharField(max_length=8, editable=False)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True, help_text="From then on it takes no answers.")

    def __str__(self) -> str:
        return self.name


class OpenSecret(models.Model):
    """The secret of one day (UTC), with which marks of browsers are made: once it is forgotten, they mean nothing."""

    day = models.DateField(unique=True)
    secret = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"Secret of {self.day}"


class OpenMark(models.Model):
    """A browser that has answered an open link today, as a keyed hash: a second answer of it is flagged."""

    open_link = models.ForeignKey(OpenLink, on_delete=models.CASCADE, related_name="marks")
    mark = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["open_link", "mark"], name="open_mark_once")]
        indexes = [models.Index(fields=["at"], name="open_mark_time")]

    def __str__(self) -> str:
        return f"Mark of {self.at:%Y-%m-%d}"
