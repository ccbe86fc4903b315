from django.db import models
from django.db.models import Q

from contacts.models import Contact, Customer, Identifier, Touchpoint
from contacts.models.words import Channel, Purpose
from surveys.channels.events import Status
from surveys.models.programs import Program
from surveys.models.surveys import SurveyVersion
from surveys.models.waves import Wave


class Invitation(models.Model):
    """One intended or sent message that asks a customer to answer a survey: the outbox of delivery.

    Every row has its place in the ledger (`contact`). Only `planned` rows are claimed, by a conditional update. The
    link is derived from the id under key `link_key` (`surveys.links`); nothing in the database opens it.
    """

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        CLAIMED = "claimed", "Claimed"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        UNKNOWN = "unknown", "Unknown"
        CANCELLED = "cancelled", "Not sent"

    program = models.ForeignKey(
        Program,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="invitations",
    )
    touchpoint = models.ForeignKey(
        Touchpoint, on_delete=models.CASCADE, db_constraint=False, null=True, blank=True, related_name="invitations"
    )
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, db_constraint=False, related_name="invitations")
    version = models.ForeignKey(
        SurveyVersion, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="invitations"
    )
    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, db_constraint=False, related_name="invitation")
    first = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        db_index=False,
        null=True,
        blank=True,
        related_name="reminders",
        help_text="The invitation that this one reminds of; both open the same answer.",
    )
    replies_to = models.ForeignKey(
        "surveys.IncomingSms",
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="replies",
        help_text="The customer's SMS that this is our own reply to.",
    )
    wave = models.ForeignKey(
        Wave,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="invitations",
        help_text="The pass of planning that it comes from; waves are forgotten after a month.",
    )
    purpose = models.CharField(max_length=12, choices=Purpose, default=Purpose.INVITATION)
    channel = models.CharField(max_length=8, choices=Channel)
    address = models.ForeignKey(
        Identifier,
        on_delete=models.SET_NULL,
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="invitations",
    )
    language = models.CharField(max_length=12)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    state_reason = models.CharField(max_length=200, blank=True)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(help_text="Not sent after it.")
    closes_at = models.DateTimeField(help_text="The link is closed after it.")
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=100, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    link_key = models.CharField(max_length=8, help_text="Id of the key that signs the link.")
    simulated = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "touchpoint"], condition=Q(purpose="invitation"), name="invitation_once"
            ),
            models.UniqueConstraint(
                fields=["first"],
                condition=Q(state__in=["planned", "claimed"], first__isnull=False),
                name="invitation_one_open_reminder",
            ),
            models.UniqueConstraint(
                fields=["replies_to"], condition=Q(replies_to__isnull=False), name="invitation_one_reply"
            ),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(claimed_at__isnull=False), name="invitation_claimed_when"
            ),
            models.CheckConstraint(condition=~Q(state="sent") | Q(sent_at__isnull=False), name="invitation_sent_when"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="planned"), name="invitation_due"),
            models.Index(fields=["claimed_at"], condition=Q(state="claimed"), name="invitation_claimed"),
            models.Index(fields=["due_at"], condition=Q(state="unknown"), name="invitation_unknown"),
            models.Index(fields=["sent_at"], condition=Q(sent_at__isnull=False), name="invitation_sent"),
            models.Index(fields=["first"], condition=Q(first__isnull=False), name="invitation_first"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} by {self.get_channel_display()}, due {self.due_at:%Y-%m-%d}"

    @property
    def is_confirmation(self) -> bool:
        """Whether this confirms a command (STOP, START, HELP): it goes out at once, and the rules are not asked."""
        return self.replies_to_id is not None and self.purpose == Purpose.OTHER


class Attempt(models.Model):
    """One call to a channel: written before it, its outcome after it, never removed."""

    class Outcome(models.TextChoices):
        STARTED = "started", "Started"
        ACCEPTED = "accepted", "Accepted"
        PERMANENT = "permanent", "Refused for good"
        PASSING = "passing", "Refused for now"
        UNKNOWN = "unknown", "Unknown"

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=8, choices=Channel)
    gateway = models.CharField(max_length=60)
    key = models.CharField(
        max_length=100,
        blank=True,
        help_text="The same for attempts of which a provider that honours keys lets one pass.",
    )
    reference = models.CharField(max_length=200, blank=True, help_text="What the gateway calls the message.")
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.STARTED)
    detail = models.CharField(max_length=500, blank=True)
    segments = models.PositiveSmallIntegerField(default=0, help_text="How many messages an SMS was sent as.")
    delivery = models.CharField(
        max_length=12,
        choices=[(status.value, status.value.capitalize()) for status in Status],
        blank=True,
        help_text="What the provider said later became of it.",
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["invitation", "number"], name="attempt_number")]
        indexes = [
            models.Index(fields=["reference"], condition=~Q(reference=""), name="attempt_reference"),
            models.Index(fields=["started_at"], name="attempt_time"),
        ]

    def __str__(self) -> str:
        return f"Attempt {self.number}: {self.get_outcome_display()}"

    @property
    def our_reference(self) -> str:
        """The name that we give the message: no other attempt has it."""
        return f"invitation-{self.invitation_id}-attempt-{self.number}"


class OutboxMessage(models.Model):
    """A message as the embedded gateway `outbox` got it: kept to be read at /outbox/ instead of being sent.

    A test message (`surveys.trials`) has no attempt.
    """

    attempt = models.OneToOneField(
        Attempt, on_delete=models.CASCADE, null=True, blank=True, related_name="outbox_message"
    )
    channel = models.CharField(max_length=8, choices=Channel)
    sender = models.CharField(max_length=254)
    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    html = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="outbox_newest")]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} to {self.recipient}"
