"""The SQL views have the columns of the exports and no personal ones; who may read them may do nothing else."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import psycopg
import pytest
import yaml
from django.conf import settings as project
from django.core.management import CommandError, call_command
from django.db import connection

from cxsurvey import sql_views
from cxsurvey.sql_views import VIEWS
from tests.staff import program_of
from tests.surveys.answered import make_response
from tests.surveys.makers import make_touchpoint
from tests.test_api import table

ON_SQLITE = "sqlite" in project.DATABASES["default"]["ENGINE"]
pytestmark = pytest.mark.django_db
PLACE = "" if ON_SQLITE else "cx."


def rows_of(view: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {PLACE}{view}")  # noqa: S608
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_there_is_a_view_for_every_table_that_can_be_downloaded() -> None:
    there = {name.removeprefix("cx_") for name in sql_views._there()}
    assert there == {view.table.name for view in VIEWS}
    assert there >= {"touchpoints", "contacts", "decisions", "responses", "answers"}


def test_a_view_has_what_the_export_has_but_for_what_is_personal() -> None:
    make_response(3, "Nobody rang back.", touchpoint=make_touchpoint(kind="call", agent="Ada"))
    make_response(9, test=True)
    [row] = rows_of("cx_responses")
    [exported] = table(program_of("CX manager"), "/api/v1/exports/responses.csv")
    assert set(exported) - set(row) >= {"comment", "customer", "touchpoint_agent"}
    assert set(row) <= set(exported)
    alike = ("response_id", "survey", "touchpoint_kind", "score", "channel", "contacts_90_days")
    assert [str(row[name]) for name in alike] == [exported[name] for name in alike]


def test_nothing_else_is_missing() -> None:
    missing = {view.table.name: [one for one in view.table.columns if one not in view.columns] for view in VIEWS}
    by_itself = {name: {one.name for one in columns if not one.personal} for name, columns in missing.items()}
    assert {name for name in by_itself if by_itself[name]} == set()


def test_views_are_left_alone_or_made_anew() -> None:
    before = sql_views._there()
    sql_views.install()
    assert sql_views._there() == before
    sql_views.install(VIEWS[1:])
    assert sql_views._there().keys() == before.keys() - {VIEWS[0].name}
    sql_views.remove()
    assert sql_views._there() == {}
    call_command("sql_views", stdout=StringIO())
    assert sql_views._there() == before


def test_dbt_is_told_every_column_and_what_it_means(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("sql_views", "--dbt")
    [source] = yaml.safe_load(capsys.readouterr().out)["sources"]
    tables = {one["name"]: one for one in source["tables"]}
    told = {column["name"]: column["description"] for column in tables["cx_responses"]["columns"]}
    assert told["score"] == "0 to 10, how likely to recommend"
    assert list(told) == [column.name for view in VIEWS if view.name == "cx_responses" for column in view.columns]


@pytest.mark.skipif(not ON_SQLITE, reason="PostgreSQL has roles")
def test_sqlite_has_no_roles_and_the_command_says_so() -> None:
    with pytest.raises(CommandError, match="SQLite has no roles"):
        call_command("sql_views", "--reader", "cx_reader")


@contextmanager
def reader() -> Iterator["psycopg.Connection[Any]"]:
    """A connection of a role that was made as docs/analysts.md says."""
    name = str(project.DATABASES["default"]["NAME"])
    [roles] = re.findall(r"```sql\n(CREATE ROLE.*?)```", (project.BASE_DIR / "docs/analysts.md").read_text(), re.DOTALL)
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS cx_reader")
        for statement in (
            roles.replace("'a long one'", "'secret'").replace("DATABASE cxsurvey", f'DATABASE "{name}"').split(";")
        ):
            if statement.strip():
                cursor.execute(statement)
    call_command("sql_views", "--reader", "cx_reader", stdout=StringIO())
    call_command("migrate", verbosity=0)
    server = {key: value for key, value in connection.get_connection_params().items() if key in ("host", "port")}
    try:
        with psycopg.connect(**server, dbname=name, user="cx_reader", password="secret", autocommit=True) as own:
            yield own
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP OWNED BY cx_reader")
            cursor.execute("DROP ROLE cx_reader")


@pytest.mark.skipif(ON_SQLITE, reason="SQLite has no roles")
@pytest.mark.django_db(transaction=True)
def test_a_reader_reads_the_views_and_nothing_else_and_cannot_write() -> None:
    make_response(9)
    sql_views.remove()
    with reader() as own:
        assert own.execute("SELECT score FROM cx_responses").fetchall() == [(9,)]
        tables = connection.introspection.table_names()
        readable = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')"
        readable += " AND has_table_privilege(oid, 'SELECT')"
        assert own.execute(readable).fetchone() == (0,)
        assert len(tables) > 50
        own.execute("SET default_transaction_read_only = off")  # which anybody may do
        for forbidden in (
            "SELECT 1 FROM public.contacts_customer",
            "UPDATE cx.cx_touchpoints SET kind = 'x'",
            "DELETE FROM cx.cx_answers",
            "CREATE TABLE cx.mine (n int)",
            "CREATE TABLE public.mine (n int)",
            "CREATE TEMPORARY TABLE mine (n int)",
        ):
            with pytest.raises(
                psycopg.DatabaseError, match=r"permission denied|cannot (update|delete)|not automatically"
            ):
                own.execute(forbidden)
