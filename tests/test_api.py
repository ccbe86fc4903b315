"""What analysts get: with their rights, row by row, as files that tools read."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
import yaml
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.test import Client

from contacts.models import Contact
from surveys.models import Response
from tests.staff import program_of
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_customer, make_touchpoint, make_version

EXPORTS = ("responses", "answers", "invitations", "touchpoints", "contacts", "decisions", "scores", "inclusion")
pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> Client:
    return program_of("CX manager")


@pytest.fixture
def analyst() -> Client:
    """A client with the token of an analyst."""
    return program_of("Analyst")


def body(client: Client, url: str) -> bytes:
    response = client.get(url)
    assert response.status_code == 200, response.content
    return bytes(response.getvalue())


def table(client: Client, url: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(client, url).decode())))


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("file_format", ["csv", "ndjson", "parquet", "xlsx"])
def test_every_table_can_be_downloaded_by_an_analyst(analyst: Client, name: str, file_format: str) -> None:
    assert body(analyst, f"/api/v1/exports/{name}.{file_format}") is not None


@pytest.mark.parametrize("url", [*(f"/api/v1/exports/{name}.csv" for name in EXPORTS), "/api/v1/responses/"])
def test_nobody_downloads_without_a_token(url: str) -> None:
    assert Client().get(url).status_code == 401


@pytest.mark.parametrize("name", EXPORTS)
def test_seeing_rows_is_not_the_right_to_take_them_home(name: str) -> None:
    assert program_of("Interviewer").get(f"/api/v1/exports/{name}.csv").status_code == 403


def test_an_unknown_format_is_not_found(analyst: Client) -> None:
    assert analyst.get("/api/v1/exports/responses.pdf").status_code == 404


@pytest.mark.parametrize("query", ["since=yesterday", "colour=red", "updated_since=2026-13-01T00:00:00Z"])
def test_a_bad_filter_is_named(analyst: Client, query: str) -> None:
    answer = analyst.get(f"/api/v1/exports/responses.csv?{query}")
    assert answer.status_code == 400
    assert query.split("=", maxsplit=1)[0] in answer.json()


def test_a_response_carries_its_touchpoint_score_comment_and_whether_it_is_simulated(manager: Client) -> None:
    touchpoint = make_touchpoint(kind="call", team="North")
    make_response(3, "Nobody rang back.", call_me=True, touchpoint=touchpoint, simulated=True)
    (row,) = table(manager, "/api/v1/exports/responses.csv")
    assert (row["touchpoint_kind"], row["touchpoint_team"], row["score"]) == ("call", "North", "3")
    assert (row["comment"], row["contact_wish"], row["simulated"]) == ("Nobody rang back.", "1", "True")
    assert row["answered_at"] == "2026-05-05T12:00:00.000000+00:00"


def make_contact(days_before: float, **fields: Any) -> Contact:
    at = NOON - timedelta(days=days_before)
    values = {"channel": "email", "purpose": "invitation", "outcome": "delivered", "source": "test"} | fields
    return Contact.objects.create(at=at, recorded_at=at, updated_at=at, **values)


@pytest.mark.parametrize(
    ("fields", "counted"),
    [
        ({"days_before": 1}, 1),
        ({"days_before": 90}, 1),
        ({"days_before": 90.01}, 0),
        ({"days_before": 5, "outcome": "bounced"}, 0),
        ({"days_before": 5, "purpose": "response", "channel": ""}, 0),
    ],
)
def test_contacts_of_the_90_days_before_are_counted(analyst: Client, fields: dict[str, Any], counted: int) -> None:
    response = make_response()
    make_contact(customer=response.customer, **fields)
    (row,) = table(analyst, "/api/v1/exports/responses.csv")
    assert int(row["contacts_90_days"]) == counted
    assert analyst.get("/api/v1/responses/").json()["results"][0]["contacts_90_days"] == counted


@pytest.mark.parametrize("by", ["the record that stands for the person", "a record that was merged"])
def test_contacts_before_are_those_of_the_person_on_all_records(analyst: Client, by: str) -> None:
    head = make_customer()
    merged = make_customer(merged_into=head)
    make_response(touchpoint=make_touchpoint(merged if by == "a record that was merged" else head))
    for customer in (head, merged, make_customer()):
        make_contact(5, customer=customer)
    (row,) = table(analyst, "/api/v1/exports/responses.csv")
    assert int(row["contacts_90_days"]) == 2
    assert analyst.get("/api/v1/responses/").json()["results"][0]["contacts_90_days"] == 2


def test_pages_follow_each_other_without_gap_or_repetition(analyst: Client) -> None:
    version = make_version()
    made = [make_response(version=version).pk for _ in range(5)]
    seen, url = [], "/api/v1/responses/?page_size=2"
    while url:
        page = analyst.get(url).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert seen == made


def test_a_page_costs_the_same_statements_however_many_rows(
    analyst: Client, django_assert_max_num_queries: Any
) -> None:
    version = make_version()
    for _ in range(6):
        make_response(version=version)
    with django_assert_max_num_queries(11):
        assert len(analyst.get("/api/v1/responses/").json()["results"]) == 6


def test_tomorrows_pull_brings_what_changed(analyst: Client) -> None:
    version = make_version()
    make_response(version=version)
    changed = make_response(version=version)
    Response.objects.filter(pk=changed.pk).update(updated_at=NOON + timedelta(hours=1))
    (row,) = table(analyst, "/api/v1/exports/responses.csv?updated_since=2026-05-05T12:30:00Z")
    assert int(row["response_id"]) == changed.pk


def test_a_name_that_looks_like_a_formula_is_neutral_in_csv_and_raw_in_json(manager: Client) -> None:
    make_touchpoint(agent='=HYPERLINK("http://example.com")')
    assert table(manager, "/api/v1/exports/touchpoints.csv")[0]["agent"].startswith("'=HYPERLINK")
    assert json.loads(body(manager, "/api/v1/exports/touchpoints.ndjson"))["agent"].startswith("=HYPERLINK")


def test_pandas_reads_what_we_write(analyst: Client) -> None:
    make_touchpoint(make_customer(), value="12.50", channel="Shop, “Mitte”\nsecond line")
    frame = pd.read_csv(io.BytesIO(body(analyst, "/api/v1/exports/touchpoints.csv")), parse_dates=["occurred_at"])
    assert frame.loc[0, "value"] == 12.5
    assert frame.loc[0, "channel"] == "Shop, “Mitte”\nsecond line"
    assert str(frame["occurred_at"].dt.tz) == "UTC"


def test_scores_hide_small_groups(analyst: Client) -> None:
    version = make_version()
    for _ in range(9):
        make_response(10, version=version)
    (row,) = analyst.get("/api/v1/scores/").json()
    assert (row["n"], row["state"], row["nps"], row["promoters"]) == (9, "withheld", None, None)


def test_scores_are_those_of_the_answers(analyst: Client) -> None:
    version = make_version()
    for score in [10] * 7 + [8] * 2 + [2]:
        make_response(score, version=version, touchpoint=make_touchpoint(kind="call"))
    (row,) = analyst.get("/api/v1/scores/?by=kind").json()
    assert (row["value"], row["n"], row["nps"]) == ("call", 10, 60.0)


@pytest.mark.parametrize("query", ["by=colour", "since=yesterday", "since=2026-05-02&until=2026-05-01"])
def test_a_bad_question_about_scores_is_named(analyst: Client, query: str) -> None:
    answer = analyst.get(f"/api/v1/scores/?{query}")
    assert answer.status_code == 400
    assert set(answer.json()) <= {"by", "since", "until"}


def test_a_token_made_by_the_command_opens_the_api(capsys: pytest.CaptureFixture[str]) -> None:
    User.objects.create(username="ana").groups.add(Group.objects.get(name="Analyst"))
    call_command("api_token", "ana", "--days", "1")
    client = Client(headers={"Authorization": f"Token {capsys.readouterr().out.strip()}"})
    assert client.get("/api/v1/scores/").status_code == 200


@pytest.mark.parametrize(("arguments", "remedy"), [(["nobody"], "Add one"), (["nobody", "--days", "0"], "--days 1")])
def test_a_token_that_cannot_be_made_says_what_to_do(arguments: list[str], remedy: str) -> None:
    with pytest.raises(CommandError, match=remedy):
        call_command("api_token", *arguments)


def test_the_schema_is_valid_openapi_3_1_and_names_every_door(client: Client) -> None:
    from openapi_spec_validator import validate

    schema = yaml.safe_load(client.get("/api/schema/").content)
    validate(schema)
    assert schema["openapi"].startswith("3.1")
    assert {"/api/v1/responses/", "/api/v1/scores/", "/api/v1/exports/contacts.{file_format}"} <= set(schema["paths"])
