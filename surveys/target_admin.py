"""The targets of a program, as rows of its form."""

from typing import Any

from django import forms
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminSelectWidget

from contacts.came_in import came_in
from contacts.readers import EVERYTHING, reader_of_request
from surveys.models import Program, Question, SurveyVersion, Target


class TargetForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """One target: of a kind or a team that touchpoints have named; `reader` is who names it."""

    reader = EVERYTHING
    value = forms.ChoiceField(
        label="Which", widget=UnfoldAdminSelectWidget, help_text="Those that have come in so far."
    )

    class Meta:
        model = Target
        fields = ("by", "value", "margin")
        labels = {"by": "Of one", "margin": "Margin of the NPS each month, in points"}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["value"].choices = [  # type: ignore[attr-defined]
            (label, [(value, value.replace("_", " ")) for value in came_in(by, self.reader) if value])
            for by, label in Target.By.choices
        ]

    def clean(self) -> dict[str, Any] | None:
        """The value is one of what was chosen."""
        cleaned = super().clean()
        by, value = self.cleaned_data.get("by"), self.cleaned_data.get("value")
        if by and value and value not in came_in(by, self.reader):
            self.add_error(
                "value", f"No touchpoint has this as its {by}. Choose one of the other list, or change “of one”."
            )
        return cleaned


class TargetFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """All targets of a program, which must be able to serve them."""

    def clean(self) -> None:
        """Of messages only, and all of kinds or all of teams: else a touchpoint would count for two."""
        super().clean()
        rows = [form.cleaned_data for form in self.forms if form.is_valid() and not form.cleaned_data.get("DELETE")]
        rows = [row for row in rows if row.get("value")]
        if not rows:
            return
        if self.instance.by_phone:
            raise forms.ValidationError(
                "Interviewers call about all whom the share draws. Ask by email or SMS, or take the targets away."
            )
        if len({row["by"] for row in rows}) > 1:
            raise forms.ValidationError("Name targets of kinds or of teams, not of both: a touchpoint counts for one.")
        published = Question.objects.filter(
            version__survey=self.instance.survey_id, version__state=SurveyVersion.State.PUBLISHED
        )
        if published and not any(question.kind == Question.Kind.NPS for question in published):
            raise forms.ValidationError("The survey does not ask for the NPS, so that no margin of it can be reached.")
        for row in rows:
            if row["by"] == Target.By.KIND and row["value"] not in self.instance.kinds:
                raise forms.ValidationError(
                    f"The program does not ask about {row['value'].replace('_', ' ')}. "
                    "Add it to its kinds, or remove the target."
                )


class TargetInline(TabularInline):
    model = Target
    form = TargetForm
    formset = TargetFormSet
    extra = 0
    verbose_name = "target"
    verbose_name_plural = "Targets: how sure each month should be, with the fewest contacts"

    def get_formset(self, request: HttpRequest, obj: Program | None = None, **options: Any) -> Any:
        """Return the rows, with the kinds and teams that the reader may choose from."""
        form = type("TargetForm", (TargetForm,), {"reader": reader_of_request(request)})
        return super().get_formset(request, obj, form=form, **options)
