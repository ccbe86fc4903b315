"""Personal columns are for who may see them, in every way in which rows leave the house; others join by our number."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from pytest_django import Settings

from cxsurvey import exports
from cxsurvey.exports import TABLES
from cxsurvey.models import ExportRun
from tests.exports.files import got, read
from tests.staff import member_of, program_of, with_token
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_touchpoint

DOOR = "/api/v1/exports/"


def managers_without_scope() -> Client:
    return with_token(member_of("CX manager"), "export")


@pytest.mark.django_db
def test_without_the_right_or_the_scope_they_are_left_out_and_refused_by_name() -> None:
    make_response(1, "Nobody rang back.")
    for client in (program_of("Analyst"), managers_without_scope()):
        [row] = read(got(client, "responses.csv"), "csv")
        assert {"comment", "customer", "touchpoint_agent"} & set(row) == set()
        [touchpoint] = read(got(client, "touchpoints.csv"), "csv")
        assert row["person_id"] == touchpoint["person_id"] != ""
        said = got(client, "responses.csv?columns=score,comment", 403)["detail"]
        assert said.startswith("comment is hidden from you. It takes the right “Can see names, addresses and comments”")
        wide = got(client, "responses.csv?shape=wide&survey=nps", 200)
        assert b"Nobody rang back." not in wide
        page = client.get("/api/v1/responses/").json()["results"][0]
        assert (page["customer"], page["person_id"]) == (None, int(row["person_id"]))
        assert {answer["text"] for answer in page["answers"]} == {None}
    [row] = read(got(program_of("CX manager"), "responses.csv"), "csv")
    assert row["comment"] == "Nobody rang back."


@pytest.mark.django_db
def test_the_dictionary_says_which_columns_are_yours() -> None:
    for client, sees in ((program_of("Analyst"), False), (program_of("CX manager"), True)):
        lines = client.get("/api/v1/dictionary/").json()["tables"]
        assert {column["yours"] for table in lines for column in table["columns"] if column["personal"]} == {sees}
        assert all(column["yours"] for table in lines for column in table["columns"] if not column["personal"])
        page = client.get("/api/v1/dictionary/?format=html").content.decode()
        assert ("yes, hidden from you" in page) is not sees
    assert any(column.personal for table in TABLES.values() for column in table.columns)


@pytest.fixture
def asked(transactional_db: None, tmp_path: Path, settings: Settings) -> Any:
    """What a manager asked for, agents among it."""
    settings.EXPORTS_FOLDER = str(tmp_path / "exports")
    make_touchpoint(agent="Ada")
    body = {"table": "touchpoints", "format": "csv", "columns": ["kind", "agent"]}
    answer = program_of("CX manager").post(DOOR, json.dumps(body), "application/json")
    assert answer.status_code == 202
    return answer.json()["id"]


def lose_the_right() -> None:
    member_of("CX manager").groups.set([Group.objects.get(name="Analyst")])


def fetched(client: Client, pk: int) -> Any:
    return client.get(f"{DOOR}{pk}/file/")


def test_a_job_has_the_rights_of_who_asked_and_another_token_of_theirs_its_own(asked: int) -> None:
    exports.write_waiting(lambda: NOON + timedelta(minutes=1))
    assert b"Ada" in b"".join(fetched(program_of("CX manager"), asked).streaming_content)
    refused = fetched(managers_without_scope(), asked)
    assert refused.status_code == 403
    assert "is hidden from you" in refused.json()["detail"]


def test_who_lost_the_right_since_gets_no_file(asked: int) -> None:
    exports.write_waiting(lambda: NOON + timedelta(minutes=1))
    client = program_of("CX manager")
    lose_the_right()
    assert fetched(client, asked).status_code == 403


def test_who_lost_the_right_before_it_was_written_gets_none_written(asked: int, tmp_path: Path) -> None:
    lose_the_right()
    exports.write_waiting(lambda: NOON + timedelta(minutes=1))
    run = ExportRun.objects.get(pk=asked)
    assert (run.state, run.file) == ("failed", "")
    assert "may not take this table home any more" in run.problem


@pytest.mark.django_db
def test_what_cannot_be_seen_cannot_be_asked_for_as_a_job_either() -> None:
    body = {"table": "touchpoints", "format": "csv", "columns": ["agent"]}
    answer = program_of("Analyst").post(DOOR, json.dumps(body), "application/json")
    assert (answer.status_code, ExportRun.objects.count()) == (403, 0)
