"""A policy by file, by API and in the admin: the same document, and the same complaint about a bad one."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from contacts.frequency import DEFAULT_POLICY
from contacts.models import PolicyVersion
from contacts.policies import policy_in_force, publish
from tests.contacts.makers import NOON, cap
from tests.pristine import Shared
from tests.staff import as_after, client_of

pytestmark = pytest.mark.django_db
POLICY = {
    "caps": [{"name": "Viertel\u2011jahr", "limit": 1, "measure": "contacts", "window": "90 days"}],
    "hours": {"sms": {"mon-fri": "10:00-18:00"}},
    "holidays": ["2026-12-25"],
    "zones": ["Europe/Berlin"],
}
API = "/api/v1/policy/"


@pytest.fixture(scope="module")
def login(shared: Shared) -> Client:
    with shared():
        return client_of("CX manager")


@pytest.fixture
def manager(login: Client) -> Client:
    return as_after(login)


def post(client: Client, text: str, why: str = "Customers complained.") -> Any:
    return client.post(API, f'{{"policy": {text}, "why": {json.dumps(why)}}}', content_type="application/json")


def by_admin(text: str, client: Client, _folder: Path) -> list[str]:
    """Publish on the page that shows what a policy would have meant; return its complaints about the document."""
    tried = {"since": "2026-01-01", "until": "2026-02-01", "asking": "kind", "kind": "visit", "channel": "email"}
    compared = PolicyVersion.objects.get(in_force=True).pk
    data = {**tried, "delay": 12, "worth": 24, "document": text, "why": "x", "compared": compared}
    answer = client.post("/admin/policy/publish/", data)
    return list(answer.context["wrong"]) if answer.status_code == 400 else []


def by_api(text: str, client: Client, _folder: Path) -> list[str]:
    """Publish by the API; return its complaints about the document."""
    answer = post(client, text)
    complaints = answer.json() if answer.status_code == 400 else {}
    return complaints["policy"] if "policy" in complaints else list(complaints.values())


def by_command(text: str, _client: Client, folder: Path) -> list[str]:
    """Publish a file by the command; return its complaints without the file's name before them."""
    file = folder / "policy.json"
    file.write_text(text, encoding="utf-8")
    try:
        call_command("import_policy", str(file), why="x", stdout=io.StringIO())
    except CommandError as error:
        return str(error).removeprefix(f"{file}: ").splitlines() if error.returncode == 2 else ["another exit status"]
    return []


Door = Callable[[str, Client, Path], list[str]]
each_door = pytest.mark.parametrize("door", [by_admin, by_api, by_command])


def bad_cap(**changes: object) -> dict[str, object]:
    return {"caps": [cap(1, "7 days") | changes]}


#: Document -> the beginning of the complaint, and words of the remedy.
BAD: list[tuple[object, str, str]] = [
    (bad_cap(window="0 days"), "caps[0].window: a window of 0 never blocks", "set the limit to 0 to block"),
    (bad_cap(window="fortnight"), 'caps[0].window: unknown window "fortnight"', 'expected "24 hours"'),
    (bad_cap(limit=-1), "caps[0].limit: expected a whole number at least 0", ""),
    (bad_cap(limit=None), "caps[0].limit: expected a whole number", "not null"),
    (bad_cap(measure="reminders", purposes=["invitation"]), 'caps[0]: "contacts" can never block', "widen them"),
    (bad_cap(channels=["fax"]), 'caps[0].channels[0]: unknown channel "fax"', "expected email, phone, sms"),
    ({"caps": [cap(1, "1 day"), cap(2, "7 days")]}, 'caps[1].name: "contacts" is the name', "a name of its own"),
    ({"caps": [{"name": "gap"}]}, 'caps[0]: "limit" is missing', ""),
    ({"hours": {"sms": {"mon-fri": "09:00-20:00", "fri": "19:00-21:00"}}}, "hours.sms: two periods", "join them"),
    ({"hours": {"sms": {"mon": "09:00-09:00", "tue": "09:00-10:00"}}}, "hours.sms.mon: a period that ends", "drop it"),
    ({"hours": {"phone": {}}}, "hours.phone: never open", "add a cap with limit 0"),
    ({"zones": ["Mars/Olympus"]}, 'zones[0]: unknown time zone "Mars/Olympus"', "expected an IANA"),
    ({"holidays": ["2026-02-30"]}, "holidays[0]: expected a date", "2026-12-25"),
    ({"rules": []}, "rules: unknown key", "expected caps, hours, holidays, zones"),
]


@each_door
@pytest.mark.parametrize(("document", "place", "remedy"), BAD, ids=[place for _, place, _ in BAD])
def test_a_bad_document_is_refused_at_every_door_with_the_same_words(
    document: object, place: str, remedy: str, door: Door, manager: Client, tmp_path: Path
):
    before = PolicyVersion.objects.get()
    [complaint] = door(json.dumps(document), manager, tmp_path)
    assert complaint.startswith(place)
    assert remedy in complaint
    assert complaint == by_api(json.dumps(document), manager, tmp_path)[0]
    assert PolicyVersion.objects.get() == before


@each_door
def test_every_problem_is_told_at_once(door: Door, manager: Client, tmp_path: Path):
    document = bad_cap(window="0 days") | {"hours": {"phone": {}}}
    complaints = door(json.dumps(document), manager, tmp_path)
    assert [complaint.split(":")[0] for complaint in complaints] == ["caps[0].window", "hours.phone"]


