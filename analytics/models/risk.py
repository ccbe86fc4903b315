"""Tables of the risk to lose customers: the rule, what was last learned, and who is most at risk."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from contacts.models import Customer


def usual_problems() -> list[str]:
    """Outcomes that say in many systems that something went wrong."""
    return ["unresolved", "not resolved", "failed", "late", "damaged", "lost", "missed", "complaint"]


def usual_leavings() -> list[str]:
    """The kind of touchpoint by which an import says that a customer has left (docs/imports.md)."""
    return ["cancellation"]


class ChurnRule(models.Model):
    """When a customer counts as lost, and what counts as a problem; one row, from the first migration on."""

    quiet_days = models.PositiveSmallIntegerField(
        default=90,
        validators=[MinValueValidator(14), MaxValueValidator(730)],
        help_text="A customer counts as lost who buys nothing for so many days. Risks are for so many days, too.",
    )
    leaving_kinds = models.JSONField(
        default=usual_leavings,
        help_text="Kinds of touchpoints that say that a customer has left. Once some came in, they count, not silence.",
    )
    problem_outcomes = models.JSONField(
        default=usual_problems, help_text="Outcomes of touchpoints that say that something went wrong."
    )

    def __str__(self) -> str:
        return f"Lost after {self.quiet_days} days without a purchase"


class ChurnRun(models.Model):
    """What was last learned about who leaves; a later run takes its place.

    `until`: where the records end, and the risks begin. `refusal`: why nothing could be learned; empty where it was.
    `numbers`: as `analytics.risk` publishes them.
    """

    at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    days = models.PositiveSmallIntegerField(help_text="For how many days the risks are.")
    by_leaving = models.BooleanField(default=False, help_text="Learned from stated dates of leaving, not from silence.")
    refusal = models.TextField(blank=True)
    numbers = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"Churn run of {self.at:%Y-%m-%d %H:%M}"


class CustomerRisk(models.Model):
    """The risk to lose a customer, one of those most at risk, with what each fact adds to its logit (`Reason`)."""

    run = models.ForeignKey(ChurnRun, on_delete=models.CASCADE, related_name="risks")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    probability = models.FloatField()
    base = models.FloatField(help_text="The logit of a customer to whom no fact adds anything.")
    reasons = models.JSONField(default=list)
    gone_quiet = models.BooleanField(
        default=False, help_text="The last that is known is a problem or an unhappy answer, a month ago or longer."
    )

    class Meta:
        ordering = ["-probability", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "customer"], name="risk_once_a_customer"),
            models.CheckConstraint(condition=Q(probability__gte=0, probability__lte=1), name="risk_probability"),
        ]

    def __str__(self) -> str:
        return f"Customer {self.customer_id}: {self.probability:.0%}"
