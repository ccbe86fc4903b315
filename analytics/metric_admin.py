"""The definitions of scores in the admin: what may be changed, and what would make a figure untrue."""

from decimal import Decimal

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from analytics.metrics import scale_of
from analytics.models import Metric
from analytics.scores import SHOWN_FROM
from surveys.scale import UNHAPPY


class MetricForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """A definition; each check says what the figure would say that is not so."""

    class Meta:
        model = Metric
        fields = ("name", "lowest", "highest", "counts_from", "horizon_days", "minimum_n", "target")

    def clean_counts_from(self) -> int:
        chosen, scale = int(self.cleaned_data["counts_from"]), scale_of(self.instance.question_kind)
        unhappy = UNHAPPY[self.instance.question_kind]
        if chosen not in scale:
            raise forms.ValidationError(f"The scale goes from {scale[0]} to {scale[-1]}: choose one of these.")
        if chosen in unhappy:
            raise forms.ValidationError(
                f"Answers up to {unhappy[-1]} are unhappy ones everywhere else and become follow-ups: they cannot "
                f"count for the score. Choose {unhappy[-1] + 1} or more."
            )
        return chosen

    def clean_horizon_days(self) -> int | None:
        days: int | None = self.cleaned_data["horizon_days"]
        if days == 0:
            raise forms.ValidationError("No answer would count. Leave it empty to count all, or give 1 day or more.")
        return days

    def clean_minimum_n(self) -> int:
        answers = int(self.cleaned_data["minimum_n"])
        if answers < SHOWN_FROM:
            raise forms.ValidationError(
                f"With fewer than {SHOWN_FROM} answers a score could tell who gave them, and says next to nothing. "
                f"Give {SHOWN_FROM} or more."
            )
        return answers

    def clean_target(self) -> Decimal | None:
        target: Decimal | None = self.cleaned_data["target"]
        least = -100 if self.instance.key == Metric.Key.NPS else 0
        if target is not None and not least <= target <= 100:
            raise forms.ValidationError(f"Nobody can reach it: this score lies between {least} and 100.")
        return target


@admin.register(Metric)
class MetricAdmin(ModelAdmin):
    """There is one row for each score; none is added or taken away."""

    form = MetricForm
    list_display = ("name", "question_kind", "counts_from", "against_to", "horizon_days", "minimum_n", "target")
    readonly_fields = ("question_kind", "against_to")

    def get_fields(self, request: HttpRequest, obj: Metric | None = None) -> list[str]:
        against = ["against_to"] if obj and obj.key == Metric.Key.NPS else []
        first, rest = ["name", "question_kind", "lowest", "highest"], ["horizon_days", "minimum_n", "target"]
        return [*first, "counts_from", *against, *rest]

    def get_readonly_fields(self, request: HttpRequest, obj: Metric | None = None) -> tuple[str, ...]:
        """An NPS that counts other answers would be no NPS: its two bounds stand."""
        fixed = ("counts_from",) if obj and obj.key == Metric.Key.NPS else ()
        return (*self.readonly_fields, *fixed)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Metric | None = None) -> bool:
        return False
