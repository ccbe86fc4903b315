"""What `bench.exporting` measures: the export of all responses in each format, and the least that could be done.

The least is COPY of the same statement by psycopg on PostgreSQL, and the `sqlite3` shell (Python's csv over a bare
cursor where there is none) on SQLite: the same rows with the same columns, in whatever form the database writes them.
"""

import csv
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connection

from bench._counted import AT
from contacts.exporting import FORMATS
from contacts.exporting.parts import Query, query_of
from contacts.readers import EVERYTHING
from surveys.exported import RESPONSES, rows

Result = dict[str, Any]
SHELL = shutil.which("sqlite3")


def warm(name: str) -> None:
    """Load what a worker loads once in its life, and make the first connection's cache of types."""
    if name.removeprefix("export_") in FORMATS:
        few = RESPONSES.rows({"since": AT.isoformat()}, AT, EVERYTHING)
        for _ in FORMATS[name.removeprefix("export_")].write(few):
            pass


def export(file_format: str) -> Result:
    """Write the file as a download does, and let it go; when its first bytes came, in seconds."""
    memory, begin, first, count, size = _memory(), time.perf_counter(), None, 0, 0
    for part in FORMATS[file_format].write(RESPONSES.rows({}, AT, EVERYTHING)):
        first = first or time.perf_counter() - begin
        count += part.rows
        size += len(part.content)
    return {"rows": count, "bytes": size, "first_byte": first, "grown": _memory() - memory}


def bare() -> Result:
    """Take the same columns out of the database with nothing made of them."""
    query = query_of(rows().filter(test=False), RESPONSES.columns)
    if query is None:
        raise ValueError("There is nothing to export.")
    if connection.vendor == "postgresql":
        return {"rows": _copied(query)}
    return {"rows": _by_shell(query, SHELL) if SHELL else _by_cursor(query)}


def _copied(query: Query) -> int:
    statement = f"COPY ({query.sql}) TO STDOUT (FORMAT csv)"
    with connection.cursor() as cursor, cursor.copy(statement, query.parameters) as copy:
        return sum(1 for _ in copy)


def _by_shell(query: Query, shell: str) -> int:
    """The shell's own CSV, which nobody reads; it counts afterwards."""
    with connection.cursor() as cursor:
        statement = connection.ops.last_executed_query(cursor, query.sql, query.parameters)
    commands = (
        f".mode csv\n.output {os.devnull}\n{statement};\n.output stdout\nSELECT count(*) FROM surveys_response;\n"
    )
    name = str(connection.settings_dict["NAME"])
    return int(subprocess.run([shell, name], input=commands, check=True, capture_output=True, text=True).stdout)


def _by_cursor(query: Query) -> int:
    count = 0
    with connection.cursor() as cursor, Path(os.devnull).open("w", encoding="utf-8") as file:
        cursor.execute(query.sql, query.parameters)
        while chunk := cursor.fetchmany(2000):
            csv.writer(file).writerows(chunk)
            count += len(chunk)
    return count


def _memory() -> float:
    """The most memory that this process has held so far, in MB."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) / 1024


JOBS: dict[str, Callable[..., Result]] = {
    "export_bare": bare,
    **{f"export_{name}": partial(export, name) for name in FORMATS},
}
