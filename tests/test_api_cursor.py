"""Pages of the API while rows come and change: each row once, and what came behind a page with the next pull."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client

from surveys.models import Response
from tests.contacts.test_changes import writing
from tests.staff import program_of
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_touchpoint, make_version

ON_SQLITE = "sqlite" in project.DATABASES["default"]["ENGINE"]
URL = "/api/v1/responses/?page_size=2"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def analyst() -> Client:
    return program_of("Analyst")


def ids(page: dict[str, Any]) -> list[int]:
    return [row["id"] for row in page["results"]]


def rest(client: Client, page: dict[str, Any]) -> list[int]:
    """The ids of all pages from this one on."""
    found = ids(page)
    while page["next"]:
        page = client.get(page["next"]).json()
        found += ids(page)
    return found


def make(number: int) -> list[int]:
    version, touchpoint = make_version(), make_touchpoint()
    return [make_response(version=version, touchpoint=touchpoint).pk for _ in range(number)]


def change(*responses: int) -> None:
    Response.objects.filter(pk__in=responses).update(updated_at=NOON + timedelta(hours=1))


@pytest.mark.parametrize("asked", ["", "&changes_since=beginning"])
def test_rows_that_change_and_come_meanwhile_are_neither_missed_nor_repeated(analyst: Client, asked: str) -> None:
    made = make(5)
    first = analyst.get(URL + asked).json()
    change(made[0], made[4])  # one that was read, and one that is still to be read
    new = make(1)
    seen = rest(analyst, first)
    after = rest(analyst, analyst.get(f"{URL}&changes_since={first['next_changes_since']}").json())
    assert after == [made[0], made[4], *new]
    assert seen == (made[:4] if asked else [*made, *new])


def test_the_token_of_every_page_is_that_of_the_first(analyst: Client) -> None:
    make(3)
    first = analyst.get(URL).json()
    make(1)
    second = analyst.get(first["next"]).json()
    assert second["next_changes_since"] == first["next_changes_since"]


@pytest.mark.skipif(ON_SQLITE, reason="On SQLite ids follow commits")
def test_a_row_that_is_committed_behind_a_page_comes_with_its_token(analyst: Client) -> None:
    version, touchpoint = make_version(), make_touchpoint()
    late: list[int] = []
    with writing(lambda: late.append(make_response(version=version, touchpoint=touchpoint).pk)) as commit:
        early = make_response(version=version, touchpoint=touchpoint).pk
        page = analyst.get(URL).json()
        commit()
    assert ids(page) == [early]
    assert late[0] < early
    again = analyst.get(f"{URL}&changes_since={page['next_changes_since']}").json()
    assert ids(again) == [*late, early]  # the second again: it was committed while the first was in the making


@pytest.mark.parametrize("name", ["changes_since", "as_of"])
def test_a_token_that_tells_nothing_is_refused_with_what_to_do(analyst: Client, name: str) -> None:
    refused = analyst.get(f"{URL}&{name}=yesterday")
    assert refused.status_code == 400
    assert "beginning" in refused.json()[name][0]
    export = analyst.get("/api/v1/exports/touchpoints.csv?changes_since=yesterday")
    assert (export.status_code, list(export.json())) == (400, ["changes_since"])
