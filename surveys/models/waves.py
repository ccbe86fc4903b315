from django.db import models
from django.db.models import Q

BEING_CANCELLED = ~Q(cancel_reason="") & Q(cancelled_at=None)
"""Of a wave: somebody cancelled it, and not all of its places are given back yet."""


class Wave(models.Model):
    """One pass of planning: everything that the programs had still to decide about at `at`. One is open at a time.

    `cancel_reason`: why what is not sent of it never will be; `cancelled_at`: when the last of that was given back.
    """

    at = models.DateTimeField()
    programs = models.JSONField(default=list, help_text="Ids of the programs that it is about.")
    newest_touchpoint = models.BigIntegerField(help_text="The newest that was there: the next pass looks behind it.")
    open = models.BooleanField(default=True)
    cancel_reason = models.CharField(max_length=180, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["open"], condition=Q(open=True), name="wave_one_open")]

    def __str__(self) -> str:
        return f"Wave of {self.at:%Y-%m-%d %H:%M}"

    @property
    def being_cancelled(self) -> bool:
        """Whether somebody cancelled it, and not all of its places are given back yet."""
        return bool(self.cancel_reason) and self.cancelled_at is None

    def total(self, figure: str) -> int:
        """A figure of the reports, over all programs and all ranges that are decided about."""
        return sum(figures[figure] for part in self.ranges.all() for figures in part.report.values())


class WaveRange(models.Model):
    """The part of a wave that is about the customers from `first` to `last`, decided about in one transaction.

    `touchpoints`: program id -> touchpoint ids, until they are decided about. `report`: program -> what a
    `ProgramReport` counts. Any number of workers claim ranges by locking their rows, so that the range of a worker that
    dies is free again.
    """

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="ranges")
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    touchpoints = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wave", "first"], name="wave_range_once"),
            models.CheckConstraint(condition=Q(first__lte=models.F("last")), name="wave_range_is_not_empty"),
        ]
        indexes = [models.Index(fields=["wave", "first"], condition=Q(decided_at=None), name="wave_range_waiting")]

    def __str__(self) -> str:
        return f"Customers {self.first} to {self.last}"
