"""Files in for programs: sent as a body or a form, imported as a job, the same request once."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from contacts.models import Customer, ImportRun
from cxsurvey.tasks import bring_in_files
from tests.staff import with_token
from tests.workbooks import workbook

IMPORTS = "/api/v1/imports/"
CSV = b"Customer ID,Name,Colour\nc1,Ada,red\nc2,Bo,\n"

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> User:
    return User.objects.create(username="loader", is_superuser=True)


@pytest.fixture
def client(manager: User) -> Client:
    """A client with a service's token."""
    return with_token(manager)


def send(client: Client, content: bytes = CSV, kind: str = "text/csv", key: str = "", **query: Any) -> Any:
    given = {"subject": "customers", "source": "shop"} | query
    headers = {"Idempotency-Key": key} if key else {}
    address = f"{IMPORTS}?{'&'.join(f'{name}={value}' for name, value in given.items())}"
    return client.post(address, content, content_type=kind, headers=headers)


def test_a_file_is_previewed_then_run_and_watched_to_its_end(client: Client) -> None:
    made = send(client)
    job = made.json()
    assert (made.status_code, job["state"], job["source"]) == (201, "previewed", "shop")
    assert job["mapping"] == {"Customer ID": "external_id", "Name": "name", "Colour": ""}
    assert not Customer.objects.exists()
    assert client.post(f"{made['Location']}run/").status_code == 202
    bring_in_files()
    job = client.get(made["Location"]).json()
    assert (job["state"], job["created"], job["rows_done"], job["rejects_url"]) == ("done", 2, 2, None)


def test_a_file_can_be_run_at_once(client: Client) -> None:
    made = send(client, run="true", mapping=json.dumps({"Customer ID": "external_id", "Colour": "name"}))
    assert (made.status_code, made.json()["state"]) == (202, "waiting")
    bring_in_files()
    customer = Customer.objects.get(external_id="c1")
    assert (customer.name, customer.attributes) == ("red", {"Name": "Ada"})


def test_a_file_may_come_in_a_form(client: Client) -> None:
    file = SimpleUploadedFile("people.csv", CSV)
    made = client.post(IMPORTS, {"subject": "customers", "source": "shop", "run": "true", "file": file})
    assert (made.status_code, made.json()["file_name"]) == (202, "people.csv")


def test_a_workbook_may_come_too(client: Client) -> None:
    content = workbook([("id", "name"), ("c1", "Ada")])
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    job = send(client, content, kind, run="true").json()
    assert (job["sheet"], job["rows"]) == ("Sheet", 1)
    bring_in_files()
    assert Customer.objects.get().name == "Ada"


def test_the_rejected_rows_can_be_fetched(client: Client) -> None:
    made = send(client, b"id,timezone\nc1,Mars\nc2,UTC\n", run="true")
    bring_in_files()
    job = client.get(made["Location"]).json()
    assert (job["rejected"], job["rejects"][0]["value"]) == (1, "Mars")
    answer: Any = client.get(job["rejects_url"])
    lines = answer.getvalue().decode().splitlines()
    assert lines[1:] == ["2,timezone,Mars,an IANA time zone such as Europe/Berlin,c1,Mars"]


def test_what_waits_can_be_cancelled(client: Client) -> None:
    made = send(client, run="true")
    assert client.post(f"{made['Location']}cancel/").json()["state"] == "cancelled"
    bring_in_files()
    assert not Customer.objects.exists()


def test_the_same_request_again_gives_the_same_import(client: Client) -> None:
    first, again = (send(client, run="true", key="k1") for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["id"] == again.json()["id"]
    assert ImportRun.objects.count() == 1


def test_another_file_under_the_same_key_is_refused_and_not_kept(client: Client) -> None:
    send(client, run="true", key="k1")
    answer = send(client, b"id\nc9\n", run="true", key="k1")
    assert (answer.status_code, ImportRun.objects.count()) == (422, 1)
    assert "a key of its own" in answer.json()["detail"]


def test_a_key_is_the_senders_own(client: Client) -> None:
    send(client, key="k1")
    other = with_token(User.objects.create(username="other", is_superuser=True))
    assert send(other, key="k1").status_code == 201


@pytest.mark.parametrize(
    ("query", "where", "message"),
    [
        ({"subject": "people"}, "subject", "is not a valid choice"),
        ({"source": "no slug"}, "source", "valid"),
        ({"zone": "Mars"}, "zone", "IANA time zone"),
        ({"mapping": "[1]"}, "mapping", "Expected a JSON object"),
        ({"dry_run": "1"}, "dry_run", "Unknown parameter"),
        ({"mapping": '{"Customer ID": ""}', "run": "1"}, "mapping", "the header lacks external_id"),
    ],
)
def test_what_is_wrong_in_a_request_is_said_at_its_name(
    client: Client, query: dict[str, Any], where: str, message: str
) -> None:
    answer = send(client, **query)
    assert answer.status_code == 400
    assert message in answer.json()[where][0]
    assert not Customer.objects.exists()


def test_what_is_no_table_is_refused(client: Client) -> None:
    answer = send(client, b"PK\x03\x04rest")
    assert answer.status_code == 400
    assert "no Excel workbook" in answer.json()["file"][0]


def test_without_a_body_the_door_says_what_it_expects(client: Client) -> None:
    assert send(client, b"").status_code == 400
    assert client.post(IMPORTS, {"subject": "customers", "source": "shop"}).json() == {
        "file": ["Expected a part named file."]
    }


def test_only_who_may_import_gets_in() -> None:
    assert send(with_token(User.objects.create(username="nobody"))).status_code == 403
    assert Client().post(IMPORTS).status_code == 401
    assert not ImportRun.objects.exists()


def test_imports_are_listed_in_pages(client: Client) -> None:
    send(client)
    [job] = client.get(IMPORTS).json()["results"]
    assert job["file_name"] == "customers.csv"
