"""What other systems are told, and by whom they are told it: endpoints, events, deliveries and their attempts."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from contacts.models import Customer


class WebhookEndpoint(models.Model):
    """An address of another system that is called when something happens.

    Its secret is in no table: it is derived from `seed` and `generation` (`recovery.webhooks.signing`). `failures` in a
    row and `failing_since` are of its newest calls; until `quiet_until` it is left alone.
    """

    name = models.CharField(max_length=60, unique=True, help_text="The system that is told, as you call it.")
    url = models.CharField("address", max_length=500, help_text="Begins with https://. It is called by POST.")
    events = models.JSONField(default=list, help_text="What it is told.")
    personal = models.BooleanField(
        "names, addresses and comments too",
        default=False,
        help_text="Without it only our ids, scores and times go out.",
    )
    personal_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text="Who allowed personal data.",
    )
    seed = models.UUIDField(default=uuid4, unique=True, editable=False)
    generation = models.PositiveIntegerField(default=1, editable=False, help_text="Of its secret.")
    rotated_at = models.DateTimeField(null=True, editable=False, help_text="When the newest secret was made.")
    created_at = models.DateTimeField(editable=False)
    paused_at = models.DateTimeField(null=True, editable=False)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        help_text="Empty where it paused itself.",
    )
    pause_reason = models.CharField(max_length=300, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    quiet_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = "webhook"
        permissions = [("personal_webhookendpoint", "Can let a webhook have personal data")]
        constraints = [
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True) | ~Q(pause_reason=""), name="webhook_paused_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WebhookEvent(models.Model):
    """Something that happened and that other systems are told, once, however often it is looked for.

    `subject` and `part` are the ids of what it is about; `as_of` is when that had changed last. `data` holds ids,
    scores and times; `personal` what takes the place of parts of it for endpoints that may have personal data.
    """

    class Type(models.TextChoices):
        RESPONSE_CREATED = "response.created", "A customer began to answer"
        RESPONSE_FINISHED = "response.finished", "A customer answered to the end"
        RESPONSE_CHANGED = "response.changed", "A customer changed a finished answer"
        SCORE_LOW = "score.low", "A customer is unhappy"
        OPTED_OUT = "customer.opted_out", "A customer wants no more messages"
        REOPENED = "customer.reopened", "A customer took that back"
        CHURN_RISK = "customer.churn_risk", "A customer may leave"
        TEST = "webhook.test", "A test"

    uid = models.CharField(max_length=40, unique=True, help_text="Goes out as webhook-id, the same with each attempt.")
    type = models.CharField(max_length=20, choices=Type)
    subject = models.BigIntegerField()
    part = models.BigIntegerField(default=0)
    as_of = models.DateTimeField()
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, related_name="webhook_events")
    happened_at = models.DateTimeField()
    made_at = models.DateTimeField()
    data = models.JSONField(default=dict)
    personal = models.JSONField(default=dict)

    class Meta:
        verbose_name = "event that is told"
        constraints = [models.UniqueConstraint(fields=["type", "subject", "part"], name="webhook_event_once")]
        indexes = [models.Index(fields=["made_at"], name="webhook_event_made")]

    def __str__(self) -> str:
        return f"{self.type}, {self.happened_at:%Y-%m-%d %H:%M}"


class WebhookDelivery(models.Model):
    """That an endpoint is told of an event: the intent, and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waits for its turn"
        CLAIMED = "claimed", "Is being sent"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Given up"

    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, db_index=False, related_name="deliveries", verbose_name="webhook"
    )
    event = models.ForeignKey(WebhookEvent, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "webhook delivery"
        verbose_name_plural = "webhook deliveries"
        constraints = [models.UniqueConstraint(fields=["endpoint", "event"], name="webhook_delivery_once")]
        indexes = [
            models.Index(
                fields=["endpoint", "next_try_at"], condition=Q(state="waiting"), name="webhook_delivery_waiting"
            ),
            models.Index(fields=["claimed_at"], condition=Q(state="claimed"), name="webhook_delivery_claimed"),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.endpoint}"


class WebhookAttempt(models.Model):
    """One call of a delivery that came to an end. `status` is that of the answer, empty where there was none."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    seconds = models.FloatField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.CharField(max_length=300, blank=True, help_text="What came back, or why nothing did, in short.")

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.status or 'No answer'}, {self.at:%Y-%m-%d %H:%M:%S}"


class WebhookMark(models.Model):
    """How far looking for events has come; no row or one, as nobody looks while there is no endpoint.

    What was written up to `seen_at`, and with ids up to the seen ones, has had its turn. It becomes true of the `next`
    ones when every transaction before `next_transaction` is over (`recovery.webhooks.marks`). `told_at_risk`: id of a
    customer -> when she was last among those at risk.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    seen_at = models.DateTimeField()
    seen_response = models.BigIntegerField()
    seen_opt_out = models.BigIntegerField()
    next_at = models.DateTimeField()
    next_response = models.BigIntegerField()
    next_opt_out = models.BigIntegerField()
    next_transaction = models.BigIntegerField()
    churn_run = models.BigIntegerField(default=0)
    told_at_risk = models.JSONField(default=dict)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="webhook_mark_single")]

    def __str__(self) -> str:
        return f"Seen until {self.seen_at:%Y-%m-%d %H:%M:%S}"
