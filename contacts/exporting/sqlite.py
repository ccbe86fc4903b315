"""SQLite puts each line of a file together itself, in one call of its `format`; Python only hands the lines on.

Both statements have a LIMIT, so that SQLite does not merge them (rule 13 of its flattener): a column is then computed
once, whatever is made of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, takewhile

from django.db.backends.base.base import BaseDatabaseWrapper

from contacts.exporting import formulas
from contacts.exporting.columns import BOOLEAN, CODE, DAY, INSTANT, INTEGER, JSON, NUMBER, TEXT, Type
from contacts.exporting.parts import Part, Query, in_pieces, sizes


def _whole(form: str) -> str:
    """Return a form of texts that takes one with a NUL too, where `format` would end it; no door lets such in."""
    return f"CASE WHEN instr({{0}}, char(0)) THEN {form.format('without_nul({0})')} ELSE {form} END"


MOMENT = "replace({0}, ' ', 'T') || CASE length({0}) WHEN 19 THEN '.000000+00:00' ELSE '+00:00' END"
QUOTED = """'"' || replace({0}, '"', '""') || '"'"""
CSV = {
    INTEGER: "{0}",
    NUMBER: "{0}",
    BOOLEAN: "CASE {0} WHEN 1 THEN 'True' WHEN 0 THEN 'False' END",
    INSTANT: MOMENT,
    DAY: "{0}",
    TEXT: _whole(formulas.SQLITE),
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
IN_QUOTES = '"%w"'
"""Doubles the quotes within (SQLite, "Built-in printf()"), in a fraction of the time of `replace`."""
PLAIN = CSV | {BOOLEAN: "{0}", INSTANT: "{0} || 'Z'", TEXT: _whole("coalesce({0}, '')")}
"""What Arrow reads by itself."""


def csv(query: Query, connection: BaseDatabaseWrapper) -> Iterator[Part]:
    """Yield the rows as lines of a CSV file: an empty text is two quotes, anything else that is not there nothing."""
    return _lines(query, CSV, _csv_line(query), connection)


def ndjson(query: Query, connection: BaseDatabaseWrapper) -> Iterator[Part]:
    """Yield the rows as lines of JSON."""
    return _lines(query, NDJSON, query.json_line, connection)


def plain(query: Query, connection: BaseDatabaseWrapper) -> Iterator[Part]:
    """Yield lines of a CSV file for Arrow, in which nothing is made for people."""
    return _lines(query, PLAIN, _csv_line(query), connection)


def _csv_line(query: Query) -> list[str]:
    return query.csv_line([IN_QUOTES if column.type == TEXT else "%s" for column in query.columns])


def _lines(
    query: Query, forms: Mapping[Type, str], templates: Sequence[str], connection: BaseDatabaseWrapper
) -> Iterator[Part]:
    cells = [forms[column.type].format(name) for column, name in zip(query.columns, query.names, strict=True)]
    line = " || ".join(in_pieces(cells))
    names = ", ".join(query.names)
    statement = f"WITH found ({names}) AS ({query.sql} LIMIT -1) SELECT {line} FROM found LIMIT -1"
    with connection.cursor() as cursor:
        connection.connection.create_function("without_nul", 1, _without_nul, deterministic=True)
        cursor.execute(statement, (*query.parameters, *templates))
        for rows in takewhile(bool, map(cursor.fetchmany, sizes())):
            yield Part(len(rows), ("\n".join(chain.from_iterable(rows)) + "\n").encode())


def _without_nul(text: str) -> str:
    return text.replace("\0", "\ufffd")
