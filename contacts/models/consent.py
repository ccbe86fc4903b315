from django.conf import settings
from django.db import models

from contacts.models.customers import Customer
from contacts.models.words import OURS, Channel, Via


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


class ConsentEvent(models.Model):
    """What a customer said about being contacted, as it was said, and what proves it (GDPR, article 7(1)).

    `channel` is empty for everything; `asked` holds what a wish asks for. `shown` is the text that she answered to, as
    it stood there, `version` where it stood, `wording` her own words. `evidence` names the row that it came by: a
    message, an SMS, the line of a file. The database refuses to change a row, and to delete one of a customer who is
    not erased (`cxsurvey.audit_triggers`); so whoever recorded it may be gone.
    """

    class Said(models.TextChoices):
        OPT_OUT = "opt_out", "No"
        OPT_IN = "opt_in", "Yes"
        WISH = "wish", "A wish"
        WITHDRAWN = "withdrawn", "Took the wishes back"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consent_events")
    said = models.CharField(max_length=10, choices=Said)
    channel = models.CharField(max_length=8, choices=Channel, blank=True)
    asked = models.JSONField(default=dict, blank=True, help_text='Of a wish, such as {"once_in_days": 90}.')
    at = models.DateTimeField(help_text="When it was said.")
    recorded_at = models.DateTimeField()
    via = models.CharField(max_length=12, choices=Via)
    source = models.CharField(max_length=60, default=OURS, help_text="The system that told us.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="+",
        help_text="The colleague who recorded it.",
    )
    language = models.CharField(max_length=12, blank=True)
    shown = models.TextField(blank=True, help_text="The text that the customer answered to.")
    version = models.CharField(max_length=120, blank=True, help_text="The survey's version, where it stood.")
    wording = models.TextField(blank=True, help_text="The customer's own words.")
    evidence = models.CharField(max_length=200, blank=True, help_text="The row that it came by.")

    class Meta:
        verbose_name = "word on consent"
        verbose_name_plural = "words on consent"
        indexes = [models.Index(fields=["customer", "at"], name="consent_event_customer")]

    def __str__(self) -> str:
        return f"{self.get_said_display()}, {self.at:%Y-%m-%d}"


class Erased(models.Model):
    """What is left of somebody's no once she is erased: keyed hashes, so that whoever was left in peace stays so.

    One of each address and each id in a source (`contacts.erasing.hashed`) and channel (empty: everything); none tells
    what it was made from. `at` and `via`: when and how she said it. `came_again`: how often a row with it came since.
    """

    hash = models.CharField(max_length=64)
    channel = models.CharField(max_length=8, choices=Channel, blank=True)
    at = models.DateTimeField()
    via = models.CharField(max_length=12, choices=Via, default=Via.LINK)
    came_again = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "erased"
        constraints = [models.UniqueConstraint(fields=["hash", "channel"], name="erased_once_a_channel")]

    def __str__(self) -> str:
        return f"Erased on {self.at:%Y-%m-%d}"


class ErasureDue(models.Model):
    """A customer whom a restored backup brought back, and who is erased again within a minute."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(help_text="When she was erased before.")
    via = models.CharField(max_length=12, choices=Via)

    def __str__(self) -> str:
        return f"Customer {self.customer_id} is to be erased again"
