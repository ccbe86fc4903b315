"""The tables of the composition root."""

from django.db import models

from contacts.models.jobs import Job


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


class ExportRun(Job):
    """A table that somebody asked for as a file: written by a worker, kept for some days, then deleted.

    `asked` is what an address would ask for (filters, columns, shape). `file` is its name in the folder of exports,
    empty before it is whole and after it was deleted; `columns`, `size` and `sha256` are those of the file, and
    `as_of` is the instant of which its rows are.
    """

    table = models.CharField(max_length=40)
    format = models.CharField(max_length=8)
    asked = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    as_of = models.DateTimeField(null=True)
    next_changes_since = models.TextField(blank=True)
    file = models.CharField(max_length=120, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True)

    class Meta(Job.Meta):
        indexes = [models.Index(fields=["by", "-asked_at"], name="export_of_whom")]

    def __str__(self) -> str:
        return f"{self.table}.{self.format}"
