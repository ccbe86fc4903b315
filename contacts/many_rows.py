"""Many rows written by one statement, whatever their number: PostgreSQL is given them as one text, SQLite one by one.

The driver of PostgreSQL looks at each value by itself, and the ORM at each several times. Nothing is checked here but
what the database checks.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from itertools import repeat
from operator import itemgetter
from typing import Any, TypeAlias

from django.db import connection, models

from contacts.copying import stored

Convert: TypeAlias = Callable[[Any], Any]
Field: TypeAlias = "models.Field[Any, Any]"
Model: TypeAlias = type[models.Model]
Rows: TypeAlias = Sequence[Mapping[str, Any]]
"""Value by attribute of a field; all rows of one call have the same ones."""


class Json(str):
    """A value of a JSON field that is written down already."""

    __slots__ = ()


def change(model: Model, rows: Rows) -> None:
    """Write what rows have now; `id` says which row each is."""
    names = [name for name in _names(rows) if name != "id"]
    if connection.vendor == "postgresql":
        changed = ", ".join(f"{name} = given.{_taken(model, name)}" for name in names)
        _run(model, f"UPDATE {{table}} AS kept SET {changed} FROM {{given}} WHERE kept.id = given.id", rows)
    else:
        changed = ", ".join(f"{name} = ?" for name in names)
        _run(model, f"UPDATE {{table}} SET {changed} WHERE id = ?", rows, [*names, "id"])


def add_unless_there(model: Model, rows: Rows, **same: Any) -> int:
    """Insert, in their order, the rows that no constraint has already; return how many they were.

    `same` are the values that all rows have; what no row has is its default.
    """
    return _insert(model, rows, same, "ON CONFLICT DO NOTHING")


def add_or_change(model: Model, rows: Rows, once: Collection[str], changed: Collection[str], **same: Any) -> int:
    """Insert rows, and of those that are there, as no two share the fields `once`, write the `changed` ones.

    Return how many rows were written, none where all these values stand there already; `same` are the values that all
    have, what no row has is its default.
    """
    values = ", ".join(f"{name} = excluded.{name}" for name in changed)
    distinct = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    other = " OR ".join(f"kept.{name} {distinct} excluded.{name}" for name in changed)
    return _insert(model, rows, same, f"ON CONFLICT ({', '.join(once)}) DO UPDATE SET {values} WHERE {other}")


def converter(field: Field) -> Convert | None:
    """Return what makes of a field's value what the driver takes; None where it takes the value itself."""
    if isinstance(field, models.JSONField):
        return _as_json
    if connection.vendor == "sqlite" and isinstance(field, models.DateTimeField):
        return _instant
    if connection.vendor == "sqlite" and isinstance(field, models.DecimalField):
        return partial(
            connection.ops.adapt_decimalfield_value, max_digits=field.max_digits, decimal_places=field.decimal_places
        )
    return None


def column(values: Iterable[Any], convert: Convert | None) -> Iterable[Any]:
    """Return the values of a field as the driver takes them: only where they are converted is each looked at."""
    return map(convert, values) if convert else values


def _insert(model: Model, rows: Rows, same: Mapping[str, Any], conflict: str) -> int:
    names, converters = _names(rows), _converters(model)
    defaults = {
        field.attname: field.get_default() for field in _fields(model) if not isinstance(field, models.AutoField)
    }
    left = {name: value for name, value in (defaults | dict(same)).items() if name not in names}
    fixed = [made(value) if (made := converters[name]) else value for name, value in left.items()]
    into = f"INSERT INTO {{table}} AS kept ({', '.join([*names, *left])})"
    if connection.vendor == "postgresql":
        places = ", ".join([*(_taken(model, name) for name in names), *["%s"] * len(fixed)])
        return _run(model, f"{into} SELECT {places} FROM {{given}} {conflict}", rows, fixed=fixed)
    places = ", ".join("?" * (len(names) + len(fixed)))
    return _run(model, f"{into} VALUES ({places}) {conflict}", rows, names, fixed)


def _run(model: Model, statement: str, rows: Rows, names: Sequence[str] = (), fixed: Sequence[Any] = ()) -> int:
    """Run a statement: on PostgreSQL with the table `given`, on SQLite for each row with these fields of it."""
    if not rows:
        return 0
    table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001 (public in all but name)
    all_converters = _converters(model)
    if connection.vendor == "postgresql":
        # What is JSON itself is text in the JSON of all rows: so whoever has it as text need not take it apart.
        made = [(name, convert) for name in _names(rows) if (convert := all_converters[name])]
        whole = [{**row, **{name: convert(row[name]) for name, convert in made}} for row in rows] if made else rows
        columns = ", ".join(f"{name} {_types(model).get(name, 'text')}" for name in _names(rows))
        given = f"json_to_recordset(%s::json) AS given ({columns})"
        parameters = [*fixed, json.dumps(whole, default=str)]
        with connection.cursor() as cursor:
            cursor.execute(statement.format(table=table, given=given), parameters)
            return int(cursor.rowcount)
    own = (column(map(itemgetter(name), rows), all_converters[name]) for name in names)
    values = zip(*own, *(repeat(value, len(rows)) for value in fixed), strict=True)
    connection.ensure_connection()
    with connection.wrap_database_errors:
        # Django's own cursor would look at every row to write its statement down.
        return int(connection.connection.executemany(statement.format(table=table), values).rowcount)


def _names(rows: Rows) -> list[str]:
    return [*next(iter(rows), ())]


def _fields(model: Model) -> Sequence[Field]:
    return model._meta.concrete_fields  # noqa: SLF001


def _taken(model: Model, name: str) -> str:
    return name if name in _types(model) else f"{name}::jsonb"


@cache
def _types(model: Model) -> dict[str, str]:
    """What PostgreSQL keeps in each field that is not JSON."""
    fields = (field for field in _fields(model) if not isinstance(field, models.JSONField))
    return {field.attname: field.db_type(connection) or "" for field in fields}


@cache
def _converters(model: Model) -> dict[str, Convert | None]:
    return {field.attname: converter(field) for field in _fields(model)}


def _as_json(value: Any) -> str:
    return value if isinstance(value, Json) else json.dumps(value)


def _instant(at: datetime | None) -> str | None:
    return stored(at) if at else None
