"""Tables as files, streamed: a column is a name, where it comes from and what it means, always in one order."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import Combinable

CHUNK = 2000
#: What a spreadsheet would take as the start of a formula (OWASP, "CSV Injection").
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Type(StrEnum):
    """What the values of a column are: a text is in the words of people or of other systems, a code is one of ours."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    DAY = "day"
    TEXT = "text"
    CODE = "code"
    JSON = "json"


INTEGER, NUMBER, BOOLEAN, INSTANT, DAY, TEXT, CODE, JSON = Type


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an export: `source` is a field path or an expression, the rest its line in the data dictionary.

    `empty`: there may be nothing in it. `personal`: it names a person or says what one said, so that it is only for who
    may see that: names, addresses, ids by which other systems know people, words of their own.
    """

    name: str
    source: str | Combinable
    meaning: str
    type: Type = TEXT
    unit: str = ""
    empty: bool = False
    personal: bool = False


def read(rows: QuerySet[Any], columns: Sequence[Column]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows as tuples in the order of the columns, without holding them all."""
    computed = {f"_{column.name}": column.source for column in columns if not isinstance(column.source, str)}
    names = [column.source if isinstance(column.source, str) else f"_{column.name}" for column in columns]
    yield from rows.annotate(**computed).values_list(*names).iterator(chunk_size=CHUNK)


def as_csv(rows: Iterable[tuple[Any, ...]], columns: Sequence[Column]) -> Iterator[bytes]:
    """Yield a CSV file (RFC 4180, UTF-8): instants in ISO 8601 UTC, lists as JSON, empty for null, no live formulas."""
    yield _csv_lines([[column.name for column in columns]])
    for chunk in _chunks(rows):
        yield _csv_lines([_cell(value) for value in row] for row in chunk)


def as_ndjson(rows: Iterable[tuple[Any, ...]], columns: Sequence[Column]) -> Iterator[bytes]:
    """Yield one JSON object a line, its keys in the order of the columns."""
    names = [column.name for column in columns]
    for chunk in _chunks(rows):
        lines = (json.dumps(dict(zip(names, map(_plain, row), strict=True)), ensure_ascii=False) for row in chunk)
        yield "".join(f"{line}\n" for line in lines).encode()


FORMATS = {"csv": (as_csv, "text/csv; charset=utf-8"), "ndjson": (as_ndjson, "application/x-ndjson")}


def _chunks(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def _csv_lines(rows: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _plain(value: Any) -> Any:
    """Return the value as JSON has it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return float(value) if isinstance(value, Decimal) else value


def _cell(value: Any) -> Any:
    """Return the value as CSV has it."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return _plain(value)
