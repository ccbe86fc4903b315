"""By what rows of a table are chosen: filters that refuse what they cannot read, and say how it is written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.dateparse import parse_datetime
from django_filters import rest_framework as filters

from contacts.intake.fields import YEARS

HOW = (
    "Write an instant with its offset, such as 2026-05-05T12:00:00Z or 2026-05-05T14:00:00%2B02:00 "
    "(in an address %2B stands for a plus)."
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something that can be said about which rows are wanted; `format` and `choices` as OpenAPI has them."""

    name: str
    meaning: str
    format: str = ""
    choices: tuple[str, ...] = ()


class InstantField(forms.Field):
    """An instant in ISO 8601 with its offset: without one nobody knows which it is."""

    default_error_messages = {"invalid": "This is no instant. %(how)s", "no_offset": "The offset is missing. %(how)s"}

    def to_python(self, value: Any) -> Any:
        """Return the instant, or None for nothing. Raises ValidationError."""
        if value in self.empty_values:
            return None
        try:
            instant = parse_datetime(str(value))
        except ValueError:
            instant = None
        if instant is None:
            raise ValidationError(self.error_messages["invalid"], "invalid", {"how": HOW})
        if instant.tzinfo is None:
            raise ValidationError(self.error_messages["no_offset"], "no_offset", {"how": HOW})
        if instant.year not in YEARS:
            raise ValidationError(f"Write a year from {YEARS[0]} to {YEARS[-1]}.", "years")
        return instant


class InstantFilter(filters.Filter):
    field_class = InstantField


class TruthField(forms.Field):
    """True or false, in any case."""

    def to_python(self, value: Any) -> Any:
        """Return the truth, or None for nothing. Raises ValidationError."""
        if value in self.empty_values:
            return None
        truth = {"true": True, "false": False}.get(str(value).lower())
        if truth is None:
            raise ValidationError("Write true or false.", "invalid")
        return truth


class TruthFilter(filters.Filter):
    field_class = TruthField


class ExportFilterSet(filters.FilterSet):
    """Filters of an export; what the fields of a table are filtered by is known from their kind."""

    FILTER_DEFAULTS = {**filters.FilterSet.FILTER_DEFAULTS, models.BooleanField: {"filter_class": TruthFilter}}


def export_filters(table: type[models.Model], at: str, updated_at: str, *names: str) -> type[filters.FilterSet]:
    """Return the filters of an export: by `names`, and by the fields that hold when it was and when it changed."""

    class ExportFilters(ExportFilterSet):
        since = InstantFilter(at, lookup_expr="gte")
        until = InstantFilter(at, lookup_expr="lt")
        updated_since = InstantFilter(updated_at, lookup_expr="gte")

        class Meta:
            model = table
            fields = names

    return ExportFilters


SAME = "only rows with this"
MEANINGS = {
    "since": "this instant or later, by {field}",
    "until": "before this instant, by {field}",
    "updated_since": "new or changed at this instant or later",
}


def parameters_of(filterset: type[filters.FilterSet]) -> Iterator[Parameter]:
    """Yield what the filters are, for people and for OpenAPI."""
    for name, one in filterset.base_filters.items():
        field = one.field_name.rpartition("__")[2]
        meaning = MEANINGS.get(name, SAME).format(field=field)
        if isinstance(one, InstantFilter):
            yield Parameter(name, meaning, "date-time")
        elif isinstance(one, TruthFilter):
            yield Parameter(name, meaning, "boolean")
        else:
            yield Parameter(name, meaning, choices=tuple(key for key, _ in one.extra.get("choices", ()) if key))


def problems(form: forms.BaseForm, asked: Mapping[str, str]) -> dict[str, list[str]]:
    """Return what is wrong, by filter; where only some values will do, which."""
    return {
        name: [_said(form.fields[name], asked[name], str(text)) for text in said] for name, said in form.errors.items()
    }


def _said(field: forms.Field, value: str, text: str) -> str:
    choices = [str(key) for key, _ in getattr(field, "choices", ()) if key]
    return f"There is no {value}. There are: {', '.join(choices)}." if choices else text
