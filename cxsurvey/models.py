"""The one table of the composition root."""

from django.db import models


class Heartbeat(models.Model):
    """When something last showed that it works: the worker's canary job, the installation of the schedules."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at.isoformat()}"
