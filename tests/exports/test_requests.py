"""What can be asked for, who may have it, and what is said of what cannot."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from cxsurvey.exports import TABLES
from surveys.models import SurveyVersion
from tests.exports.files import got, read
from tests.staff import program_of, with_token
from tests.surveys.answered import make_response
from tests.surveys.makers import make_customer, make_touchpoint, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst() -> Client:
    return program_of("Analyst")


def holder_of(*rights: str) -> Client:
    """Return a program of somebody with these rights and no others."""
    user = User.objects.create(username="holder")
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return with_token(user)


def test_columns_come_in_the_order_in_which_they_are_asked_for(analyst: Client) -> None:
    make_touchpoint(kind="call", team="North")
    [row] = read(got(analyst, "touchpoints.csv?columns=team,kind"), "csv")
    assert list(row.items()) == [("team", "North"), ("kind", "call")]
    assert read(got(analyst, "touchpoints.ndjson?columns=kind"), "ndjson") == [{"kind": "call"}]


@pytest.mark.parametrize(
    ("address", "place", "remedy"),
    [
        ("touchpoints.csv?columns=kind,colour", "columns", "There is no column colour. There are: touchpoint_id, "),
        ("touchpoints.csv?columns=kind,kind", "columns", "Name each column once: kind"),
        ("touchpoints.csv?colour=red", "colour", "There is no filter colour. There are: kind, "),
        ("touchpoints.csv?kind=a&kind=b", "kind", "Say it once"),
        ("touchpoints.csv?since=yesterday", "since", "This is no instant. Write an instant with its offset"),
        ("touchpoints.csv?since=2026-13-01T00:00:00Z", "since", "This is no instant"),
        ("touchpoints.csv?since=2026-05-05T12:00:00", "since", "The offset is missing"),
        ("touchpoints.csv?since=2026-05-05T12:00:00+02:00", "since", "%2B stands for a plus"),
        ("touchpoints.csv?simulated=maybe", "simulated", "Write true or false."),
        ("contacts.csv?outcome=lost", "outcome", "There is no lost. There are: reserved, "),
        ("touchpoints.csv?changes_since=abc", "changes_since", "ask for “beginning”"),
        ("responses.csv?shape=long", "shape", "There is no shape long. There is: wide."),
        ("responses.csv?shape=wide", "survey", "Say whose questions are to be columns. There are: "),
        ("scores.csv?since=2026-05-05T12:00:00Z", "since", "format"),
        ("scores.csv?by=colour", "by", "colour"),
        ("scores.csv?since=2026-05-02&until=2026-05-01", "until", ""),
        ("scores.csv?colour=red", "colour", "There is no filter colour."),
    ],
)
def test_what_cannot_be_asked_for_is_said_with_its_place_and_what_to_do(
    analyst: Client, address: str, place: str, remedy: str
) -> None:
    said = got(analyst, address, 400)
    assert list(said) == [place]
    assert remedy in said[place][0]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("touchpoints.pdf", "There is no format pdf. There are: csv, ndjson, parquet, xlsx."),
        ("everything.csv", "There is no table everything. There are: customers, "),
    ],
)
def test_what_is_not_there_is_said_with_what_is(analyst: Client, address: str, said: str) -> None:
    assert said in got(analyst, address, 404)["detail"]


@pytest.mark.parametrize("since", ["2026-05-04T12:00:01Z", "2026-05-04T14:00:01%2B02:00"])
def test_instants_with_an_offset_are_taken_as_they_are_meant(analyst: Client, since: str) -> None:
    make_touchpoint()
    assert read(got(analyst, f"touchpoints.csv?since={since}"), "csv") == []
    assert len(read(got(analyst, "touchpoints.csv?since=2026-05-04T12:00:00Z"), "csv")) == 1


@pytest.mark.parametrize("name", TABLES)
def test_a_table_needs_the_right_to_export_and_the_right_to_see_its_rows(name: str) -> None:
    sees = TABLES[name].right.partition(".")[2]
    for rights in [("export",), (sees,)]:
        User.objects.all().delete()
        assert holder_of(*rights).get(f"/api/v1/exports/{name}.csv").status_code == 403
    User.objects.all().delete()
    assert holder_of("export", sees).get(f"/api/v1/exports/{name}.csv").status_code == 200
    assert Client().get(f"/api/v1/exports/{name}.csv").status_code == 401


def test_customers_are_for_who_may_see_them_with_the_addresses_in_use() -> None:
    head = make_customer(phone="+4791234567", account=None)
    merged = make_customer(merged_into=head, email="")
    head.identifiers.filter(type="email").update(closed_at=head.created_at)
    manager = program_of("CX manager")
    first, second = read(got(manager, "customers.ndjson"), "ndjson")
    assert (first["phone"], first["email"], first["person_id"], first["opted_out"]) == (
        "+4791234567",
        None,
        head.pk,
        False,
    )
    assert (second["customer_id"], second["person_id"], second["attributes"]) == (merged.pk, head.pk, {})
    got(program_of("Analyst"), "customers.csv", 403)


def test_an_invitation_tells_what_became_of_it(analyst: Client) -> None:
    response = make_response(9)
    [row] = read(got(analyst, "invitations.ndjson?state=sent"), "ndjson")
    assert (row["invitation_id"], row["response_id"], row["outcome"]) == (
        response.invitation_id,
        response.pk,
        "accepted",
    )
    assert read(got(analyst, "invitations.ndjson?state=planned"), "ndjson") == []


@pytest.fixture
def scored() -> SurveyVersion:
    version = make_version()
    for score in [10] * 7 + [8] * 2 + [2]:
        make_response(score, version=version, touchpoint=make_touchpoint(kind="call"))
    for _ in range(3):
        make_response(1, version=version, touchpoint=make_touchpoint(kind="visit"))
    return version


def test_scores_are_those_of_the_report_small_groups_hidden_as_there(analyst: Client, scored: SurveyVersion) -> None:
    rows = read(got(analyst, "scores.ndjson"), "ndjson")
    published = {row["value"]: row for row in analyst.get("/api/v1/scores/?by=kind").json()}
    ours = {row["value"]: row for row in rows if (row["metric"], row["by"]) == ("nps", "kind")}
    assert set(ours) == set(published) == {"call", "visit"}
    assert {row["state"] for row in ours.values()} == {"withheld"}
    assert [ours["visit"][name] for name in ("n", "score", "top", "low")] == [3, None, None, None]
    assert {row["metric"] for row in rows} == {"nps", "csat", "ces"}
    for value, row in published.items():
        assert (ours[value]["n"], ours[value]["score"], ours[value]["missing"]) == (
            row["n"],
            row["nps"],
            row["missing"],
        )


def test_scores_that_are_shown_tell_their_counts_and_interval(analyst: Client, scored: SurveyVersion) -> None:
    [row] = read(got(analyst, "scores.ndjson?by=overall&columns=metric,n,top,middle,bottom,score"), "ndjson")[:1]
    assert row == {"metric": "nps", "n": 13, "top": 7, "middle": 2, "bottom": 4, "score": 23.1}


def test_the_address_says_which_format_and_not_what_a_client_would_rather_have(analyst: Client) -> None:
    for accept in ("text/csv", "application/vnd.apache.parquet", "text/html"):
        answer = analyst.get("/api/v1/exports/touchpoints.csv", headers={"accept": accept})
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.getvalue().startswith(b"touchpoint_id,")
        assert analyst.get("/api/v1/exports/touchpoints.csv?colour=red", headers={"accept": accept}).status_code == 400


def test_a_table_says_after_which_token_the_next_changes_are(analyst: Client) -> None:
    make_touchpoint()
    token = analyst.get("/api/v1/exports/touchpoints.parquet")["X-Next-Changes-Since"]
    assert got(analyst, f"touchpoints.ndjson?changes_since={token}") == b""
    assert "X-Next-Changes-Since" not in analyst.get("/api/v1/exports/scores.csv")


def test_the_schema_tells_what_each_table_takes(client: Client) -> None:
    schema: dict[str, Any] = client.get("/api/schema/?format=json").json()
    door = schema["paths"]["/api/v1/exports/contacts.{file_format}"]["get"]
    named = {one["name"]: one["schema"] for one in door["parameters"] if one["in"] != "header"}
    assert set(named) == {parameter.name for parameter in TABLES["contacts"].parameters} | {"file_format"}
    assert named["since"]["format"] == "date-time"
    assert "reserved" in named["outcome"]["enum"]
    assert named["file_format"]["enum"] == ["csv", "ndjson", "parquet", "xlsx"]
    assert door["operationId"] == "export_contacts"
