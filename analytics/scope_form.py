"""What is asked of a report in its address: the days, and the filters that the report has."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict

from analytics.models import JourneyStage
from analytics.period import Period
from analytics.reports import Report
from analytics.scope import FILTERS, Scope, narrowed
from contacts.came_in import came_in
from contacts.names import in_words
from surveys.models import Program

DAYS = ("since", "until")


class ScopeForm(forms.Form):
    """The days of a report, both included, and its filters; empty takes all."""

    since = forms.DateField(label="From", required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, data: QueryDict, report: Report) -> None:
        """Offer what the report can be narrowed to."""
        super().__init__(data)
        self.report = report
        for name in report.filters:
            self.fields[name] = filter_field(name)

    @property
    def days(self) -> list[forms.BoundField]:
        """The fields of the period."""
        return [self[name] for name in DAYS]

    @property
    def filters(self) -> list[forms.BoundField]:
        """The fields of the filters."""
        return [self[name] for name in self.report.filters]

    def clean(self) -> dict[str, Any]:
        """Refuse a filter that the report does not have: its numbers would look narrowed, and would not be."""
        for name in FILTERS:
            if self.data.get(name) and name not in self.report.filters:
                raise forms.ValidationError(self.report.refusal(name))
        return self.cleaned_data

    def scope(self, at: datetime) -> Scope | None:
        """Return the scope that is asked for, or None where it is none; then the form says why."""
        if self.is_valid():
            filters = {name: self.cleaned_data[name] for name in self.report.filters}
            try:
                period = Period.of_days(self.cleaned_data["since"], self.cleaned_data["until"], at)
                return narrowed(period, filters)
            except ValueError as error:
                self.add_error("until", str(error).capitalize())
        return None

    def names(self, name: str) -> dict[str, str]:
        """Value of a filter -> what people call it; empty for a filter that is a free text."""
        field = self.fields.get(name)
        choices: Any = field.choices if isinstance(field, forms.ChoiceField) else ()
        return dict(choices)


def filter_field(name: str) -> forms.Field:
    """Return the field of a filter: a choice where there are few values, otherwise a text that must be equal."""
    if name == "program":
        choices = list(Program.objects.order_by("name").values_list("slug", "name"))
    elif name == "stage":
        choices = [(stage, stage) for stage in JourneyStage.objects.values_list("name", flat=True)]
    elif name == "kind":
        choices = [(kind, in_words(kind)) for kind in came_in("kind")]
    else:
        return forms.CharField(required=False)
    return forms.ChoiceField(choices=[("", "All"), *choices], required=False)
