from django.conf import settings
from django.db import models
from django.db.models import Q

from contacts.models.customers import Customer, Identifier
from contacts.models.policy import PolicyVersion
from contacts.models.touchpoints import Touchpoint
from contacts.models.words import Channel, Outcome, Purpose


class Override(models.Model):
    """A person's leave, with a reason and an end, to contact one customer once although the policy says no.

    The first contact that needs it takes it; where that gives its place back, the override serves again.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="overrides")
    channel = models.CharField(max_length=8, choices=Channel)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="override_has_reason"),
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("at")), name="override_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} until {self.ends_at:%Y-%m-%d}"


class Contact(models.Model):
    """The ledger: one use of a customer's attention (and the responses and declines that the rules' clocks read).

    The only thing that caps read; `contacts.gate` alone writes it. `at` is the instant from which the row counts: for
    a reservation the instant it is planned for. `survey` and `program` are opaque keys, so that other systems'
    messages count too. Of contacts, decisions and invitations the database does not check what they point to, because
    that took two thirds of the time of planning (docs/decisions/); `check_ledger` does.
    """

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="contacts"
    )
    at = models.DateTimeField()
    channel = models.CharField(max_length=8, choices=Channel, blank=True, help_text="Empty for clock events.")
    purpose = models.CharField(max_length=12, choices=Purpose)
    outcome = models.CharField(max_length=12, choices=Outcome)
    address = models.ForeignKey(
        Identifier, on_delete=models.SET_NULL, db_constraint=False, null=True, blank=True, related_name="contacts"
    )
    survey = models.CharField(max_length=60, blank=True)
    program = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=60)
    external_id = models.CharField(max_length=200, blank=True)
    tags = models.JSONField(default=list, blank=True)
    seconds = models.PositiveIntegerField(default=0, help_text="Attention asked for, or talk time of a call.")
    override = models.ForeignKey(
        Override, on_delete=models.PROTECT, db_index=False, null=True, blank=True, related_name="contacts"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        db_index=False,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who made the contact, where a person did.",
    )
    priority = models.IntegerField(default=0, help_text="Of the reservation: a larger one may take its place.")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Until when it is worth asking.")
    handed_over_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when it may be on its way: its place is not taken any more."
    )
    simulated = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        permissions = [("export", "Can download exports")]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~Q(external_id=""),
                name="contact_source_external_id",
            ),
            models.CheckConstraint(
                condition=Q(purpose="call", channel="phone")
                | Q(purpose__in=["response", "decline"], channel="")
                | Q(purpose__in=["invitation", "reminder", "thank_you", "other"], channel__in=["email", "sms"]),
                name="contact_purpose_fits_channel",
            ),
        ]
        indexes = [
            # With all that a count under a cap looks at, so that PostgreSQL need not look into the table; as columns
            # of the key they made it search once for each purpose at each instant.
            models.Index(
                fields=["customer", "at"], include=["channel", "purpose", "outcome"], name="contact_customer_time"
            ),
            models.Index(fields=["at"], name="contact_time"),
            models.Index(fields=["override"], condition=Q(override__isnull=False), name="contact_override"),
            models.Index(
                fields=["customer", "priority"],
                condition=Q(outcome="reserved", handed_over_at=None, override=None),
                name="contact_place_to_take",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} on {self.at:%Y-%m-%d}"


class Decision(models.Model):
    """An answer of the gate, kept with every reason; ids only, never personal values.

    `reasons`: list of `{"rule", "kind", "used"?, "limit"?, "until"?}` as in the file format, with `"channel"` added.
    """

    class Stage(models.TextChoices):
        PLAN = "plan", "Planning"
        HAND_OVER = "hand_over", "Hand-over"
        CALL = "call", "Call"
        PERSON = "person", "Asked for by a person"
        REMIND = "remind", "Reminder of a program"
        GIVE_WAY = "give_way", "Gave way to a higher priority"

    class Result(models.TextChoices):
        SEND = "send", "Send"
        DELAY = "delay", "Delay"
        SKIP = "skip", "Skip"

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="decisions"
    )
    touchpoint = models.ForeignKey(
        Touchpoint, on_delete=models.CASCADE, db_constraint=False, null=True, blank=True, related_name="decisions"
    )
    contact = models.ForeignKey(
        Contact,
        on_delete=models.SET_NULL,
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="decisions",
    )
    policy_version = models.ForeignKey(
        PolicyVersion,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="decisions",
    )
    stage = models.CharField(max_length=10, choices=Stage)
    at = models.DateTimeField(help_text="The instant that was asked for.")
    channel = models.CharField(max_length=8, choices=Channel, blank=True)
    purpose = models.CharField(max_length=12, choices=Purpose)
    survey = models.CharField(max_length=60, blank=True)
    program = models.CharField(max_length=60, blank=True)
    result = models.CharField(max_length=5, choices=Result)
    allowed_at = models.DateTimeField(null=True, blank=True, help_text="First instant at which all rules pass.")
    reasons = models.JSONField(default=list, blank=True)
    counted = models.JSONField(
        default=list,
        blank=True,
        help_text="Ids of the ledger rows that counted; for what a wave decided in bulk, the page Why? lists them.",
    )
    probability = models.FloatField(default=1.0, help_text="With which the touchpoint could have been asked about.")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                # The touchpoint first: to compare the program's name at every step took half the time of a decision.
                fields=["touchpoint", "program"],
                condition=Q(stage="plan"),
                name="decision_planned_once",
            )
        ]
        indexes = [
            models.Index(fields=["customer", "decided_at"], name="decision_customer_time"),
            models.Index(fields=["decided_at"], name="decision_time"),
            models.Index(fields=["contact"], condition=Q(contact__isnull=False), name="decision_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.get_result_display()} ({self.get_stage_display()})"