@each_door
@pytest.mark.parametrize(
    ("text", "complaint"),
    [('{"caps": [], "caps": []}', 'the key "caps" is there twice'), ('{"caps": [NaN]}', "NaN is no number")],
)
def test_what_json_readers_let_pass_is_refused(text: str, complaint: str, door: Door, manager: Client, tmp_path: Path):
    [told] = door(text, manager, tmp_path)
    assert told == f"document: not readable as JSON: {complaint}"


@each_door
def test_a_list_is_no_policy(door: Door, manager: Client, tmp_path: Path):
    assert door("[1]", manager, tmp_path) == ["document: expected an object, not a list"]


@each_door
def test_a_good_document_is_in_force_at_once_as_it_was_written(door: Door, manager: Client, tmp_path: Path):
    assert door(json.dumps(POLICY), manager, tmp_path) == []
    version, policy = policy_in_force()
    assert version is not None
    assert (version.number, version.document, policy.caps[0].limit) == (2, POLICY, 1)


@each_door
def test_a_limit_of_0_blocks_on_purpose(door: Door, manager: Client, tmp_path: Path):
    assert door(json.dumps({"caps": [cap(0, "0 days")]}), manager, tmp_path) == []


def test_what_is_exported_is_imported_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    publish("shop", "Shop", POLICY, at=NOON)
    call_command("export_policy")
    exported = capsys.readouterr().out
    publish("shop", "Shop", {}, at=NOON)

    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(exported.encode())))
    call_command("import_policy", "-", why="Back to what it was")

    version, _ = policy_in_force()
    assert version is not None
    assert (version.document, version.number, version.why, version.by) == (POLICY, 3, "Back to what it was", None)
    assert capsys.readouterr().out == "Shop, version 3 is in force.\n"


def test_without_a_version_the_default_that_holds_is_exported(capsys: pytest.CaptureFixture[str]):
    PolicyVersion.objects.all().delete()
    call_command("export_policy")
    assert json.loads(capsys.readouterr().out) == DEFAULT_POLICY


def test_a_file_may_be_a_version_of_another_policy(tmp_path: Path):
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(POLICY))
    call_command("import_policy", str(file), name="The winter season", why="Winter", stdout=io.StringIO())
    call_command("import_policy", str(file), name="The winter season", why="Still", stdout=io.StringIO())
    version, _ = policy_in_force()
    assert version is not None
    assert (version.policy.slug, version.policy.name, version.number) == ("the-winter-season", "The winter season", 2)


def test_a_policy_is_known_by_its_name_whatever_its_slug(tmp_path: Path):
    publish("old-slug", "Shop", {}, at=NOON)
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(POLICY))
    call_command("import_policy", str(file), name="Shop", why="x", stdout=io.StringIO())
    assert PolicyVersion.objects.get(in_force=True).policy.slug == "old-slug"


@pytest.mark.parametrize(
    ("name", "why", "complaint"),
    [("???", "x", "name: expected"), ("x" * 121, "x", "name: expected up to 120"), ("Shop", " ", "why: say why")],
)
def test_a_version_without_name_or_reason_is_refused(tmp_path: Path, name: str, why: str, complaint: str):
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(POLICY))
    with pytest.raises(CommandError, match=complaint) as refused:
        call_command("import_policy", str(file), name=name, why=why)
    assert refused.value.returncode == 2
    assert PolicyVersion.objects.count() == 1


def test_a_file_that_is_not_there_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(CommandError, match="No such file") as refused:
        call_command("import_policy", str(tmp_path / "none.json"), why="x")
    assert (refused.value.returncode, capsys.readouterr().out) == (2, "")


def test_the_api_says_what_is_in_force_since_when_by_whom_and_why(manager: Client):
    user = User.objects.get()
    publish("shop", "Shop", POLICY, at=NOON, by_id=user.pk, why="Spring")
    assert manager.get(API).json() == {
        "name": "Shop",
        "version": 1,
        "at": "2026-05-05T12:00:00Z",
        "by": "CX manager",
        "why": "Spring",
        "policy": POLICY,
    }


def test_the_api_says_the_default_where_nothing_is_in_force(manager: Client):
    PolicyVersion.objects.all().delete()
    told = manager.get(API).json()
    assert (told["version"], told["at"], told["by"], told["policy"]) == (None, None, "", DEFAULT_POLICY)


def test_what_the_api_publishes_has_its_user_and_reason(manager: Client):
    answer = post(manager, json.dumps(POLICY), why="Customers complained.")
    version, _ = policy_in_force()
    assert version is not None
    assert (answer.status_code, answer.json()) == (201, manager.get(API).json())
    assert (str(version.by), version.why, version.number) == ("CX manager", "Customers complained.", 2)


@pytest.mark.parametrize("body", ['{"policy": {}}', '{"policy": {}, "why": " "}', '{"why": "x"}', "[]", "{"])
def test_the_api_refuses_half_a_version(manager: Client, body: str):
    assert manager.post(API, body, content_type="application/json").status_code == 400
    assert PolicyVersion.objects.count() == 1


@pytest.mark.parametrize(("group", "may_look"), [("Analyst", True), ("Interviewer", False)])
def test_publishing_needs_a_right_of_its_own(group: str, may_look: bool):
    client = client_of(group)
    assert (client.get(API).status_code == 200) == may_look
    assert post(client, json.dumps(POLICY)).status_code == 403
    assert PolicyVersion.objects.count() == 1


def test_nobody_publishes_without_a_token():
    assert post(Client(), "{}").status_code == 401


def test_a_session_needs_the_form_s_token_to_publish(manager: Client):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get())
    assert post(strict, json.dumps(POLICY)).status_code == 403
    assert PolicyVersion.objects.count() == 1
