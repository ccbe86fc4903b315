from django.db import models
from django.utils import timezone

from contacts.models.customers import Customer


class Touchpoint(models.Model):
    """One experience a customer had with the service: a call, a visit, a purchase, a chat."""

    class Direction(models.TextChoices):
        IN = "in", "By the customer"
        OUT = "out", "By us"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="touchpoints")
    source = models.CharField(max_length=60)
    external_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=60)
    channel = models.CharField(max_length=60, help_text="Free text: the shop, the hotline, the app.")
    occurred_at = models.DateTimeField()
    direction = models.CharField(max_length=3, choices=Direction, blank=True)
    agent = models.CharField(max_length=120, blank=True)
    team = models.CharField(max_length=120, blank=True)
    product = models.CharField(max_length=200, blank=True)
    reference = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=120, blank=True)
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    simulated = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="touchpoint_source_external_id")]
        indexes = [
            models.Index(fields=["kind", "occurred_at"], name="touchpoint_kind_time"),
            models.Index(fields=["customer", "occurred_at"], name="touchpoint_customer_time"),
        ]

    def __str__(self) -> str:
        day = timezone.localtime(self.occurred_at)
        return f"{self.kind.replace('_', ' ').capitalize()} on {day.day} {day:%B %Y}"
