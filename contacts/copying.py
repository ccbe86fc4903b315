"""Many rows into a table by the fastest way that each database has, without models in between."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db import connection, models

ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[tuple[Any, ...]], **fixed: object
) -> None:
    """Add rows with these columns; `fixed` columns are the same in each, and the others hold their fields' defaults.

    Values are numbers, texts, truths and nulls as the database keeps them: instants as `stored` makes them, documents
    as JSON text. Nothing is checked here but what the database checks.
    """
    same = {column: value for column, value in (_defaults(model) | fixed).items() if column not in columns}
    names = ", ".join([*columns, *same])
    table = model._meta.db_table  # noqa: SLF001 (public in all but name)
    if connection.vendor == "postgresql":
        # As text, because the driver would look at each value, also at those that are the same in every row.
        rest = "".join(f"\t{_copied(value)}" for value in same.values())
        lines = ["\t".join(map(_copied, row)) + rest for row in rows]
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            copy.write("\n".join([*lines, ""]))
    else:
        places = ", ".join("?" * (len(columns) + len(same)))
        connection.ensure_connection()
        # Django's own cursor would look at every row to write its statement down.
        whole = ((*row, *same.values()) for row in rows)
        connection.connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", whole)


def _copied(value: Any) -> str:
    """A value as COPY reads it (PostgreSQL, "COPY", text format)."""
    if value is None:
        return "\\N"
    text = str(value)
    # Looked at first, because to translate takes ten times as long and is hardly ever needed.
    return text if text.isprintable() and "\\" not in text else text.translate(ESCAPED)


def next_ids(model: type[models.Model], count: int) -> list[int]:
    """Ids for so many new rows, which no other transaction gets."""
    table = model._meta.db_table  # noqa: SLF001 (public in all but name)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "pg_get_serial_sequence(%s, 'id')"
            cursor.execute(f"SELECT nextval({sequence}) FROM generate_series(1, %s)", [table, count])
            return [id_ for (id_,) in cursor.fetchall()]
        # SQLite lets only one transaction write, and gives the next row the id after the largest ever given.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        (last,) = cursor.fetchone() or (0,)
    return list(range(last + 1, last + count + 1))


@lru_cache(maxsize=4096)
def stored(at: datetime) -> str:
    """An instant as text that both databases keep as Django would."""
    return at.astimezone(UTC).isoformat(" ").removesuffix("+00:00")


def around_ids() -> tuple[str, str]:
    """What SQL has before and behind the one parameter (`as_list`) that holds ids, however many they are."""
    if connection.vendor == "postgresql":
        return " = ANY(", "::bigint[])"
    return " IN (SELECT value FROM json_each(", "))"


def among_ids(column: str, ids: Collection[int]) -> tuple[str, list[str]]:
    """A condition for SQL that the column holds one of the ids, and its parameter."""
    before, behind = around_ids()
    return f"{column}{before}%s{behind}", [as_list(ids)]


def as_list(values: Collection[int] | Collection[str]) -> str:
    """Ids, or instants as `stored`, as one parameter: an array in PostgreSQL, JSON in SQLite."""
    # As text, because the driver of PostgreSQL would look at each value by itself.
    return f"{{{','.join(map(str, values))}}}" if connection.vendor == "postgresql" else json.dumps(list(values))


def given(**columns: Sequence[int] | Sequence[str]) -> tuple[str, list[str]]:
    """A table for SQL, named `given`, and its parameters: columns of whole numbers or of instants as `stored`."""
    if connection.vendor == "postgresql":
        types = ["timestamptz" if isinstance(next(iter(values), 0), str) else "bigint" for values in columns.values()]
        arrays = ", ".join(f"%s::{type_}[]" for type_ in types)
        return f"unnest({arrays}) AS given ({', '.join(columns)})", [as_list(values) for values in columns.values()]
    places = ", ".join(f"value ->> {n} AS {name}" for n, name in enumerate(columns))
    rows = json.dumps(list(zip(*columns.values(), strict=True)))
    return f"(SELECT {places} FROM json_each(%s)) AS given", [rows]


def micros_of(column: str) -> str:
    """SQL for a column's instant in microseconds since the epoch; SQLite keeps instants as text."""
    if connection.vendor == "postgresql":
        return f"(extract(epoch FROM {column}) * 1000000)::bigint"
    return f"unixepoch({column}) * 1000000 + CAST(substr({column}, 21) AS integer)"


def _defaults(model: type[models.Model]) -> dict[str, Any]:
    """Column -> value of a new row in which nothing is said, without the key that the database gives."""
    defaults = {
        str(field.column): field.get_db_prep_save(field.get_default(), connection)
        for field in model._meta.concrete_fields  # noqa: SLF001 (public in all but name)
        if not isinstance(field, models.AutoField)
    }
    return {name: "[]" if value.__class__.__name__ == "Jsonb" else value for name, value in defaults.items()}
