"""The data dictionary agrees with the tables that columns come from."""

from typing import Any

import pytest
from django.db import models
from django.test import Client

from contacts.exporting import BOOLEAN, CODE, DAY, INSTANT, INTEGER, JSON, NUMBER, TEXT, Column, QueryTable, Type
from cxsurvey.exports import TABLES
from tests.staff import client_of, program_of
from tests.surveys.asked import ask, make_asked

KINDS: list[tuple[type[Any], set[Type]]] = [
    (models.BooleanField, {BOOLEAN}),
    (models.DateTimeField, {INSTANT}),
    (models.DateField, {DAY}),
    (models.DecimalField, {NUMBER}),
    (models.FloatField, {NUMBER}),
    (models.IntegerField, {INTEGER}),
    (models.ForeignKey, {INTEGER}),
    (models.JSONField, {JSON}),
    (models.SlugField, {CODE, TEXT}),
    (models.CharField, {CODE, TEXT}),
    (models.TextField, {TEXT}),
]
COLUMNS = [
    pytest.param(table, column, id=f"{table.name}.{column.name}")
    for table in TABLES.values()
    if isinstance(table, QueryTable)
    for column in table.columns
    if isinstance(column.source, str) and not column.source.startswith("_") and column.source != "attributes__flags"
]


def followed(table: QueryTable, path: str) -> list[Any]:
    """Return the fields that a path leads over."""
    model: Any = table.query().model
    fields = []
    for name in path.split("__"):
        field = model._meta.pk if name == "pk" else model._meta.get_field(name)
        fields.append(field)
        model = field.related_model
    return fields


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_column_is_what_its_field_is(table: QueryTable, column: Column) -> None:
    *way, field = followed(table, str(column.source))
    [types, *_] = [types for kind, types in KINDS if isinstance(field, kind)]
    assert column.type in types
    steps = [step for step in (*way, field) if step.name != "open_link"]  # those without have tables of their own
    may_be_nothing = any(getattr(step, "null", True) for step in steps) or (
        isinstance(field, models.CharField | models.TextField) and field.blank
    )
    assert column.empty or not may_be_nothing
    if field.choices:
        assert column.type == CODE


PERSONAL = {
    "customer",
    "name",
    "email",
    "phone",
    "agent",
    "touchpoint_agent",
    "by",
    "comment",
    "text",
    "attributes",
    "account",
    "state_reason",
    "wording",
    "evidence",
}


@pytest.mark.parametrize("name", TABLES)
def test_every_column_says_what_it_means_and_who_may_see_it(name: str) -> None:
    columns = TABLES[name].columns
    assert len({column.name for column in columns}) == len(columns)
    for column in columns:
        assert len(column.meaning) > 4
        wanted = column.name in PERSONAL or (name, column.name) == ("customers", "external_id")
        assert column.personal == (wanted and (name, column.name) != ("scores", "by"))


@pytest.mark.django_db
def test_programs_get_every_table_with_its_columns() -> None:
    told = program_of("Analyst").get("/api/v1/dictionary/").json()["tables"]
    assert {one["name"]: [column["name"] for column in one["columns"]] for one in told} == {
        name: [column.name for column in table.columns] for name, table in TABLES.items()
    }
    seconds = next(
        column for one in told if one["name"] == "responses" for column in one["columns"] if column["name"] == "seconds"
    )
    assert (seconds["type"], seconds["unit"], seconds["empty"], seconds["personal"]) == (
        "integer",
        "seconds",
        True,
        False,
    )


@pytest.mark.django_db
def test_people_get_a_page() -> None:
    reader = client_of("Analyst")
    page = reader.get("/api/v1/dictionary/", headers={"accept": "text/html"})
    assert page["Content-Type"].startswith("text/html")
    text = page.content.decode()
    assert "in the customer&#x27;s words" in text
    assert text.count("<h2") == len(TABLES)
    assert "style" not in page["Content-Security-Policy"] or "'nonce-" in page["Content-Security-Policy"]


@pytest.mark.django_db
def test_the_questions_of_a_survey_are_in_it_too() -> None:
    version = make_asked(ask("reason", "text"))
    address = f"/api/v1/dictionary/?table=responses&survey={version.survey.slug}"
    [told] = program_of("Analyst").get(address).json()["tables"]
    assert [column["personal"] for column in told["columns"] if column["name"] == "reason"] == [True]
    assert "There are:" in program_of("Analyst").get("/api/v1/dictionary/?survey=x").json()["survey"][0]


@pytest.mark.django_db
def test_it_is_for_whoever_logs_in() -> None:
    assert Client().get("/api/v1/dictionary/").status_code == 401
    assert program_of("Analyst").get("/api/v1/dictionary/?table=x").status_code == 404
