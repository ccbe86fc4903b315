from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import Q

from contacts.models import Customer
from surveys.models import Invitation, Response


class FollowUp(models.Model):
    """An unhappy answer that somebody has to see to.

    It is closed by an action that the customer can see, or by a stated reason why there is none; afterwards the
    customer is asked once whether it is fixed (`check`), and a no opens it again.
    """

    class Trigger(models.TextChoices):
        LOW_SCORE = "low_score", "Low score"
        CONTACT_WISH = "contact_wish", "Asked to be called"
        NO_MORE = "no_more", "May want no more surveys"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    response = models.OneToOneField(Response, on_delete=models.CASCADE, related_name="follow_up")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="follow_ups")
    trigger = models.CharField(max_length=12, choices=Trigger)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="follow_ups"
    )
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    action = models.TextField(blank=True, help_text="What was done, as the customer sees it.")
    no_action_reason = models.TextField(blank=True, help_text="Why nothing visible was done.")
    check_invitation = models.OneToOneField(
        Invitation, on_delete=models.SET_NULL, null=True, blank=True, related_name="checks_follow_up"
    )
    reopened = models.PositiveSmallIntegerField(default=0, help_text="How often the customer said: not fixed.")

    class Meta:
        verbose_name = "follow-up"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open") | (Q(closed_at__isnull=False) & (~Q(action="") | ~Q(no_action_reason=""))),
                name="follow_up_closed_with_action_or_reason",
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="open"), name="follow_up_open_due"),
        ]

    def __str__(self) -> str:
        return f"{self.get_trigger_display()} of {self.opened_at:%Y-%m-%d}"


class FollowUpNote(models.Model):
    """A line in a follow-up's story: by a person, or by the system where `by` is empty."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="notes")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    text = models.TextField(validators=[MinLengthValidator(1)])

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.text[:60]


class Improvement(models.Model):
    """What we changed after answers about a kind of touchpoint, in one language: "you said, we did"."""

    kind = models.CharField(max_length=60, help_text="Touchpoint kind.")
    language = models.CharField(max_length=12, default="en")
    text = models.TextField()
    since = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "language"], name="improvement_per_kind_language")]

    def __str__(self) -> str:
        return f"{self.kind} ({self.language})"
