"""PostgreSQL makes the text of a file itself (COPY): through Python's objects it would cost eight times as much.

A column is computed once in a statement within, whatever is then made of it: an ordered one is not merged.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from django.db.backends.base.base import BaseDatabaseWrapper

from contacts.exporting import formulas
from contacts.exporting.columns import BOOLEAN, CODE, DAY, INSTANT, INTEGER, JSON, NUMBER, TEXT, Type
from contacts.exporting.parts import CHUNK, Part, Query, in_pieces

if TYPE_CHECKING:
    import pyarrow as pa

MOMENT = """YYYY-MM-DD"T"HH24:MI:SS.US"+00:00\""""
CSV = {
    INTEGER: "{0}",
    NUMBER: "{0}::float8",
    BOOLEAN: "CASE WHEN {0} THEN 'True' WHEN NOT {0} THEN 'False' END",
    INSTANT: f"to_char({{0}} AT TIME ZONE 'UTC', '{MOMENT}')",
    DAY: "{0}",
    TEXT: formulas.POSTGRES,
    CODE: "{0}",
    JSON: "{0}",
}
NDJSON = {
    INTEGER: "coalesce({0}::text, 'null')",
    NUMBER: "coalesce({0}::float8::text, 'null')",
    BOOLEAN: "coalesce({0}::text, 'null')",
    INSTANT: f"coalesce(to_char({{0}} AT TIME ZONE 'UTC', '\\\"{MOMENT}\\\"'), 'null')",
    DAY: "coalesce(to_json({0})::text, 'null')",
    TEXT: "coalesce(to_json({0})::text, 'null')",
    CODE: "coalesce(to_json({0})::text, 'null')",
    JSON: "coalesce({0}::text, 'null')",
}
PLAIN = dict.fromkeys(CSV, "{0}") | {NUMBER: "{0}::float8"}
"""What Arrow reads by itself."""
AS_IT_IS = "(FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')"
"""With a quote and a delimiter that no line holds: JSON has no control characters. The format text would escape."""
BLOCK = 4 * 2**20
"""Bytes that Arrow reads at once."""


def csv(query: Query, connection: BaseDatabaseWrapper) -> Iterator[Part]:
    """Yield the rows as lines of a CSV file: null is nothing, an empty text is two quotes."""
    return _copied(query, ", ".join(_cells(query, CSV)), "(FORMAT csv)", connection)


def ndjson(query: Query, connection: BaseDatabaseWrapper) -> Iterator[Part]:
    """Yield the rows as lines of JSON."""
    line = " || ".join(in_pieces(_cells(query, NDJSON)))
    return _copied(query, line, AS_IT_IS, connection, query.json_line)


def batches(query: Query, schema: "pa.Schema", connection: BaseDatabaseWrapper) -> "Iterator[pa.RecordBatch]":
    """Yield the rows as columns, read from a CSV that is not for people."""
    from pyarrow import csv as arrow

    parts = _copied(query, ", ".join(_cells(query, PLAIN)), "(FORMAT csv)", connection)
    first = next(parts, None)
    if first is None:
        return
    yield from arrow.open_csv(
        Stream(first, parts),
        read_options=arrow.ReadOptions(column_names=query.names, use_threads=False, block_size=BLOCK),
        parse_options=arrow.ParseOptions(newlines_in_values=True),
        convert_options=arrow.ConvertOptions(
            column_types=dict(zip(query.names, schema.types, strict=True)),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )


class Stream:
    """Parts as a file that is read from its beginning to its end."""

    closed = False

    def __init__(self, first: Part, others: Iterator[Part]) -> None:
        self._others = others
        self._rest = first.content

    def read(self, most: int = -1) -> bytes:
        """Return so many bytes, fewer at the end."""
        pieces, missing = [self._rest], (most if most >= 0 else 2**62) - len(self._rest)
        while missing > 0 and (part := next(self._others, None)) is not None:
            pieces.append(part.content)
            missing -= len(part.content)
        whole = b"".join(pieces)
        end = len(whole) if most < 0 else most
        self._rest = whole[end:]
        return whole[:end]

    def readable(self) -> bool:
        """Whether it can be read; Arrow asks."""
        return True

    def close(self) -> None:
        """Let go of what is left."""
        self._others.close()  # type: ignore[attr-defined]  # they are a generator


def _cells(query: Query, forms: Mapping[Type, str]) -> list[str]:
    cells = zip(query.columns, query.names, strict=True)
    return [forms[column.type].format(name) for column, name in cells]


def _copied(
    query: Query, select: str, options: str, connection: BaseDatabaseWrapper, before: Sequence[str] = ()
) -> Iterator[Part]:
    names = ", ".join(query.names)
    statement = f"COPY (SELECT {select} FROM ({query.sql}) AS found ({names})) TO STDOUT {options}"
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(statement, (*before, *query.parameters)) as copy,
    ):
        rows = iter(copy)
        while lines := list(islice(rows, CHUNK)):
            yield Part(len(lines), b"".join(lines))
