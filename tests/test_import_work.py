"""Imports as jobs: killed at any place they lose and double nothing; stopped they leave what is in; counts are true."""

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection

from contacts import import_files, jobs
from contacts.erasing import hashed
from contacts.import_files import rejects_of, unpacked_of, upload_of
from contacts.intake import running
from contacts.jobs import SILENCE, claim
from contacts.models import Customer, Erased, ImportRun
from cxsurvey import uploads
from cxsurvey.import_work import work, work_on
from cxsurvey.uploads import Asked
from tests.workbooks import workbook

NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)
ROWS = 95
"""With a wrong one in ten, and two lines in the name of each third."""

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """What a kill is to the code that it hits."""


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 10)


def rows() -> Iterator[tuple[str, str, str]]:
    yield "external_id", "note", "timezone"
    for number in range(ROWS):
        yield f"c{number}", "two\nlines" if number % 3 == 0 else "one", "Mars" if number % 10 == 4 else "UTC"


def as_csv() -> bytes:
    return "".join(f'{key},"{note}",{zone}\n' for key, note, zone in rows()).encode()


def asked(content: bytes, subject: str = "customers") -> ImportRun:
    run = uploads.preview([content], Asked(subject, "shop", "list"), at=NOON)
    uploads.ask(run, at=NOON)
    return run


def take(at: datetime = NOON) -> ImportRun:
    run = claim(ImportRun.objects.all(), at)
    assert run is not None
    return run


def killer(at_statement: int) -> Callable[..., Any]:
    """Kills whoever hands the database so many statements, before the last of them."""
    statements = count(1)

    def kill(execute: Callable[..., Any], *given: Any) -> Any:
        if next(statements) == at_statement:
            raise Killed
        return execute(*given)

    return kill


def never() -> bool:
    return False


def check_whole(run: ImportRun) -> None:
    run.refresh_from_db()
    assert (run.state, run.problem) == ("done", "")
    wrong = [number for number in range(ROWS) if number % 10 == 4]
    assert (run.created, run.updated, run.unchanged, run.rejected) == (ROWS - len(wrong), 0, 0, len(wrong))
    assert (run.rows_done, run.rows, Customer.objects.count()) == (ROWS, ROWS, ROWS - len(wrong))
    told = list(csv.DictReader(rejects_of(run).read_text().splitlines()))
    assert [row["external_id"] for row in told] == [f"c{number}" for number in wrong]
    assert [int(row["line"]) for row in told] == [reject["line"] for reject in run.rejects]
    assert not upload_of(run).exists()
    assert not unpacked_of(run).exists()


@pytest.mark.parametrize("content", [as_csv, lambda: workbook(rows())], ids=["csv", "xlsx"])
@pytest.mark.parametrize("step", range(7))
def test_a_worker_killed_at_any_statement_loses_and_doubles_nothing(content: Callable[[], bytes], step: int) -> None:
    run, at = asked(content()), NOON
    for life in range(jobs.MOST_DEATHS - 1):
        mine = take(at)
        with pytest.raises(Killed), connection.execute_wrapper(killer(7 * life + step + 1)):
            work_on(mine, lambda: NOON, never)
        at += SILENCE * 2
    assert ImportRun.objects.get().state == "running"
    work_on(take(at), lambda: NOON, never)
    check_whole(run)


def test_what_a_killed_worker_wrote_behind_its_last_step_is_cut_off_the_reject_file() -> None:
    run = asked(as_csv())
    mine = take()
    with pytest.raises(Killed), connection.execute_wrapper(killer(30)):
        work_on(mine, lambda: NOON, never)
    with rejects_of(run).open("ab") as file:
        file.write(b"99,half a li")
    work_on(take(NOON + SILENCE * 2), lambda: NOON, never)
    check_whole(run)


def test_a_task_works_for_its_time_and_leaves_the_rest_to_the_next() -> None:
    run, asks = asked(as_csv()), count(1)
    left = [work(lambda: NOON, lambda: next(asks) % 4 == 0) for _ in range(8)]
    assert left.count(True) > 1
    check_whole(run)


def test_an_import_in_one_go_counts_the_same() -> None:
    run = asked(as_csv())
    assert not work(lambda: NOON, never)
    check_whole(run)


def test_a_workbook_names_the_rows_as_excel_does() -> None:
    run = asked(workbook(rows()))
    work(lambda: NOON, never)
    run.refresh_from_db()
    assert [reject["line"] for reject in run.rejects][:2] == [6, 16]


def test_stopped_in_the_middle_what_is_in_stays() -> None:
    run = asked(as_csv())
    mine = take()
    steps = count()

    def now() -> datetime:
        if next(steps) == 3:
            uploads.cancel(ImportRun.objects.get(), at=NOON)
        return NOON

    assert work_on(mine, now, never)
    run.refresh_from_db()
    assert (run.state, run.created + run.rejected, run.rows_done) == ("cancelled", run.rows_done, run.rows_done)
    assert 0 < run.rows_done < ROWS
    assert Customer.objects.count() == run.created
    assert not upload_of(run).exists()
    assert claim(ImportRun.objects.all(), NOON + timedelta(days=1)) is None


def test_importing_again_after_a_stop_goes_on_from_there() -> None:
    test_stopped_in_the_middle_what_is_in_stays()
    before = Customer.objects.count()
    again = asked(as_csv())
    work(lambda: NOON, never)
    again.refresh_from_db()
    assert (again.unchanged, again.created + before) == (before, ROWS - 10)


def test_a_worker_that_was_taken_for_dead_touches_neither_rows_nor_the_reject_file() -> None:
    run = asked(as_csv())
    ghost = take()
    work_on(take(NOON + SILENCE * 2), lambda: NOON, never)
    listed = rejects_of(run).read_bytes()
    run.refresh_from_db()
    upload_of(run).write_bytes(as_csv())  # it still has the file open
    ImportRun.objects.update(state="running", finished_at=None)
    assert work_on(ghost, lambda: NOON, never)
    assert rejects_of(run).read_bytes() == listed
    assert Customer.objects.count() == ROWS - run.rejected


def test_a_file_that_is_not_there_says_what_may_be_wrong() -> None:
    run = asked(as_csv())
    upload_of(run).unlink()
    work(lambda: NOON, never)
    run.refresh_from_db()
    assert (run.state, run.problem) == ("failed", import_files.MISSING)


def test_imports_take_turns_so_that_a_small_one_does_not_wait_for_a_large_one() -> None:
    large = asked(as_csv())
    assert not work_on(take(), lambda: NOON, lambda: True)
    small = asked(b"external_id\nz\n")
    assert take(NOON + timedelta(seconds=1)).pk == small.pk
    large.refresh_from_db()
    assert (large.state, large.rows_done) == ("waiting", 10)


def test_who_was_erased_is_not_repeated_in_the_reject_file() -> None:
    Erased.objects.create(hash=hashed("customer", "shop", "c1"), at=NOON)
    run = asked(b"external_id,name\nc1,Zerlina\nc2,Ben\n")
    work(lambda: NOON, never)
    run.refresh_from_db()
    assert (run.created, run.rejected) == (1, 1)
    listed = rejects_of(run).read_text()
    assert "c1" not in listed
    assert "Zerlina" not in listed
