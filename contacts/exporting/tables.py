"""The tables that leave the house: what each is, who may have it, and which of its rows and columns are asked for."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers

from contacts.brands import visible_to
from contacts.changes import OWN
from contacts.exporting.columns import Column, chosen
from contacts.exporting.filtering import Parameter, parameters_of, problems
from contacts.exporting.rows import Listed, Queried, Rows
from contacts.pulling import ASKED, MEANING, pull
from contacts.readers import Reader

COLUMNS = Parameter("columns", "names of columns, with commas between them; they come in that order, else all")

Asked = Mapping[str, str]
"""What is asked for, as it stands in an address: filters, `columns`, `shape`."""


@dataclass(frozen=True, slots=True)
class Table(ABC):
    """A table of an export: its name, what it holds, the right to see its rows, and its columns in their order."""

    name: str
    about: str
    right: str
    columns: Sequence[Column]

    @property
    @abstractmethod
    def filters(self) -> Sequence[Parameter]:
        """By what its rows are chosen."""

    @abstractmethod
    def rows(self, asked: Asked, at: datetime, reader: Reader, connection: BaseDatabaseWrapper | None = None) -> Rows:
        """Return the rows and columns that are asked for and somebody may read, as they are when they are read.

        Raises ValidationError with what is wrong, by parameter, and HiddenError for what is not for the reader.
        """

    @property
    def parameters(self) -> Sequence[Parameter]:
        """All that may be asked for."""
        return [*self.filters, COLUMNS]

    def refuse_unknown(self, asked: Asked) -> None:
        """Raise ValidationError for what cannot be asked for."""
        known = [parameter.name for parameter in self.parameters]
        if unknown := [name for name in asked if name not in known]:
            raise ValidationError(
                {name: [f"There is no filter {name}. There are: {', '.join(known)}."] for name in unknown}
            )


@dataclass(frozen=True, slots=True)
class Shape:
    """Another way to lay a table out: `columns` returns which it has then, or raises ValidationError."""

    name: str
    meaning: str
    columns: Callable[[Asked, Reader], Sequence[Column]]


@dataclass(frozen=True, slots=True)
class QueryTable(Table):
    """A table whose rows are read by one statement, in which the database makes the text.

    `consists_of` are the paths to the rows whose changes count, as in `changes.between`.
    """

    query: Callable[[], QuerySet[Any]]
    filterset: type[filters.FilterSet]
    consists_of: Sequence[str] = OWN
    shape: Shape | None = None

    @property
    def filters(self) -> Sequence[Parameter]:
        """By what its rows are chosen, and how they may be laid out."""
        shape = [Parameter("shape", self.shape.meaning, choices=(self.shape.name,))] if self.shape else []
        return [*parameters_of(self.filterset), Parameter(ASKED, MEANING), *shape]

    def rows(self, asked: Asked, at: datetime, reader: Reader, connection: BaseDatabaseWrapper | None = None) -> Rows:
        """Return what the filters leave, in the order of the table's query."""
        self.refuse_unknown(asked)
        found = self.filterset(asked, queryset=visible_to(reader, self.query()))
        if not found.is_valid():
            raise ValidationError(problems(found.form, asked))
        columns = chosen(self._columns(asked, reader), asked.get("columns", ""), reader)
        pulled = pull(found.qs, asked, self.consists_of)
        return Queried(pulled.rows, columns, pulled.next_changes_since, connection)

    def _columns(self, asked: Asked, reader: Reader) -> Sequence[Column]:
        wanted = asked.get("shape")
        if not wanted or self.shape is None:
            return self.columns
        if wanted != self.shape.name:
            raise ValidationError({"shape": [f"There is no shape {wanted}. There is: {self.shape.name}."]})
        return self.shape.columns(asked, reader)


@dataclass(frozen=True, slots=True)
class ListTable(Table):
    """A table whose rows are worked out: `listed` makes them of what the query says, once it is valid."""

    query: type[serializers.Serializer[Any]]
    listed: Callable[[Mapping[str, Any], datetime, Reader], Iterable[tuple[Any, ...]]]

    @property
    def filters(self) -> Sequence[Parameter]:
        """What is asked, as the API has it."""
        return [_parameter(name, field) for name, field in self.query().fields.items()]

    def rows(self, asked: Asked, at: datetime, reader: Reader, connection: BaseDatabaseWrapper | None = None) -> Rows:
        """Return what is worked out for what is asked."""
        self.refuse_unknown(asked)
        query = self.query(data=dict(asked))
        if not query.is_valid():
            raise ValidationError({name: [str(text) for text in said] for name, said in query.errors.items()})
        columns = chosen(self.columns, asked.get("columns", ""), reader)
        try:
            listed = self.listed(query.validated_data, at, reader)
        except serializers.ValidationError as error:
            raise ValidationError(_as_texts(error)) from error
        places = [self.columns.index(column) for column in columns]
        return Listed((tuple(row[place] for place in places) for row in listed), columns)


def _as_texts(error: serializers.ValidationError) -> dict[str, list[str]]:
    detail = error.detail if isinstance(error.detail, dict) else {}
    return {name: [*map(str, said)] for name, said in detail.items()}


def _parameter(name: str, field: serializers.Field[Any, Any, Any, Any]) -> Parameter:
    choices = tuple(map(str, getattr(field, "choices", ())))
    format_ = "date" if isinstance(field, serializers.DateField) else ""
    return Parameter(name, str(field.help_text or ""), format_, choices)
