from django.db import models

from contacts.models.customers import Customer
from contacts.models.words import Channel, Via


class OptOut(models.Model):
    """A customer's no: for one channel, or for everything where `channel` is empty. Kept when it is taken back."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="opt_outs")
    channel = models.CharField(max_length=8, choices=Channel, blank=True)
    at = models.DateTimeField()
    via = models.CharField(max_length=12, choices=Via)
    wording = models.TextField(blank=True, help_text="The customer's words, where there were any.")
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_via = models.CharField(max_length=12, choices=Via, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "channel"],
                condition=models.Q(reopened_at__isnull=True),
                name="opt_out_open_once_per_channel",
            )
        ]
        # Of the few that were taken back only: who has to hear of them asks each minute.
        indexes = [
            models.Index(fields=["reopened_at"], condition=models.Q(reopened_at__isnull=False), name="opt_out_reopened")
        ]

    def __str__(self) -> str:
        return f"No {self.get_channel_display()}" if self.channel else "No contact at all"


class Wish(models.Model):
    """Something the customer asked for; it can only tighten the policy. All that are open apply together."""

    class Kind(models.TextChoices):
        PAUSE = "pause", "Pause until"
        ONCE_IN_DAYS = "once_in_days", "At most once in so many days"
        CHANNEL = "channel", "Preferred channel"
        HOURS = "hours", "Preferred hours"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="wishes")
    kind = models.CharField(max_length=12, choices=Kind)
    pause_until = models.DateTimeField(null=True, blank=True)
    once_in_days = models.PositiveSmallIntegerField(null=True, blank=True)
    channel = models.CharField(max_length=8, choices=Channel, blank=True)
    hours = models.JSONField(null=True, blank=True, help_text='As in a policy, e.g. {"mon-fri": "17:00-20:00"}.')
    at = models.DateTimeField()
    via = models.CharField(max_length=12, choices=Via)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "wishes"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="pause", pause_until__isnull=False)
                | models.Q(kind="once_in_days", once_in_days__gt=0)
                | (models.Q(kind="channel") & ~models.Q(channel=""))
                | models.Q(kind="hours", hours__isnull=False),
                name="wish_has_its_value",
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Erased(models.Model):
    """What is left of somebody who had everything erased: keyed hashes, so that whoever was left in peace stays so.

    One of each address and each id in a source (`contacts.erasing.hashed`); none of them tells what it was made from.
    """

    hash = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "erased"

    def __str__(self) -> str:
        return f"Erased on {self.at:%Y-%m-%d}"
