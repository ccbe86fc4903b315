"""Where the rows of a file come from: a query, of which the database makes the text; or a list, of which we do."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from django.db import connection as default
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from contacts.exporting import postgres, sqlite
from contacts.exporting.arrow import batches_of, schema_of
from contacts.exporting.columns import TEXT, Column
from contacts.exporting.formulas import guarded
from contacts.exporting.parts import CHUNK, Part, query_of

if TYPE_CHECKING:
    import pyarrow as pa


class Rows(Protocol):
    """Rows that are read once, from the first to the last, in one of these ways.

    `next_changes_since`: the token after which the next rows are those that were committed since; empty where there is
    no such thing.
    """

    columns: Sequence[Column]
    next_changes_since: str

    def count(self, most: int | None = None) -> int:
        """Return how many there are, counting no further than `most`."""

    def csv(self) -> Iterator[Part]:
        """Yield lines of a CSV file."""

    def ndjson(self) -> Iterator[Part]:
        """Yield lines of JSON, one object each."""

    def batches(self) -> "Iterator[pa.RecordBatch]":
        """Yield columns of many rows."""


class Queried:
    """The rows of a query set, at one instant: each way of reading is one statement."""

    def __init__(
        self,
        rows: QuerySet[Any],
        columns: Sequence[Column],
        next_changes_since: str = "",
        connection: BaseDatabaseWrapper | None = None,
    ) -> None:
        self.columns = columns
        self.next_changes_since = next_changes_since
        self._rows = rows
        self._query = query_of(rows, columns)
        self._connection = connection or default
        self._database = postgres if self._connection.vendor == "postgresql" else sqlite

    def count(self, most: int | None = None) -> int:
        """Return how many there are, counting no further than `most`."""
        rows = self._rows.order_by()
        return (rows[:most] if most else rows).count()

    def csv(self) -> Iterator[Part]:
        """Yield lines of a CSV file, made by the database."""
        return self._database.csv(self._query, self._connection) if self._query else iter(())

    def ndjson(self) -> Iterator[Part]:
        """Yield lines of JSON, made by the database."""
        return self._database.ndjson(self._query, self._connection) if self._query else iter(())

    def batches(self) -> "Iterator[pa.RecordBatch]":
        """Yield columns of many rows."""
        if self._query is None:
            return iter(())
        return batches_of(self._database.plain(self._query, self._connection), self.columns)


class Listed:
    """Rows that are worked out and not read: tuples in the order of the columns."""

    def __init__(self, rows: Iterable[tuple[Any, ...]], columns: Sequence[Column]) -> None:
        self.columns = columns
        self.next_changes_since = ""
        self._rows = list(rows)

    def count(self, most: int | None = None) -> int:
        """Return how many there are, counting no further than `most`."""
        return min(len(self._rows), most or len(self._rows))

    def csv(self) -> Iterator[Part]:
        """Yield lines of a CSV file, as the databases make them."""
        guards = [column.type == TEXT for column in self.columns]
        return self._parts(lambda rows: csv_lines([map(_cell, row, guards) for row in rows]))

    def ndjson(self) -> Iterator[Part]:
        """Yield lines of JSON, as the databases make them."""
        names = [column.name for column in self.columns]
        return self._parts(lambda rows: "".join(f"{_object(names, row)}\n" for row in rows).encode())

    def batches(self) -> "Iterator[pa.RecordBatch]":
        """Yield columns of many rows."""
        import pyarrow as pa

        schema = schema_of(self.columns)
        for rows in self._chunks():
            known = ([None if value == "" else value for value in values] for values in zip(*rows, strict=True))
            columns = zip(known, schema.types, strict=True)
            yield pa.record_batch([pa.array(values, kind) for values, kind in columns], schema)

    def _parts(self, form: Callable[[list[tuple[Any, ...]]], bytes]) -> Iterator[Part]:
        for rows in self._chunks():
            yield Part(len(rows), form(rows))

    def _chunks(self) -> Iterator[list[tuple[Any, ...]]]:
        rows = iter(self._rows)
        while chunk := list(islice(rows, CHUNK)):
            yield chunk


def csv_lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """Return lines of a CSV file (RFC 4180, but that lines end as those of the databases do)."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _object(names: Sequence[str], row: Iterable[Any]) -> str:
    return json.dumps(dict(zip(names, map(_plain, row), strict=True)), ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    """Return the value as JSON has it: instants with microseconds, so that each is written alike."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def _cell(value: Any, guard: bool) -> Any:  # noqa: FBT001 - of a row of values and a row of guards
    """Return the value as CSV has it."""
    return guarded(value) if guard and isinstance(value, str) else _plain(value)
