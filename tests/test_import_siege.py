"""Imports under real kills, and with several workers at once: every row once, and counts that are true."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from contacts.import_files import rejects_of
from contacts.intake import running
from contacts.jobs import SILENCE, claim
from contacts.models import Customer, ImportRun
from cxsurvey import uploads
from cxsurvey.import_work import work
from cxsurvey.uploads import Asked
from tests.processes import FORK, wait_until

ROWS = 1500
WRONG = range(0, ROWS, 10)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 50)


def ask(name: str = "a") -> ImportRun:
    rows = "".join(f"{name}{n},{'Mars' if n in WRONG else 'UTC'}\n" for n in range(ROWS))
    content = f"external_id,timezone\n{rows}".encode()
    run = uploads.preview([content], Asked("customers", "shop", f"{name}.csv"), at=timezone.now())
    uploads.ask(run, at=timezone.now())
    return run


def live(at: datetime) -> None:
    """Work at this instant until nothing is left."""
    work(lambda: at, lambda: False)
    connection.close()


def check(run: ImportRun) -> None:
    run.refresh_from_db()
    assert (run.state, run.created, run.rejected, run.rows_done) == ("done", ROWS - len(WRONG), len(WRONG), ROWS)
    assert len(rejects_of(run).read_text().splitlines()) == 1 + len(WRONG)


def test_killed_again_and_again_an_import_loses_and_doubles_nothing(request: pytest.FixtureRequest) -> None:
    run, at = ask(), timezone.now()
    for _ in range(12 if request.config.getoption("whole") else 2):
        before = ImportRun.objects.get().rows_done
        connection.close()
        worker = FORK.Process(target=live, args=(at,))
        worker.start()
        wait_until(lambda so_far=before: ImportRun.objects.get().rows_done > so_far, pause=0.005)  # type: ignore[misc]
        worker.kill()
        worker.join()
        at += SILENCE * 2
        ImportRun.objects.update(deaths=0)  # more of them than any import may have
        if ImportRun.objects.get().state == "done":
            break
    live(at)
    check(run)
    assert Customer.objects.count() == ROWS - len(WRONG)


def test_two_workers_share_the_imports_and_do_each_once() -> None:
    runs = [ask(name) for name in "abc"]
    connection.close()
    workers = [FORK.Process(target=live, args=(timezone.now(),)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    for run in runs:
        check(run)
    assert Customer.objects.count() == 3 * (ROWS - len(WRONG))


def test_of_several_that_claim_at_once_one_gets_the_job() -> None:
    ask()
    connection.close()
    told = FORK.SimpleQueue()

    def take() -> None:
        told.put(claim(ImportRun.objects.all(), timezone.now() + timedelta(seconds=1)) is not None)
        connection.close()

    workers = [FORK.Process(target=take) for _ in range(4)]
    for worker in workers:
        worker.start()
    assert sorted(told.get() for _ in workers) == [False, False, False, True]
    for worker in workers:
        worker.join()
