"""Databases that a test backs up, puts back and breaks: none of them is the suite's own."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import environ
import psycopg
from django.db import connection, connections
from psycopg import sql

from tests.postgres import database_url, tool


@contextmanager
def connected_to(url: str) -> Iterator[None]:
    """Let this thread and the processes that it forks work on the database at a DATABASE_URL of the suite's kind."""
    connection.close()
    suites = connections["default"]
    place = environ.Env.db_url_config(url)
    options = suites.settings_dict["OPTIONS"] | place.get("OPTIONS", {})
    own = suites.settings_dict | {"NAME": place["NAME"], "HOST": place["HOST"], "OPTIONS": options}
    connections["default"] = type(suites)(own, alias="default")
    try:
        yield
    finally:
        connection.close()
        connections["default"] = suites


def back_up(url: str, copy: Path) -> None:
    """Make a backup as docs/operations.md says, while the database is in use."""
    place = urlsplit(url)
    if place.scheme == "sqlite":
        with closing(sqlite3.connect(place.path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    else:
        tool("pg_dump", "--format", "custom", "--file", str(copy), url)


def restore(url: str, copy: Path) -> None:
    """Put a backup in the place of the database, in which nobody works any more."""
    connection.close()
    place = urlsplit(url)
    if place.scheme == "sqlite":
        for leftover in (f"{place.path}-wal", f"{place.path}-shm"):
            Path(leftover).unlink(missing_ok=True)
        shutil.copy(copy, place.path)
        return
    name = sql.Identifier(place.path.removeprefix("/"))
    with psycopg.connect(database_url(url, "postgres"), autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
    tool("pg_restore", "--dbname", url, str(copy))
