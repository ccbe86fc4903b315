from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from contacts.models import Customer, Touchpoint
from surveys.models.invitations import Invitation
from surveys.models.surveys import Question, SurveyVersion


class Response(models.Model):
    """What a customer answered, once: to one of our invitations, or brought in from another tool (`source`)."""

    invitation = models.OneToOneField(
        Invitation, on_delete=models.PROTECT, null=True, blank=True, related_name="response"
    )
    source = models.CharField(max_length=60)
    external_id = models.CharField(max_length=200, blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="responses")
    touchpoint = models.ForeignKey(
        Touchpoint, on_delete=models.SET_NULL, null=True, blank=True, related_name="responses"
    )
    version = models.ForeignKey(SurveyVersion, on_delete=models.PROTECT, related_name="responses")
    channel = models.CharField(max_length=60, blank=True, help_text="By which the question came.")
    language = models.CharField(max_length=12, blank=True)
    answered_at = models.DateTimeField()
    simulated = models.BooleanField(default=False)
    attributes = models.JSONField(default=dict, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~Q(external_id=""),
                name="response_source_external_id",
            )
        ]
        indexes = [
            models.Index(fields=["answered_at"], name="response_time"),
            models.Index(fields=["updated_at", "id"], name="response_updated"),
        ]

    def __str__(self) -> str:
        return f"Response of {self.answered_at:%Y-%m-%d}"


class Answer(models.Model):
    """One question's answer: a number (score; 1 and 0 for yes and no) or a text, never both."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    number = models.SmallIntegerField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(10)])
    text = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "question"], name="answer_once"),
            models.CheckConstraint(
                condition=Q(number__isnull=True) | Q(number__gte=0, number__lte=10, text=""),
                name="answer_number_or_text",
            ),
        ]
        indexes = [models.Index(fields=["question", "number"], name="answer_question_number")]

    def __str__(self) -> str:
        return self.text if self.number is None else str(self.number)
