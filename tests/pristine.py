"""The suite's database: migrated once for all its workers, and put back after each test that commits."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import TypeAlias

from django.conf import settings
from django.db import connection, transaction
from fasteners import InterProcessLock

from cxsurvey import audit_triggers

Shared: TypeAlias = Callable[[], AbstractContextManager[None]]
"""What a module's fixtures make rows in that all of its tests share (`with shared():`)."""
FIRST_ROWS = "first_rows_of_"
"""Before a table's name: the table that keeps what migrations wrote into it."""


def migrate(url: str) -> None:
    """Migrate the database of a DATABASE_URL as an operator does, which must work where nothing is there yet."""
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(command, cwd=settings.BASE_DIR, env=os.environ | {"DATABASE_URL": url}, check=True)


def migrated_file(folder: Path) -> Path:
    """Return a migrated SQLite database in a folder that several workers see; the first who asks makes it."""
    file, unfinished = folder / "migrated.sqlite3", folder / "unfinished.sqlite3"
    with InterProcessLock(folder / "migrated.lock"):
        if not file.exists():
            migrate(f"sqlite:///{unfinished}")
            unfinished.rename(file)
    return file


def keep_first_rows() -> list[str]:
    """Keep a copy of what migrations wrote, in the database itself; return the tables that they wrote into."""
    written = filled()
    with connection.cursor() as cursor:
        for table in written:
            cursor.execute(f"CREATE TABLE {FIRST_ROWS}{table} AS SELECT * FROM {table}")
    return written


def put_back(written: list[str]) -> None:
    """Leave in the tables what migrations wrote and nothing else.

    Django's own flush empties all tables, on PostgreSQL by writing new files for each, and then brings the first rows
    back one by one.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        there = filled()
        if kept := {audit_triggers.AUDIT, audit_triggers.CONSENTS} & set(there):
            audit_triggers.remove()
        for table in there:
            cursor.execute(f"DELETE FROM {table}")
        if kept:
            audit_triggers.install()
        for table in written:
            cursor.execute(f"INSERT INTO {table} SELECT * FROM {FIRST_ROWS}{table}")


@cache
def tables() -> list[str]:
    """Return the tables of all models."""
    return list(connection.introspection.django_table_names(only_existing=True, include_views=False))


def filled() -> list[str]:
    """Return the tables that have a row."""
    asked = [f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables()]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        return [table for (table,) in cursor.fetchall()]
