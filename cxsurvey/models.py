"""The tables of the composition root."""

from django.conf import settings
from django.db import models


class Heartbeat(models.Model):
    """When something last showed that it works: the worker's canary job, the installation of the schedules."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at.isoformat()}"


class SampleState(models.Model):
    """That the sample is loaded, and how far its days have been run; no row or one.

    The row is written in the transaction that loads the sample, so that there is never half of it.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    weeks = models.PositiveIntegerField(help_text="By so many weeks all dates of the data are moved.")
    until = models.DateTimeField(help_text="The first run's now: the days are run up to it.")
    reached = models.DateTimeField(help_text="So far the days have been run.")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="sample_state_single")]

    def __str__(self) -> str:
        return f"Sample until {self.until:%Y-%m-%d}"

    @property
    def is_whole(self) -> bool:
        """Whether all days have been run."""
        return self.reached >= self.until


class ExportPace(models.Model):
    """How far a user's exports have used up what is allowed (`cxsurvey.export_pace`)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    next_at = models.DateTimeField(help_text="When the next export may begin, at the rate that is allowed.")

    def __str__(self) -> str:
        return f"Exports of user {self.user_id}"
