"""Where the benchmarks run: a PostgreSQL of their own or SQLite files, and worlds that are copied for each run."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import psycopg

from tests.postgres import database_url, postgres_server

SETTINGS = {"autovacuum": "off", "max_wal_size": "16GB", "checkpoint_timeout": "1h"}
"""Nothing that the server does by itself falls into one run and not into the other."""


class Databases(Protocol):
    """A place for worlds."""

    vendor: str
    version: str

    def create(self, name: str) -> str:
        """Make an empty database and return its DATABASE_URL."""

    def copied(self, name: str) -> AbstractContextManager[str]:
        """Give the DATABASE_URL of a copy that is gone afterwards."""

    def drop(self, name: str) -> None:
        """Remove a world."""

    def cpu_seconds(self) -> float:
        """Return the processor time that the server has used so far."""


def cpu_seconds(process_id: int, *, children: bool = False) -> float:
    """Return the processor time of a process, in user and system mode, and of those it has waited for (proc(5))."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11 : 15 if children else 13])) / os.sysconf("SC_CLK_TCK")


class Postgres:
    """A server started for the benchmark."""

    vendor = "postgresql"

    def __init__(self, url: str) -> None:
        self.url = url
        with psycopg.connect(url, autocommit=True) as connection:
            for name, value in SETTINGS.items():
                connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            connection.execute("SELECT pg_reload_conf()")
            [text] = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone() or [""]
            self.postmaster = int(text.split()[0])
            self.version = "PostgreSQL " + connection.info.parameter_status("server_version").split()[0]

    def create(self, name: str) -> str:
        self._execute(f"CREATE DATABASE {name}")
        return database_url(self.url, name)

    @contextmanager
    def copied(self, name: str) -> Iterator[str]:
        self._execute(f"CREATE DATABASE run TEMPLATE {name} STRATEGY file_copy", "CHECKPOINT")
        try:
            yield database_url(self.url, "run")
        finally:
            self.drop("run")

    def drop(self, name: str) -> None:
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def cpu_seconds(self) -> float:
        while True:  # until no process ended meanwhile
            children = self._children()
            try:
                used = sum(cpu_seconds(child) for child in children) + cpu_seconds(self.postmaster, children=True)
            except FileNotFoundError:
                continue
            if children == self._children():
                return used

    def _children(self) -> list[int]:
        return [*map(int, Path(f"/proc/{self.postmaster}/task/{self.postmaster}/children").read_text().split())]

    def _execute(self, *statements: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


class Sqlite:
    """Files in a folder."""

    vendor = "sqlite"
    version = f"SQLite {sqlite3.sqlite_version}"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, name: str) -> str:
        return f"sqlite:///{self._path(name)}"

    @contextmanager
    def copied(self, name: str) -> Iterator[str]:
        shutil.copyfile(self._path(name), self._path("run"))
        try:
            yield self.create("run")
        finally:
            self.drop("run")

    def drop(self, name: str) -> None:
        for path in self.folder.glob(f"{name}.sqlite3*"):
            path.unlink()

    def cpu_seconds(self) -> float:
        return 0.0

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite3"


@contextmanager
def databases(vendor: str) -> Iterator[Databases]:
    """Run databases of a vendor; nothing of them is left afterwards."""
    if vendor == "postgresql":
        with postgres_server() as url:
            yield Postgres(url)
    else:
        with TemporaryDirectory(prefix="cxsurvey-bench-") as folder:
            yield Sqlite(Path(folder))
