"""SQLite puts each line of a file together itself, in one call of its `format`; Python only hands the lines on.

Both statements have a LIMIT, so that SQLite does not merge them (rule 13 of its flattener): a column is then computed
once, whatever is made of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.db.backends.base.base import BaseDatabaseWrapper

from contacts.exporting import formulas
from contacts.exporting.columns import BOOLEAN, CODE, DAY, INSTANT, INTEGER, JSON, NUMBER, TEXT, Type
from contacts.exporting.parts import BATCH, CHUNK, Part, Query, in_pieces

if TYPE_CHECKING:
    import pyarrow as pa

MOMENT = "substr({0}, 1, 10) || 'T' || substr({0} || '.000000', 12, 15) || '+00:00'"
QUOTED = """'"' || replace({0}, '"', '""') || '"'"""
CSV = {
    INTEGER: "{0}",
    NUMBER: "{0}",
    BOOLEAN: "CASE {0} WHEN 1 THEN 'True' WHEN 0 THEN 'False' END",
    INSTANT: MOMENT,
    DAY: "{0}",
    TEXT: QUOTED.format(f"({formulas.SQLITE})"),
    CODE: "{0}",
    JSON: QUOTED,
}
NDJSON = {
    INTEGER: "coalesce({0}, 'null')",
    NUMBER: "coalesce({0}, 'null')",
    BOOLEAN: "CASE {0} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END",
    INSTANT: f"coalesce('\"' || {MOMENT} || '\"', 'null')",
    DAY: "json_quote({0})",
    TEXT: "json_quote({0})",
    CODE: "json_quote({0})",
    JSON: "coalesce({0}, 'null')",
}
PLAIN = "+{0}"
"""With a sign that changes nothing a column has no declared type, by which Python would make objects of its values."""


def csv(query: Query, connection: BaseDatabaseWrapper) -> Iterator[Part]:
    """Yield the rows as lines of a CSV file: null is nothing, an empty text is two quotes."""
    return _lines(query, CSV, query.csv_line, connection)


def ndjson(query: Query, connection: BaseDatabaseWrapper) -> Iterator[Part]:
    """Yield the rows as lines of JSON."""
    return _lines(query, NDJSON, query.json_line, connection)


def batches(query: Query, schema: "pa.Schema", connection: BaseDatabaseWrapper) -> "Iterator[pa.RecordBatch]":
    """Yield the rows as columns."""
    import pyarrow as pa

    for rows in _read(query, ", ".join(map(PLAIN.format, query.names)), (), BATCH, connection):
        columns = zip(zip(*rows, strict=True), schema.types, strict=True)
        yield pa.record_batch([_array(values, kind) for values, kind in columns], schema)


def _array(values: tuple[object, ...], kind: "pa.DataType") -> "pa.Array":
    """The values of a column as SQLite keeps them: instants are texts in UTC, truths numbers."""
    import pyarrow as pa

    if pa.types.is_timestamp(kind):
        return pa.array(values, pa.string()).cast(pa.timestamp("us")).cast(kind)
    if pa.types.is_boolean(kind) or pa.types.is_date(kind):
        return pa.array(values).cast(kind)
    return pa.array(values, kind)


def _lines(
    query: Query, forms: Mapping[Type, str], templates: Sequence[str], connection: BaseDatabaseWrapper
) -> Iterator[Part]:
    cells = [forms[column.type].format(name) for column, name in zip(query.columns, query.names, strict=True)]
    line = " || ".join(in_pieces(cells))
    for rows in _read(query, line, templates, CHUNK, connection):
        yield Part(len(rows), ("\n".join(chain.from_iterable(rows)) + "\n").encode())


def _read(
    query: Query, select: str, before: Sequence[str], at_once: int, connection: BaseDatabaseWrapper
) -> Iterator[list[tuple[Any, ...]]]:
    names = ", ".join(query.names)
    statement = f"WITH found ({names}) AS ({query.sql} LIMIT -1) SELECT {select} FROM found LIMIT -1"
    with connection.cursor() as cursor:
        cursor.execute(statement, (*query.parameters, *before))
        while rows := cursor.fetchmany(at_once):
            yield rows
