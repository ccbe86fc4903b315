"""What SQL that both databases take consists of: ids, instants, rows that are given."""

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from django.db import connection, models


def next_ids(model: type[models.Model], count: int) -> list[int]:
    """Ids for so many new rows, which no other transaction gets."""
    table = model._meta.db_table  # noqa: SLF001 (public in all but name)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Looked up once: for each row that takes six times as long as to count it on.
            sequence = "(SELECT pg_get_serial_sequence(%s, 'id')::regclass)"
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
    return _as_list(tuple(values), connection.vendor)


@lru_cache(maxsize=4)  # the same ids go into a dozen statements one after the other
def _as_list(values: tuple[int | str, ...], vendor: str) -> str:
    return f"{{{','.join(map(str, values))}}}" if vendor == "postgresql" else json.dumps(values)


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
