"""Exports as tests read them: every format into the same rows."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

import openpyxl
import pyarrow.parquet as pq
from django.test import Client

from contacts.exporting import FORMATS, Rows, Table
from contacts.readers import EVERYTHING
from tests.surveys.makers import NOON

LISTED = "/api/v1/exports/"


def written(rows: Rows, file_format: str) -> bytes:
    """Return the file that a format makes of rows."""
    return b"".join(part.content for part in FORMATS[file_format].write(rows))


def rows_of(table: Table, file_format: str, **asked: str) -> list[dict[str, Any]]:
    """Return what a reader of a format gets of a table."""
    return read(written(table.rows(asked, NOON, EVERYTHING), file_format), file_format)


def read(content: bytes, file_format: str) -> list[dict[str, Any]]:
    """Return the rows of a file, by column: CSV as texts, the others with types."""
    if file_format == "csv":
        return list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    if file_format == "ndjson":
        return [json.loads(line) for line in content.splitlines()]
    if file_format == "parquet":
        return list(pq.read_table(io.BytesIO(content)).to_pylist())
    names, *lines = openpyxl.load_workbook(io.BytesIO(content))["Rows"].iter_rows(values_only=True)
    return [dict(zip(map(str, names), line, strict=True)) for line in lines]


def got(client: Client, address: str, status: int = 200) -> Any:
    """Return the answer to a request below /api/v1/exports/: the content of a file, else what JSON says."""
    answer = client.get(f"{LISTED}{address}")
    assert answer.status_code == status, answer.content
    return answer.json() if status >= 400 else bytes(answer.getvalue())


def told(run: Mapping[str, Any], *names: str) -> list[Any]:
    """Return some of what the API says of an export."""
    return [run[name] for name in names]
