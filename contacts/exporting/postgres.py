"""PostgreSQL makes the text of a file itself (COPY): through Python's objects it would cost eight times as much.

A column is computed once in a statement within, whatever is then made of it: an ordered one is not merged.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, takewhile

from django.db.backends.base.base import BaseDatabaseWrapper

from contacts.exporting import formulas
from contacts.exporting.columns import BOOLEAN, CODE, DAY, INSTANT, INTEGER, JSON, NUMBER, TEXT, Type
from contacts.exporting.parts import Part, Query, in_pieces, sizes

SOON = "(SELECT 9223372036854775807)"
"""More rows than there are. The planner cannot tell, and plans as for a tenth of them: in the order of the index, so
that the first are there at once, and not sorted together beforehand, which takes seconds of a million rows."""
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


def csv(query: Query, connection: BaseDatabaseWrapper) -> Iterator[Part]:
    """Yield the rows as lines of a CSV file: an empty text is two quotes, anything else that is not there nothing."""
    return _copied(query, ", ".join(_cells(query, CSV)), "(FORMAT csv)", connection)


def ndjson(query: Query, connection: BaseDatabaseWrapper) -> Iterator[Part]:
    """Yield the rows as lines of JSON."""
    line = " || ".join(in_pieces(_cells(query, NDJSON)))
    return _copied(query, line, AS_IT_IS, connection, query.json_line)


def plain(query: Query, connection: BaseDatabaseWrapper) -> Iterator[Part]:
    """Yield lines of a CSV file for Arrow, in which nothing is made for people."""
    return _copied(query, ", ".join(_cells(query, PLAIN)), "(FORMAT csv)", connection)


def _cells(query: Query, forms: Mapping[Type, str]) -> list[str]:
    cells = zip(query.columns, query.names, strict=True)
    return [forms[column.type].format(name) for column, name in cells]


def _copied(
    query: Query, select: str, options: str, connection: BaseDatabaseWrapper, before: Sequence[str] = ()
) -> Iterator[Part]:
    names = ", ".join(query.names)
    found = f"{query.sql} LIMIT {SOON}"
    statement = f"COPY (SELECT {select} FROM ({found}) AS found ({names})) TO STDOUT {options}"
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(statement, (*before, *query.parameters)) as copy,
    ):
        rows = iter(copy)
        for lines in takewhile(bool, (list(islice(rows, size)) for size in sizes())):
            yield Part(len(lines), b"".join(lines))
