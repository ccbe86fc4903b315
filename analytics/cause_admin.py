"""When customers are lost, and the weights of drivers, in the admin: numbers that managers change."""

from typing import Any

from django import forms
from django.contrib import admin
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from analytics.models import MEASURED, ChurnRule, DriverWeight
from contacts.came_in import came_in
from contacts.names import in_words
from surveys.models import Question


class Lines(forms.CharField):
    """A list of texts, one a line."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", UnfoldAdminTextareaWidget(attrs={"rows": 6}))
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        """Show the list."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Return what was written, each text once."""
        return list(dict.fromkeys(line.strip() for line in str(value or "").splitlines() if line.strip()))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another list was written."""
        return bool(list(initial or []) != self.to_python(data))


class ChurnRuleForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """The rule, with its lists written a line each."""

    leaving_kinds = Lines(
        required=False, help_text=f"{ChurnRule.leaving_kinds.field.help_text} One a line; empty: only silence counts."
    )
    problem_outcomes = Lines(
        help_text=f"{ChurnRule.problem_outcomes.field.help_text} One a line; capitals do not matter."
    )

    class Meta:
        model = ChurnRule
        fields = ("quiet_days", "leaving_kinds", "problem_outcomes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say which outcomes have come in."""
        super().__init__(*args, **kwargs)
        if outcomes := [outcome for outcome in came_in("outcome") if outcome]:
            self.fields["problem_outcomes"].help_text += f" Came in so far: {', '.join(outcomes)}."


@admin.register(ChurnRule)
class ChurnRuleAdmin(ModelAdmin):
    form = ChurnRuleForm
    list_display = ("__str__", "problems")

    @admin.display(description="Problems")
    def problems(self, rule: ChurnRule) -> str:
        return ", ".join(rule.problem_outcomes)


class DriverWeightForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """Offers what can be a driver, and keeps one that is none any more."""

    driver = forms.ChoiceField(help_text=DriverWeight.driver.field.help_text)

    class Meta:
        model = DriverWeight
        fields = ("driver", "weight")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Read what has been asked about and what came in."""
        super().__init__(*args, **kwargs)
        aspects = Question.objects.exclude(aspect="").order_by("aspect").values_list("aspect", flat=True).distinct()
        known = {*aspects, *came_in("outcome"), *came_in("team"), *MEASURED, self.instance.driver} - {""}
        field: Any = self.fields["driver"]
        field.choices = [("", "Choose one"), *sorted((driver, in_words(driver)) for driver in known)]


@admin.register(DriverWeight)
class DriverWeightAdmin(ModelAdmin):
    form = DriverWeightForm
    list_display = ("in_words", "weight")

    @admin.display(description="Driver", ordering="driver")
    def in_words(self, weight: DriverWeight) -> str:
        return in_words(weight.driver)
