from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from surveys.models.surveys import Survey


def default_contact_channels() -> list[str]:
    """Email before SMS: the cheaper and the less intrusive first."""
    return ["email", "sms"]


class Program(models.Model):
    """Which touchpoints lead to which survey, and how.

    `planned_at` and `seen_touchpoint` say how far planning has come: a pass looks at what was not yet too old at
    `planned_at`, and at touchpoints that arrived since. `reminded_until` and `reminded_message` do so for reminders:
    every message sent before that instant, or at it and with no larger id, has had its turn.
    """

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="programs")
    active = models.BooleanField(default=False)
    starts_at = models.DateTimeField(help_text="Touchpoints before it are never asked about.")
    kinds = models.JSONField(default=list, help_text="Touchpoint kinds, at least one.")
    channels = models.JSONField(default=list, blank=True, help_text="Touchpoint channels; empty means all.")
    filters = models.JSONField(
        default=dict, blank=True, help_text="Touchpoint field or attribute -> list of values, all must match."
    )
    delay = models.DurationField(default=timedelta(hours=12), help_text="From the touchpoint to the invitation.")
    worth = models.DurationField(
        default=timedelta(days=14), help_text="How long after the touchpoint it is still worth asking."
    )
    share = models.FloatField(
        default=1.0,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text="Share of the touchpoints that are asked about, drawn by a hash: 1 is all.",
    )
    contact_channels = models.JSONField(
        default=default_contact_channels, help_text="How to ask, in order of preference: email, sms."
    )
    priority = models.IntegerField(default=0, help_text="The larger is served first.")
    link_days = models.PositiveSmallIntegerField(default=30, help_text="How long the link stays open.")
    reminders = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(3)],
        help_text="How often a customer who has not answered is reminded at most: 0 to 3.",
    )
    reminder_after = models.DurationField(
        default=timedelta(days=5), help_text="From the invitation to its reminder, and from one reminder to the next."
    )
    reminder_channel = models.CharField(
        max_length=8,
        choices=[("email", "Email"), ("sms", "SMS")],
        blank=True,
        help_text="How to remind; empty for the channel of the invitation.",
    )
    planned_at = models.DateTimeField(null=True, blank=True, editable=False)
    seen_touchpoint = models.BigIntegerField(default=0, editable=False)
    reminded_until = models.DateTimeField(null=True, blank=True, editable=False)
    reminded_message = models.BigIntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(share__gte=0, share__lte=1), name="program_share_is_a_share"),
            models.CheckConstraint(
                condition=Q(worth__gt=models.F("delay")),
                name="program_worth_longer_than_delay",
                violation_error_message="It must be worth asking for longer than the delay. Make one of them fit.",
            ),
            models.CheckConstraint(
                condition=Q(reminder_after__gte=timedelta(hours=24)),
                name="program_reminds_after_a_day",
                violation_error_message="Leave customers at least one day (1 00:00:00) before they are reminded.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
