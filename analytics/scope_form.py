"""What is asked of a report in its address: the days, and the filters that the report has."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import F, QuerySet, Value
from django.http import QueryDict

from analytics.models import JourneyStage
from analytics.period import Period
from analytics.reports import Report
from analytics.scope import FILTERS, Scope, narrowed
from contacts.models import Touchpoint
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
        self.fields |= filter_fields(report.filters)

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


def filter_fields(names: Collection[str]) -> dict[str, forms.Field]:
    """Return the fields of filters: a choice where there are few values, otherwise a text that must be equal.

    One statement.
    """
    stages, programs, kinds = JourneyStage.objects, Program.objects, Touchpoint.objects
    known: dict[str, QuerySet[Any, Any]] = {
        "stage": stages.values(of=Value("stage"), place=F("position"), told=F("name"), shown=F("name")),
        "program": programs.values(of=Value("program"), place=Value(0), told=F("slug"), shown=F("name")),
        "kind": kinds.values(of=Value("kind"), place=Value(0), told=F("kind"), shown=F("kind")).distinct(),
    }
    choices: dict[str, list[tuple[str, str]]] = {name: [("", "All")] for name in known}
    first, *others = (known[name].order_by() for name in names if name in known)
    for row in sorted(first.union(*others, all=True), key=lambda row: (row["place"], row["shown"])):
        shown = in_words(row["shown"]) if row["of"] == "kind" else row["shown"]
        choices[row["of"]].append((row["told"], shown))
    return {
        name: forms.ChoiceField(choices=choices[name], required=False)
        if name in known
        else forms.CharField(required=False)
        for name in names
    }
