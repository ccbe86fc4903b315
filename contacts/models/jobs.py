"""Work that takes longer than a request, as a row that workers claim."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Job(models.Model):
    """Something that a worker does step by step: how far it is, who asked for it, and whether somebody is at it.

    `contacts/jobs.py` moves it on. `rows` is null where nobody knows beforehand. `alive_at` is when a worker last
    showed that it was at it; `deaths` counts the workers that fell silent over it. `problem` says why it failed.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    OPEN = (State.WAITING, State.RUNNING)
    ENDED = (State.DONE, State.CANCELLED, State.FAILED)

    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    rows_done = models.PositiveBigIntegerField(default=0)
    rows = models.PositiveBigIntegerField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    alive_at = models.DateTimeField(null=True)
    deaths = models.PositiveSmallIntegerField(default=0)
    problem = models.TextField(blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["done", "cancelled", "failed"], finished_at__isnull=False)
                | ~Q(state__in=["done", "cancelled", "failed"]) & Q(finished_at=None),
                name="%(class)s_ended",
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(started_at__isnull=False, alive_at__isnull=False),
                name="%(class)s_alive",
            ),
        ]
