"""Addresses at which sheets fetch scores."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Feed(models.Model):
    """An address that gives published scores to whoever has it: for sheets, which cannot send a token as a header.

    It ends at `expires_at`, or when somebody revokes it, or when `by` may not download exports any more. It gives the
    `brands` that `by` read when it was made, and ends when `by` does not read all of them any more. `fetched` is
    how often it was fetched in the hour that began at `hour_at`.
    """

    name = models.CharField(max_length=80, help_text="What it is for, such as the sheet that fetches it.")
    address_hash = models.CharField(max_length=64, unique=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    brands = models.JSONField(null=True, editable=False, help_text="Ids; null for all brands.")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    hour_at = models.DateTimeField(null=True)
    fetched = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-made_at"]
        constraints = [models.CheckConstraint(condition=Q(expires_at__gt=models.F("made_at")), name="feed_lives")]

    def __str__(self) -> str:
        return self.name
