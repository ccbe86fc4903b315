"""What governs sending beside the rules about customers: pauses, and what a provider allows."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from contacts.models.words import Channel
from surveys.models.programs import Program
from surveys.models.waves import Wave


class Pause(models.Model):
    """Nothing is sent that fits `channel`, `program` and `wave`, each empty for any, until somebody ends it.

    One without any of the three stops everything. Planning goes on: what is due waits, and is tested again when it is
    sent.
    """

    channel = models.CharField(max_length=8, choices=Channel, blank=True)
    program = models.ForeignKey(Program, on_delete=models.CASCADE, null=True, blank=True, related_name="pauses")
    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, null=True, blank=True, related_name="pauses")
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty where it paused itself.",
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="pause_has_reason"),
            # By whoever comes first: two workers that see the same bounces pause once.
            models.UniqueConstraint(
                F("channel"),
                Coalesce("program", 0),
                Coalesce("wave", 0),
                condition=Q(ended_at=None),
                name="pause_open_once",
            ),
        ]

    def __str__(self) -> str:
        about = [self.get_channel_display() if self.channel else "", str(self.program or ""), str(self.wave or "")]
        return ", ".join(filter(None, about)) or "Everything"


class Allowance(models.Model):
    """How much of what a provider allows is used up, over all workers: a row for each gateway, locked to be used."""

    gateway = models.CharField(max_length=60, unique=True)
    next_at = models.DateTimeField(help_text="When the next message may go, at the rate that the provider allows.")
    day = models.DateField(help_text="UTC day that `sent` is about.")
    sent = models.PositiveIntegerField(default=0)
    closed_until = models.DateTimeField(null=True, blank=True, help_text="The provider asked to be left alone so long.")

    def __str__(self) -> str:
        return self.gateway
