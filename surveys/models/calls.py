"""What the interviewers' work list is made of."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from contacts.models import Contact, Customer, Touchpoint
from surveys.models.programs import Program
from surveys.models.responses import Response
from surveys.models.surveys import SurveyVersion


class CallOutcome(models.TextChoices):
    """How a call ended, as interviewers say it; `surveys.calls.results` says what the ledger calls each."""

    COMPLETED = "completed", "Completed"
    NO_ANSWER = "no_answer", "No answer"
    BUSY = "busy", "Busy"
    VOICEMAIL = "voicemail", "Voicemail"
    NOT_NOW = "not_now", "Not now, in a meeting"
    SOFT_REFUSAL = "soft_refusal", "Does not feel like it"
    REFUSED = "refused", "Never call again"
    WRONG_NUMBER = "wrong_number", "Wrong number"


class CallCase(models.Model):
    """One experience that a customer is to be called about: open until it has a final disposition (AAPOR).

    `next_at`: not to be tried before it, as far as is known; whether she may be called is asked of the gate each time.
    Held by one interviewer from `claimed_at` until `claimed_until`. `answers`: what she has answered so far (question
    key -> what the form sent), until it is a response.
    """

    class State(models.TextChoices):
        OPEN = "open", "To be called"
        CLOSED = "closed", "Closed"

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="call_cases")
    touchpoint = models.ForeignKey(Touchpoint, on_delete=models.CASCADE, related_name="call_cases")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="call_cases")
    version = models.ForeignKey(SurveyVersion, on_delete=models.PROTECT, related_name="call_cases")
    priority = models.IntegerField(default=0)
    language = models.CharField(max_length=12)
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    disposition = models.CharField(max_length=5, blank=True, help_text="Final disposition code of AAPOR, once closed.")
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField(help_text="Not called after it, unless the customer named a time.")
    next_at = models.DateTimeField()
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    response = models.OneToOneField(
        Response, on_delete=models.SET_NULL, null=True, blank=True, related_name="call_case"
    )
    answers = models.JSONField(default=dict, blank=True)
    simulated = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "touchpoint"], name="call_case_once"),
            models.CheckConstraint(
                condition=Q(state="open", disposition="", closed_at=None)
                | Q(state="closed", closed_at__isnull=False) & ~Q(disposition=""),
                name="call_case_closed_with_disposition",
            ),
        ]
        indexes = [
            models.Index(fields=["-priority", "next_at"], condition=Q(state="open"), name="call_case_open"),
            models.Index(fields=["customer"], condition=Q(state="open"), name="call_case_open_of_customer"),
        ]

    def __str__(self) -> str:
        return f"Call about {self.touchpoint}"


class CallAttempt(models.Model):
    """One call about a case, with what came of it; `contact` is its place in the ledger."""

    case = models.ForeignKey(CallCase, on_delete=models.CASCADE, related_name="attempts")
    contact = models.OneToOneField(
        Contact, on_delete=models.SET_NULL, db_constraint=False, null=True, blank=True, related_name="call_attempt"
    )
    outcome = models.CharField(max_length=12, choices=CallOutcome)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    seconds = models.PositiveIntegerField(default=0, help_text="Talk time.")
    note = models.TextField(blank=True)
    late = models.CharField(max_length=300, blank=True, help_text="Why its result changes nothing, or should not be.")

    class Meta:
        indexes = [models.Index(fields=["at"], name="call_attempt_time")]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} on {self.at:%Y-%m-%d}"
