"""Statements that a page or a step repeats for each customer, composed by the ORM once and not each time.

Composing the statement behind a survey page took the ORM as long as all the rest of the page. What is read and written,
and how values are converted, is the ORM's own; left out is only what stays the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import local
from typing import Any, Generic, TypeVar

from django.db import connection, connections, models
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=models.Model)
CONVERTED = (models.DateField, models.DecimalField, models.DurationField, models.JSONField)
"""Fields whose values a database keeps in a way of its own; those of all others it takes as they are."""
PLACE = 1
"""Stands for the key while the statement is composed."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A statement with one parameter, and how a row of it becomes an object with those related to it."""

    sql: str
    converted: Callable[[Sequence[Any]], Sequence[Any]]
    built: Callable[[Sequence[Any]], Any]


class ReadOne(Generic[M]):
    """A row by its primary key, with the columns and related rows of a queryset (`only`, `select_related`)."""

    def __init__(self, rows: "models.QuerySet[M]") -> None:
        self.rows = rows
        self.kept = local()  # what converts values belongs to the thread's connection

    def get(self, pk: int) -> M | None:
        """Return the row, or None where there is none. One statement."""
        composed: Composed | None = getattr(self.kept, "composed", None)
        if composed is None:
            composed = self.kept.composed = _compose(self.rows)
        with connection.cursor() as cursor:
            cursor.execute(composed.sql, [pk])
            row = cursor.fetchone()
        return composed.built(composed.converted(row)) if row else None


def _compose(rows: "models.QuerySet[Any]") -> Composed:
    compiler = rows.filter(pk=PLACE).order_by().query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    if parameters != (PLACE,):
        raise TypeError("Only the key may differ from one time to the next.")
    info, select = compiler.klass_info or {}, compiler.select or []
    model, fields = info["model"], info["select_fields"]
    names = [select[place][0].target.attname for place in fields]
    own = slice(fields[0], fields[-1] + 1)
    related = get_related_populators(info, select, connection.alias)  # type: ignore[call-arg]  # typed for Django 6.1
    converters = compiler.get_converters([column for column, *_ in select])

    def converted(row: Sequence[Any]) -> Sequence[Any]:
        [values] = compiler.apply_converters([row], converters)
        return values  # type: ignore[no-any-return]

    def built(row: Sequence[Any]) -> Any:
        made = model.from_db(connection.alias, names, row[own])
        for populator in related:
            populator.populate(row, made)
        return made

    return Composed(sql, converted, built)


class Insert(Generic[M]):
    """New rows of a model whose id the database gives."""

    def __init__(self, model: type[M]) -> None:
        self.model = model

    @cached_property
    def fields(self) -> list[Any]:
        """Return the columns that are given."""
        return [field for field in self.model._meta.concrete_fields if not field.primary_key]  # noqa: SLF001

    @cached_property
    def converted(self) -> list[tuple[str, Any]]:
        """Return the attribute of each column, and the field where its values have to be converted."""
        return [(field.attname, field if isinstance(field, CONVERTED) else None) for field in self.fields]

    @cached_property
    def sql(self) -> str:
        """Return the statement up to the values."""
        columns = ", ".join(f'"{field.column}"' for field in self.fields)
        return f'INSERT INTO "{self.model._meta.db_table}" ({columns}) VALUES '  # noqa: SLF001

    @cached_property
    def row(self) -> str:
        """Return the places of the values of one row."""
        return f"({', '.join(['%s'] * len(self.fields))})"

    def one(self, made: M) -> M:
        """Insert a row, and give it its id. One statement."""
        with connection.cursor() as cursor:
            cursor.execute(f"{self.sql}{self.row} RETURNING id", self._values(made))
            [made.pk] = cursor.fetchone()
        made._state.adding, made._state.db = False, connection.alias  # noqa: SLF001
        return made

    def many(self, made: Sequence[M]) -> None:
        """Insert rows whose ids nobody needs. One statement, none without rows."""
        if not made:
            return
        with connection.cursor() as cursor:
            rows = ", ".join([self.row] * len(made))
            cursor.execute(self.sql + rows, [value for row in made for value in self._values(row)])

    def _values(self, made: M) -> list[Any]:
        given, database = made.__dict__, connections[connection.alias]  # itself: its proxy looks it up for each value
        return [
            given[name] if field is None else field.get_db_prep_save(given[name], database)
            for name, field in self.converted
        ]
