from __future__ import annotations

from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from surveys.models.programs import Program


class TargetQuerySet(models.QuerySet["Target"]):
    """Targets by what plans know of them."""

    def not_in(self, plan: ContactPlan | None) -> TargetQuerySet:
        """Those of active programs that the plan does not know, or knows with another margin."""
        known = PlannedTarget.objects.filter(plan=plan, target=models.OuterRef("pk"), margin=models.OuterRef("margin"))
        return self.filter(~models.Exists(known), program__active=True)


class Target(models.Model):
    """How sure a program wants to be: the margin of the NPS of a month, of one kind of touchpoint or one team.

    A touchpoint counts for the target of its team, where there is one, else for that of its kind; without either it is
    asked about by the program's share.
    """

    class By(models.TextChoices):
        KIND = "kind", "Kind of touchpoint"
        TEAM = "team", "Team"

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="targets")
    by = models.CharField("of", max_length=4, choices=By, default=By.KIND)
    value = models.CharField("which", max_length=120, help_text="As touchpoints say it, for example service_call.")
    margin = models.FloatField(
        "margin of the NPS, in points",
        validators=[MinValueValidator(1), MaxValueValidator(50)],
        help_text="Half the width of the 95% interval of a month: 10 takes at most 385 answers, 5 four times as many.",
    )

    objects = TargetQuerySet.as_manager()

    class Meta:
        ordering = ("program", "by", "value")
        constraints = [
            models.UniqueConstraint(fields=["program", "by", "value"], name="target_once"),
            models.CheckConstraint(condition=Q(margin__gte=1, margin__lte=50), name="target_margin_can_be_met"),
            models.CheckConstraint(condition=~Q(value=""), name="target_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.program}: {self.value.replace('_', ' ')}, ±{self.margin:g} points"


class ContactPlanQuerySet(models.QuerySet["ContactPlan"]):
    """Plans by when they hold."""

    def in_force(self, at: datetime) -> ContactPlanQuerySet:
        """The newest that was made by then: it holds until there is another."""
        return self.filter(made_at__lte=at).order_by("-made_at")[:1]


class ContactPlan(models.Model):
    """What the nightly planner found: whom to ask about what for the rest of the month. One a day.

    `exact`: proven to take the fewest contacts. What it was worked out from, and what it says, is in its rows.
    """

    day = models.DateField(unique=True, help_text="In the organisation's time zone.")
    made_at = models.DateTimeField()
    since = models.DateTimeField(help_text="When the month began.")
    until = models.DateTimeField(help_text="When the month ends.")
    exact = models.BooleanField()

    objects = ContactPlanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(since__lte=models.F("made_at"), until__gt=models.F("made_at")),
                name="contact_plan_of_its_month",
            )
        ]

    def __str__(self) -> str:
        return f"Plan of {self.day}"


class PlannedTarget(models.Model):
    """What a plan says of one target. Answers are those to invitations of the month.

    `answers` came, `coming` are expected of invitations that are out, `expected` of the `contacts` still to be made
    among the `supply`; `missing` cannot be reached, and `capped` are those of customers whom caps leave out.
    `probability`: with which a touchpoint is drawn whose group the plan does not know. `slack`: the answers that all
    who can be asked would give, less those still needed. `seconds`: of attention that a contact asks for.
    `margins`: `[{"margin", "needed", "contacts", "hours", "missing"}]`, what other margins would take: contacts and
    hours of attention of all targets together.
    """

    plan = models.ForeignKey(ContactPlan, on_delete=models.CASCADE, related_name="targets")
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="planned")
    margin = models.FloatField(help_text="That the plan was made for.")
    needed = models.PositiveIntegerField()
    answers = models.PositiveIntegerField()
    coming = models.FloatField()
    supply = models.FloatField()
    contacts = models.FloatField()
    expected = models.FloatField()
    missing = models.FloatField()
    capped = models.FloatField()
    probability = models.FloatField()
    slack = models.FloatField()
    seconds = models.PositiveIntegerField()
    margins = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "target"], name="planned_target_once"),
            models.CheckConstraint(
                condition=Q(probability__gte=0, probability__lte=1), name="planned_target_probability_is_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target}: {self.contacts:.0f} contacts"


class PlannedGroup(models.Model):
    """How many of a group are asked for a target: `contacts` of `customers`, each drawn with the same `probability`.

    `group`: the key of `surveys.targeting`, the same for customers who are interchangeable.
    """

    planned = models.ForeignKey(PlannedTarget, on_delete=models.CASCADE, related_name="groups")
    group = models.CharField(max_length=200)
    customers = models.FloatField()
    contacts = models.FloatField()
    probability = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["planned", "group"], name="planned_group_once"),
            models.CheckConstraint(
                condition=Q(probability__gte=0, probability__lte=1), name="planned_group_probability_is_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group}: {self.contacts:g} of {self.customers:g}"
