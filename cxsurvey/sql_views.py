"""Views in the database with the columns of the exports but for personal ones, for dbt and tools that speak SQL.

They are made from the same columns, so that they never say something else. On PostgreSQL they stand in a schema of
their own: who may read it may read nothing else. They are taken off before tables are changed and made anew afterwards.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from contacts.exporting import Column, QueryTable
from cxsurvey.exports import TABLES

PREFIX = "cx_"
SCHEMA = "cx"
"""Where they stand on PostgreSQL."""


@dataclass(frozen=True, slots=True)
class View:
    """A view of the table of an export; what colleagues tried out is left out here as there."""

    table: QueryTable

    @property
    def name(self) -> str:
        """What it is called in the database."""
        return f"{PREFIX}{self.table.name}"

    @property
    def rows(self) -> QuerySet[Any]:
        """Its rows: those that are downloaded where nothing is asked for."""
        rows: QuerySet[Any] = self.table.filterset({}, queryset=self.table.query()).qs
        return rows

    @property
    def columns(self) -> list[Column]:
        """Its columns: those of the export that are not personal."""
        return [column for column in self.table.columns if not column.personal]

    @property
    def statement(self) -> str:
        """What makes it."""
        columns = self.columns
        names = ", ".join(f'"{column.name}"' for column in columns)
        return f"CREATE VIEW {_place(self.name)} ({names}) AS {_select(self.rows, columns)}"


VIEWS = tuple(View(table) for table in TABLES.values() if isinstance(table, QueryTable))
"""What is worked out anew for each download is no view."""


def install(views: Iterable[View] = VIEWS) -> None:
    """Make the views, where they are not there as they should be. Those that nobody wants any more go."""
    wanted = {view.name: view.statement for view in views}
    with transaction.atomic():
        there = _there()
        for name in there:
            if there[name] != _mark(wanted.get(name, "")):
                _run(f"DROP VIEW {_place(name)}")
        if connection.vendor == "postgresql" and not _has_schema():
            _run(f"CREATE SCHEMA {SCHEMA}")  # only then, as IF NOT EXISTS asks for the right to make one all the same
        for name, statement in wanted.items():
            if there.get(name) != _mark(statement):
                _run(statement)
                if connection.vendor == "postgresql":
                    _run(f"COMMENT ON VIEW {_place(name)} IS '{_mark(statement)}'")


def remove() -> None:
    """Take the views off. Raises Django's error of the database where views of others stand on them."""
    with transaction.atomic():
        for name in _there():
            _run(f"DROP VIEW {_place(name)}")


def let_read(role: str) -> None:
    """Let a role of PostgreSQL read the views, also as they will be made anew, and find them by their bare names.

    Raises Django's error of the database where there is no such role.
    """
    name = connection.ops.quote_name(role)
    with transaction.atomic():
        _run(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {name}")
        _run(f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {name}")
        _run(f"ALTER DEFAULT PRIVILEGES IN SCHEMA {SCHEMA} GRANT SELECT ON TABLES TO {name}")
        _run(f"ALTER ROLE {name} SET search_path = {SCHEMA}")
        _run(f"ALTER ROLE {name} SET default_transaction_read_only = on")


def as_dbt_source() -> dict[str, Any]:
    """Return what dbt's file of sources says about the views (docs.getdbt.com, "Add sources to your DAG")."""
    tables = [
        {
            "name": view.name,
            "description": view.table.about,
            "columns": [{"name": column.name, "description": column.meaning} for column in view.columns],
        }
        for view in VIEWS
    ]
    return {"version": 2, "sources": [{"name": "cxsurvey", "schema": SCHEMA, "tables": tables}]}


def _place(name: str) -> str:
    return f"{SCHEMA}.{name}" if connection.vendor == "postgresql" else name


def _select(rows: QuerySet[Any], columns: Sequence[Column]) -> str:
    """The statement that gives these columns, without parameters, which a view cannot have."""
    computed = {f"_{column.name}": column.source for column in columns if not isinstance(column.source, str)}
    names = [column.source if isinstance(column.source, str) else f"_{column.name}" for column in columns]
    query = rows.order_by().annotate(**computed).values_list(*names).query
    sql, parameters = query.get_compiler(connection=connection).as_sql()
    return str(sql) % tuple(_written(value) for value in parameters)


def _written(value: Any) -> str:
    """A value as the database writes it into a statement."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            return str(cursor.mogrify("%s", [value]))
        cursor.execute("SELECT quote(%s)", [value])
        return str(cursor.fetchone()[0])


def _mark(statement: str) -> str:
    """How a statement is told from another one."""
    return hashlib.sha256(statement.encode()).hexdigest()


def _there() -> dict[str, str]:
    """Name -> mark of the views that are there."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT relname, coalesce(obj_description(oid, 'pg_class'), '') FROM pg_class "
                "WHERE relkind = 'v' AND relnamespace = to_regnamespace(%s)",
                [SCHEMA],
            )
            return dict(cursor.fetchall())
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view' AND name LIKE %s", [f"{PREFIX}%"])
        return {name: _mark(sql) for name, sql in cursor.fetchall()}


def _has_schema() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s) IS NOT NULL", [SCHEMA])
        return bool(cursor.fetchone() == (True,))


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
