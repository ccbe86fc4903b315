"""Exports as jobs: asked for, written by one worker at a time, fetched with a manifest, gone after some days."""

import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django import Settings

from contacts.jobs import SILENCE, cancel, claim
from contacts.models import Touchpoint
from cxsurvey import exports
from cxsurvey.erasing import erase
from cxsurvey.models import ExportRun
from tests.exports.files import read, told
from tests.staff import client_of, member_of, program_of
from tests.surveys.makers import NOON, make_customer, make_touchpoint

# What is read is read on a connection of its own, which sees what is committed.
pytestmark = pytest.mark.django_db(transaction=True)
DOOR = "/api/v1/exports/"
ASKED = {"table": "touchpoints", "format": "ndjson", "filters": {"kind": "call"}, "columns": ["kind", "team"]}
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.EXPORTS_FOLDER = str(tmp_path / "exports")
    return tmp_path / "exports"


@pytest.fixture
def analyst() -> Client:
    for team in ("North", "South"):
        make_touchpoint(kind="call", team=team)
    make_touchpoint(kind="visit")
    return program_of("Analyst")


class Clock:
    """A clock that goes on by so much whenever it is read."""

    def __init__(self, at: datetime = NOON, step: timedelta = timedelta(0)) -> None:
        self.at, self.step = at, step

    def __call__(self) -> datetime:
        self.at += self.step
        return self.at


