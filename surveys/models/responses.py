from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.deletion import Collector

from contacts.models import Customer, Touchpoint
from surveys.models.invitations import Invitation
from surveys.models.open_links import OpenLink
from surveys.models.surveys import Question, SurveyVersion


def delete_tests(collector: Collector, field: models.Field[Any, Any], rows: models.QuerySet[Any], using: str) -> None:
    """Let go what colleagues tried out of a draft that is deleted or changed; refuse where customers have answered."""
    tests = models.Q(test=True) if rows.model is Response else models.Q(response__test=True)
    if real := list(rows.exclude(tests)[:1]):
        raise models.ProtectedError("It cannot be deleted: customers have answered it.", set(real))
    models.CASCADE(collector, field, rows, using)


def counted(prefix: str = "") -> models.Q:
    """Return the filter for responses that figures are made of; `prefix`: how a row leads to its response."""
    wanted = {"test": False, "open_link": None, "customer__isnull": False}
    return models.Q(**{f"{prefix}{column}": value for column, value in wanted.items()})


class ResponseQuerySet(models.QuerySet["Response"]):
    """Responses by what they may be used for."""

    def counted(self) -> ResponseQuerySet:
        """Those that figures are made of: of customers whom we asked, no tests, and nothing from open links."""
        return self.filter(counted())


class Response(models.Model):
    """What a customer answered, once: to one of our invitations, or brought in from another tool (`source`).

    It is there from the first page that was sent on: a customer who stops there has answered. Without a customer it is
    that of a passer-by (`open_link`), or a colleague's `test`.
    """

    class Device(models.TextChoices):
        PHONE = "phone", "Phone"
        TABLET = "tablet", "Tablet"
        COMPUTER = "computer", "Computer"

    invitation = models.OneToOneField(
        Invitation, on_delete=models.PROTECT, null=True, blank=True, related_name="response"
    )
    open_link = models.ForeignKey(
        OpenLink, on_delete=models.PROTECT, db_index=False, null=True, blank=True, related_name="responses"
    )
    source = models.CharField(max_length=60)
    external_id = models.CharField(max_length=200, blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="responses")
    touchpoint = models.ForeignKey(
        Touchpoint, on_delete=models.SET_NULL, null=True, blank=True, related_name="responses"
    )
    version = models.ForeignKey(SurveyVersion, on_delete=delete_tests, related_name="responses")
    channel = models.CharField(max_length=60, blank=True, help_text="By which the question came.")
    language = models.CharField(max_length=12, blank=True)
    started_at = models.DateTimeField(null=True, blank=True, help_text="When the first page was loaded, where known.")
    answered_at = models.DateTimeField(help_text="When its first answer was given, or changed last.")
    finished_at = models.DateTimeField(
        null=True, blank=True, help_text="When the last page was sent; empty while there are pages left."
    )
    page = models.PositiveSmallIntegerField(
        default=0, help_text="How far it came: the position of the last question of the last page sent."
    )
    seconds = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Attention it took, over all pages; long pauses are cut."
    )
    device = models.CharField(max_length=8, choices=Device, blank=True)
    test = models.BooleanField(default=False, help_text="A colleague tried it out; it is in no figure.")
    simulated = models.BooleanField(default=False)
    attributes = models.JSONField(default=dict, blank=True)
    updated_at = models.DateTimeField()

    objects = ResponseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~Q(external_id=""),
                name="response_source_external_id",
            ),
            models.CheckConstraint(
                condition=Q(customer__isnull=False) | Q(test=True) | Q(open_link__isnull=False),
                name="response_of_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["answered_at"], name="response_time"),
            models.Index(fields=["updated_at", "id"], name="response_updated"),
            models.Index(
                fields=["open_link", "answered_at"], condition=Q(open_link__isnull=False), name="response_open_link"
            ),
        ]

    def __str__(self) -> str:
        return f"Response of {self.answered_at:%Y-%m-%d}"


class AnswerQuerySet(models.QuerySet["Answer"]):
    """Answers by what they may be used for."""

    def counted(self) -> AnswerQuerySet:
        """Those that figures are made of: as with responses, and what was said rather than known before."""
        return self.filter(counted("response__"), known=False)


class Answer(models.Model):
    """One thing said in answer to a question; which columns are filled, `surveys.questions.answers.Part` says."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=delete_tests, related_name="answers")
    part = models.CharField(max_length=60, blank=True, help_text="Option or row that it is about.")
    number = models.SmallIntegerField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(50)])
    amount = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    date = models.DateField(null=True, blank=True)
    text = models.TextField(blank=True)
    known = models.BooleanField(default=False, help_text="Known before, and so not asked.")

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "question", "part"], name="answer_once"),
            models.CheckConstraint(
                condition=Q(number__isnull=True) | Q(number__gte=0, number__lte=50), name="answer_number_of_a_scale"
            ),
            models.CheckConstraint(
                condition=(
                    Q(number__isnull=False, amount__isnull=True, date__isnull=True) & (Q(text="") | ~Q(part=""))
                    | Q(number__isnull=True, part="", text="", amount__isnull=False, date__isnull=True)
                    | Q(number__isnull=True, part="", text="", amount__isnull=True, date__isnull=False)
                    | Q(number__isnull=True, part="", amount__isnull=True, date__isnull=True) & ~Q(text="")
                ),
                name="answer_is_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["question", "number"], name="answer_question_number")]

    def __str__(self) -> str:
        values = (self.number, self.amount, self.date)
        said = next((str(value) for value in values if value is not None), "")
        return ": ".join(filter(None, (self.part, self.text or said)))
