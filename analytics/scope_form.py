"""What is asked of a report in its address: the days, and the filters that the report has."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import F, QuerySet, Value
from django.http import QueryDict

from analytics.metrics import METRICS
from analytics.models import JourneyStage
from analytics.period import Period
from analytics.reports import Report
from analytics.scope import FILTERS, Scope, narrowed
from contacts.brands import visible_to
from contacts.models import Touchpoint
from contacts.names import in_words
from contacts.readers import Reader
from surveys.models import Program

DAYS = ("since", "until")


class ScopeForm(forms.Form):
    """The days of a report, both included, and its filters; empty takes all."""

    since = forms.DateField(label="From", required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, data: QueryDict, report: Report, reader: Reader) -> None:
        """Offer what the report can be narrowed to."""
        super().__init__(data)
        self.report, self.reader = report, reader
        self.fields |= filter_fields(report.filters, reader)
        if report.by_score:
            self.fields["score"] = forms.ChoiceField(
                choices=[(key, key) for key in METRICS], required=False, widget=forms.HiddenInput
            )

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
                return narrowed(period, filters, self.reader)
            except ValueError as error:
                self.add_error("until", str(error).capitalize())
        return None

    @property
    def score(self) -> str:
        """The score that is asked for, of a valid form; empty where none is."""
        return str(self.cleaned_data.get("score", ""))

    def names(self, name: str) -> dict[str, str]:
        """Value of a filter -> what people call it; empty for a filter that is a free text."""
        field = self.fields.get(name)
        choices: Any = field.choices if isinstance(field, forms.ChoiceField) else ()
        return dict(choices)


def filter_fields(filters: Iterable[str], reader: Reader) -> dict[str, forms.Field]:
    """Return the fields of filters: a choice where there are few values, otherwise a text that must be equal.

    Offered is what somebody may read.
    """
    wanted = dict.fromkeys(filters)
    offered = _offered([name for name in OFFERED if name in wanted], reader)
    return {
        name: forms.ChoiceField(choices=[("", "All"), *offered.get(name, ())], required=False)
        if name in OFFERED
        else forms.CharField(required=False)
        for name in wanted
    }


OFFERED: dict[str, QuerySet[Any]] = {
    "program": Program.objects.annotate(key=F("slug"), told=F("name"), place=Value(0)),
    "stage": JourneyStage.objects.annotate(key=F("name"), told=F("name"), place=F("position")),
    "kind": Touchpoint.objects.annotate(key=F("kind"), told=F("kind"), place=Value(0)).distinct(),
}
"""Filter -> where its values are: what stands in the address, what people call it, and its place among them."""


def _offered(filters: Iterable[str], reader: Reader) -> dict[str, list[tuple[str, str]]]:
    """The values of filters with what people call them, in their order. One statement for all."""
    parts = [
        visible_to(reader, OFFERED[name])
        .order_by()
        .annotate(filter=Value(name))
        .values_list("filter", "key", "told", "place")
        for name in filters
    ]
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    rows = parts[0].union(*parts[1:], all=True) if parts else ()
    for name, key, told, _ in sorted(rows, key=lambda row: (row[3], row[2])):
        found[name].append((key, in_words(told) if name == "kind" else told))
    return found