def ask(client: Client, status: int = 202, **other: Any) -> Any:
    answer = client.post(DOOR, json.dumps(ASKED | other), "application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def look(client: Client, run: Any) -> Any:
    return client.get(run["url"].partition("testserver")[2]).json()


def fetch(client: Client, run: Any, what: str = "file") -> Any:
    return client.get(f"{DOOR}{run['id']}/{what}/")


def test_an_export_is_asked_for_written_and_fetched_with_what_to_check_it_against(
    analyst: Client, folder: Path
) -> None:
    run = ask(analyst)
    assert told(run, "state", "rows", "file", "manifest") == ["waiting", None, None, None]
    assert fetch(analyst, run).status_code == 404
    assert exports.write_waiting(Clock()) == 1
    run = look(analyst, run)
    assert told(run, "state", "rows_done", "rows", "problem") == ["done", 2, 2, ""]
    answer = fetch(analyst, run)
    content = b"".join(answer.streaming_content)
    assert read(content, "ndjson") == [{"kind": "call", "team": "North"}, {"kind": "call", "team": "South"}]
    assert answer["Content-Disposition"] == 'attachment; filename="touchpoints.ndjson"'
    about = fetch(analyst, run, "manifest").json()
    assert told(about, "rows", "bytes", "sha256") == [2, len(content), hashlib.sha256(content).hexdigest()]
    assert told(about, "columns", "asked") == [["kind", "team"], {"kind": "call", "columns": "kind,team"}]
    assert datetime.fromisoformat(about["as_of"]) == NOON
    assert datetime.fromisoformat(about["expires_at"]) == NOON + timedelta(days=project.EXPORTS_KEPT_DAYS)
    since = analyst.get(f"{DOOR}touchpoints.ndjson", {"changes_since": about["next_changes_since"]})
    assert since.getvalue() == b""
    assert [run["id"] for run in analyst.get(DOOR).json()] == [run["id"]]
    assert [path.name[0] for path in folder.iterdir()] != ["."]


@pytest.mark.parametrize(
    ("other", "status", "place", "remedy"),
    [
        ({"table": "everything"}, 400, "table", "everything"),
        ({"format": "pdf"}, 400, "format", "pdf"),
        ({"filters": {"colour": "red"}}, 400, "colour", "There is no filter colour"),
        ({"filters": {"since": "2026-05-05T12:00:00"}}, 400, "since", "offset"),
        ({"columns": ["colour"]}, 400, "columns", "There is no column colour"),
        ({"table": "customers"}, 403, "detail", "Can download exports"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_at_once(
    analyst: Client, other: dict[str, Any], status: int, place: str, remedy: str
) -> None:
    said = ask(analyst, status, **other)[place]
    assert remedy in (said if status == 403 else said[0])
    assert ExportRun.objects.count() == 0


def test_nobody_else_gets_it_and_the_asker_only_with_the_rights(analyst: Client) -> None:
    run = ask(analyst)
    exports.write_waiting(Clock())
    for what in ("", "file/", "manifest/"):
        assert program_of("CX manager").get(f"{DOOR}{run['id']}/{what}").status_code == 404
        assert Client().get(f"{DOOR}{run['id']}/{what}").status_code == 401
    assert program_of("CX manager").post(f"{DOOR}{run['id']}/cancel/").status_code == 404
    member_of("Analyst").groups.set([Group.objects.get(name="Interviewer")])
    assert fetch(analyst, run).status_code == 403


def test_whoever_lost_the_rights_before_it_was_written_gets_nothing(analyst: Client, folder: Path) -> None:
    run = ask(analyst)
    User.objects.filter(username="Analyst").update(is_active=False)
    exports.write_waiting(Clock())
    [row] = ExportRun.objects.filter(pk=run["id"])
    assert (row.state, row.file) == ("failed", "")
    assert "may not take this table home" in row.problem


def test_an_export_that_waits_is_cancelled_and_never_written(analyst: Client, folder: Path) -> None:
    run = ask(analyst)
    assert analyst.post(f"{DOOR}{run['id']}/cancel/").json()["state"] == "cancelled"
    assert exports.write_waiting(Clock()) == 0
    assert not folder.exists()


def test_an_export_that_is_cancelled_while_it_is_written_leaves_no_file(analyst: Client, folder: Path) -> None:
    run = ask(analyst)
    seen: list[str] = []

    def clock() -> datetime:
        seen.extend(path.name for path in folder.glob(".*"))
        if seen:
            cancel(ExportRun.objects.get(pk=run["id"]), NOON)
        return NOON

    assert exports.write_waiting(clock) == 1
    assert seen
    assert told(look(analyst, run), "state", "file") == ["cancelled", None]
    assert list(folder.iterdir()) == []


def test_a_worker_that_dies_is_replaced_and_the_export_begun_anew(analyst: Client) -> None:
    run = ask(analyst)
    assert claim(ExportRun.objects.all(), NOON) is not None
    assert exports.write_waiting(Clock(NOON + MINUTE)) == 0  # the other may still be at it
    ask(analyst)
    assert exports.write_waiting(Clock(NOON + MINUTE)) == 0  # one at a time
    assert exports.write_waiting(Clock(NOON + SILENCE + MINUTE)) == 2
    assert told(look(analyst, run), "state", "rows_done") == ["done", 2]


def test_while_the_database_sorts_nobody_takes_it_up(analyst: Client) -> None:
    run = ask(analyst)
    alive = []

    class Watching(Clock):
        def __call__(self) -> datetime:
            alive.append(ExportRun.objects.values_list("alive_at", flat=True).get(pk=run["id"]))
            return super().__call__()

    exports.write_waiting(Watching())
    assert alive.index(NOON + exports.PATIENCE) < len(alive) - 1
    assert alive[-1] == NOON


def test_it_says_how_far_it_is(analyst: Client) -> None:
    customer = make_customer()
    fields = {"source": "many", "kind": "call", "occurred_at": NOON, "received_at": NOON, "updated_at": NOON}
    Touchpoint.objects.bulk_create(Touchpoint(customer=customer, external_id=str(n), **fields) for n in range(4100))
    run = ask(analyst)
    shown = []

    class Watching(Clock):
        def __call__(self) -> datetime:
            shown.append(tuple(ExportRun.objects.values_list("rows_done", "rows").get(pk=run["id"])))
            return super().__call__()

    exports.write_waiting(Watching(step=timedelta(seconds=5)))
    assert {(50, 4102), (2050, 4102), (4050, 4102)} <= set(shown)


def test_files_go_after_some_days_and_what_was_left_behind_too(analyst: Client, folder: Path) -> None:
    run = ask(analyst)
    exports.write_waiting(Clock())
    days = timedelta(days=project.EXPORTS_KEPT_DAYS)
    (folder / ".7-0-left").write_bytes(b"half")
    assert exports.forget_files(NOON + days - MINUTE) == 0
    assert exports.forget_files(datetime.now(NOON.tzinfo) + 2 * days) == 1
    assert list(folder.iterdir()) == []
    answer = fetch(analyst, run)
    assert answer.status_code == 410
    assert "Ask for it again" in answer.json()["detail"]
    assert told(look(analyst, run), "state", "file") == ["done", None]


def test_what_somebody_was_in_is_deleted_when_she_is_erased(analyst: Client, folder: Path) -> None:
    customer, run = make_customer(), ask(analyst)
    scores = ask(analyst, table="scores", filters={}, columns=[])
    exports.write_waiting(Clock())
    waiting = ask(analyst)
    assert claim(ExportRun.objects.all(), NOON) is not None
    erase(customer.pk, at=NOON, via="letter")
    assert fetch(analyst, run).status_code == 410
    kept = fetch(analyst, scores)
    kept.close()
    assert kept.status_code == 200
    assert told(look(analyst, waiting), "state") == ["waiting"]  # what was being written begins anew
    assert len(list(folder.iterdir())) == 1


def test_an_error_ends_one_export_and_says_so(analyst: Client, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    run = ask(analyst)
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("in the way")
    exports.write_waiting(Clock())
    run = look(analyst, run)
    assert run["state"] == "failed"
    assert "FileExistsError" in run["problem"]
    assert "ask for the export again" in run["problem"]


# --- In the admin ---------------------------------------------------------------------------------------------------


@pytest.fixture
def reader(analyst: Client) -> Client:
    return client_of("Analyst")


def test_a_manager_asks_for_a_table_sees_how_far_it_is_and_fetches_it(reader: Client) -> None:
    assert "/new/customers/" not in reader.get("/admin/exports/").content.decode()
    form = reader.get("/admin/exports/new/touchpoints/").content.decode()
    assert "when it happened, UTC" in form
    chosen = {"format": "csv", "kind": "call", "since": "2026-05-01T00:00", "columns": ["team"], "simulated": "false"}
    assert reader.post("/admin/exports/new/touchpoints/", chosen).status_code == 302
    listed = reader.get("/admin/exports/").content.decode()
    assert 'http-equiv="refresh"' in listed
    assert "begins within a minute" in listed
    exports.write_waiting(Clock())
    listed = reader.get("/admin/exports/").content.decode()
    assert 'http-equiv="refresh"' not in listed
    [run] = ExportRun.objects.all()
    assert run.asked == {"kind": "call", "since": "2026-05-01T00:00:00+00:00", "columns": "team", "simulated": "false"}
    fetched: Any = reader.get(f"/admin/exports/{run.pk}/file/")
    assert read(b"".join(fetched.streaming_content), "csv") == [{"team": "North"}, {"team": "South"}]
    assert f"/admin/exports/{run.pk}/file/" in listed


def test_the_form_says_what_is_wrong(reader: Client) -> None:
    answer = reader.post("/admin/exports/new/responses/", {"format": "csv", "shape": "wide"})
    assert answer.status_code == 400
    assert "Say whose questions are to be columns." in answer.content.decode()
    assert ExportRun.objects.count() == 0


def test_an_export_is_cancelled_on_the_page_by_whoever_asked_for_it(reader: Client) -> None:
    reader.post("/admin/exports/new/touchpoints/", {"format": "xlsx"})
    [run] = ExportRun.objects.all()
    other = Client()
    other.force_login(member_of("CX manager"))
    assert other.post(f"/admin/exports/{run.pk}/cancel/").status_code == 404
    assert reader.post(f"/admin/exports/{run.pk}/cancel/").status_code == 302
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert reader.get(f"/admin/exports/{run.pk}/file/").status_code == 404


@pytest.mark.parametrize("path", ["", "new/touchpoints/"])
def test_the_pages_need_the_right(path: str) -> None:
    interviewer = Client()
    interviewer.force_login(member_of("Interviewer"))
    assert interviewer.get(f"/admin/exports/{path}").status_code == 403
    assert Client().get(f"/admin/exports/{path}").status_code == 302


def test_a_table_that_is_not_there_or_not_for_the_reader(reader: Client) -> None:
    assert reader.get("/admin/exports/new/everything/").status_code == 404
    assert reader.get("/admin/exports/new/customers/").status_code == 403
