from django.conf import settings
from django.db import models
from django.db.models import F, Q

from contacts.models.customers import Customer
from contacts.models.touchpoints import Touchpoint


class Appointment(models.Model):
    """A time at which a customer asked to be called: open until somebody picks up in it, or it is cancelled.

    One that is over and still open was missed.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        KEPT = "kept", "Kept"
        CANCELLED = "cancelled", "Cancelled"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="appointments")
    touchpoint = models.ForeignKey(
        Touchpoint,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="appointments",
        help_text="About which experience; empty for a call about any.",
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    any_hour = models.BooleanField(default=False, help_text="The customer asked for it, even outside contact hours.")
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="appointment_ends_after_start")
        ]
        indexes = [
            models.Index(fields=["customer"], condition=Q(state="open"), name="appointment_open_of_customer"),
            models.Index(fields=["starts_at"], condition=Q(state="open"), name="appointment_open_by_time"),
        ]

    def __str__(self) -> str:
        return f"Call on {self.starts_at:%Y-%m-%d}"
