"""What a file is sent in: parts, each with how many rows it holds."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from contacts.exporting.columns import Column

FIRST, CHUNK = 50, 2_000
"""Rows of the first part of a text, so that whoever waits sees it begin, and of each other one."""
PIECE = 90
"""Cells that one call of `format` puts together: functions of both databases take about a hundred arguments."""


class Part(NamedTuple):
    """Bytes of a file, and how many rows end in them."""

    rows: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Query:
    """A statement whose columns are named c0, c1 ... in the order of an export's columns, and its parameters."""

    sql: str
    parameters: tuple[Any, ...]
    columns: Sequence[Column]

    @property
    def names(self) -> list[str]:
        """The names of its columns."""
        return [f"c{place}" for place in range(len(self.columns))]

    def csv_line(self, places: Sequence[str]) -> list[str]:
        """What the cells of a line stand in, as `format` takes it, for `PIECE` columns each; one place a column."""
        return _pieces([f"{',' * bool(n)}{place}" for n, place in enumerate(places)])

    @property
    def json_line(self) -> list[str]:
        """The same for a JSON object, whose closing brace is the end of the last one."""
        names = [json.dumps(column.name, ensure_ascii=False).replace("%", "%%") for column in self.columns]
        fields = [f"{'{,'[bool(place)]}{name}:%s" for place, name in enumerate(names)]
        return _pieces([*fields[:-1], fields[-1] + "}"])


def sizes() -> Iterator[int]:
    """Return how many rows each part of a text has."""
    return chain((FIRST,), repeat(CHUNK))


def query_of(rows: QuerySet[Any], columns: Sequence[Column]) -> Query | None:
    """Return the statement of a query set; None where it is known to find nothing."""
    computed = {f"_{column.name}": column.source for column in columns if not isinstance(column.source, str)}
    names = [column.source if isinstance(column.source, str) else f"_{column.name}" for column in columns]
    query = rows.annotate(**computed).values_list(*names).query
    try:
        sql, parameters = query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return None
    return Query(sql, tuple(parameters), columns)


def in_pieces(cells: Sequence[str]) -> list[str]:
    """Return the calls of `format` that put the cells together, each with a place for its template."""
    return [f"format(%s, {', '.join(cells[place : place + PIECE])})" for place in range(0, len(cells), PIECE)]


def _pieces(texts: Sequence[str]) -> list[str]:
    return ["".join(texts[place : place + PIECE]) for place in range(0, len(texts), PIECE)]
