from typing import Any

from django import forms
from django.contrib import admin
from unfold.admin import ModelAdmin

from analytics.models import JourneyStage
from contacts.models import Touchpoint
from contacts.names import in_words


class StageForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """Offers the kinds of touchpoints that there are, and keeps those that are not there any more."""

    kinds = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, help_text=JourneyStage.kinds.field.help_text)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Read which kinds there are."""
        super().__init__(*args, **kwargs)
        known = Touchpoint.objects.order_by("kind").values_list("kind", flat=True).distinct()
        kinds = sorted({*known, *self.instance.kinds})
        field: Any = self.fields["kinds"]
        field.choices = [(kind, in_words(kind)) for kind in kinds]

    def clean_kinds(self) -> list[str]:
        """Refuse a kind that another stage has: its answers would count in both."""
        chosen: list[str] = self.cleaned_data["kinds"]
        for stage in JourneyStage.objects.exclude(pk=self.instance.pk):
            if twice := sorted(set(chosen) & set(stage.kinds)):
                told = f"{', '.join(map(in_words, twice))}: in the stage {stage} already. Take it out there first."
                raise forms.ValidationError(told)
        return chosen


@admin.register(JourneyStage)
class JourneyStageAdmin(ModelAdmin):
    form = StageForm
    list_display = ("name", "position", "holds")

    @admin.display(description="Kinds of touchpoints")
    def holds(self, stage: JourneyStage) -> str:
        return ", ".join(map(in_words, stage.kinds))
