"""Jobs: claimed by one worker at a time, kept alive, taken up from the dead, cancelled, ended once."""

from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q

from contacts.jobs import MOST_DEATHS, SILENCE, Cancelled, beat, cancel, claim, fail, finish, is_silent, let_go
from contacts.models.jobs import Job

NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)
LATER = NOON + SILENCE + timedelta(seconds=1)


class Errand(Job):
    """A job of no kind that the product has."""

    objects: ClassVar[models.Manager["Errand"]] = models.Manager()
    by = None  # a user who is deleted in another test would be looked for in a table that is not there

    class Meta(Job.Meta):
        app_label = "tests"


@pytest.fixture(autouse=True)
def table(db: None) -> None:
    statement, parameters = connection.SchemaEditorClass(connection).table_sql(Errand)  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def ask(at: datetime = NOON) -> Errand:
    return Errand.objects.create(asked_at=at)


def take(at: datetime = NOON) -> Errand:
    job = claim(Errand.objects.all(), at)
    assert job is not None
    return job


def told(job: Errand) -> tuple[str, int]:
    job.refresh_from_db()
    return job.state, job.rows_done


def test_what_waits_is_claimed_once() -> None:
    asked = ask()
    job = take(NOON + timedelta(seconds=3))
    assert (job.pk, job.state, job.started_at, job.alive_at) == (
        asked.pk,
        "running",
        *[NOON + timedelta(seconds=3)] * 2,
    )
    assert claim(Errand.objects.all(), NOON + timedelta(seconds=4)) is None


def test_nothing_is_claimed_where_nothing_waits() -> None:
    assert claim(Errand.objects.all(), NOON) is None


def test_only_the_jobs_that_are_asked_for_are_claimed() -> None:
    ask()
    assert claim(Errand.objects.filter(~Q(state="waiting")), NOON) is None


def test_a_beat_keeps_a_job_from_the_others() -> None:
    ask()
    job = take()
    beat(job, 10, LATER)
    assert claim(Errand.objects.all(), LATER + SILENCE) is None
    assert told(job) == ("running", 10)
    assert job.alive_at == LATER


def test_a_beat_keeps_further_columns() -> None:
    ask()
    job = take()
    beat(job, 10, NOON, rows=20)
    assert (job.rows, Errand.objects.get().rows) == (20, 20)


def test_the_job_of_a_dead_worker_is_taken_up_where_it_was() -> None:
    ask()
    beat(take(), 10, NOON)
    heir = take(LATER)
    assert (heir.rows_done, heir.deaths, heir.started_at, heir.alive_at) == (10, 1, NOON, LATER)


def test_a_worker_that_was_taken_for_dead_writes_nothing_any_more() -> None:
    ask()
    ghost = take()
    heir = take(LATER)
    for write in (lambda: beat(ghost, 99, LATER), lambda: finish(ghost, LATER), lambda: let_go(ghost)):
        with pytest.raises(Cancelled):
            write()
    with pytest.raises(Cancelled):
        fail(ghost, "It was tired.", LATER)
    beat(heir, 5, LATER)
    assert told(heir) == ("running", 5)


def test_a_step_is_taken_back_with_the_beat_that_is_refused() -> None:
    ask()
    job = take()
    cancel(job, NOON)

    @transaction.atomic
    def step() -> None:
        ask()
        beat(job, 10, NOON)

    with pytest.raises(Cancelled):
        step()
    assert Errand.objects.count() == 1


def test_what_kills_its_workers_fails_in_the_end_and_says_so() -> None:
    ask()
    for death in range(MOST_DEATHS):
        assert take(NOON + death * 2 * SILENCE).deaths == death
    end = NOON + MOST_DEATHS * 2 * SILENCE
    assert claim(Errand.objects.all(), end) is None
    job = Errand.objects.get()
    assert (job.state, job.finished_at) == ("failed", end)
    assert "Read the worker's log" in job.problem


def test_behind_what_fails_the_next_is_claimed() -> None:
    job = ask()
    job.state, job.deaths, job.started_at, job.alive_at = Job.State.RUNNING, MOST_DEATHS - 1, NOON, NOON
    job.save()
    other = ask(LATER)
    other.alive_at = LATER  # so that the one that fails comes first
    other.save()
    assert take(LATER).pk == other.pk


def test_small_jobs_do_not_wait_for_a_large_one() -> None:
    large = ask()
    let_go(take())
    small = ask(NOON + timedelta(minutes=1))
    assert take(NOON + timedelta(minutes=1)).pk == small.pk
    let_go(small)
    assert take(NOON + timedelta(minutes=2)).pk == large.pk


def test_the_rest_of_what_is_let_go_is_done_by_the_next() -> None:
    ask()
    job = take()
    beat(job, 10, NOON)
    let_go(job)
    assert told(job) == ("waiting", 10)
    again = take(LATER)
    assert (again.rows_done, again.deaths, again.started_at) == (10, 0, NOON)


def test_a_cancelled_job_ends_at_the_next_beat() -> None:
    ask()
    job = take()
    beat(job, 10, NOON)
    assert cancel(Errand.objects.get(), LATER)
    with pytest.raises(Cancelled):
        beat(job, 20, LATER)
    assert told(job) == ("cancelled", 10)
    assert job.finished_at == LATER
    assert claim(Errand.objects.all(), LATER + SILENCE * 2) is None


def test_what_waits_is_cancelled_before_anybody_begins() -> None:
    job = ask()
    assert cancel(job, NOON)
    assert (job.state, job.finished_at) == ("cancelled", NOON)
    assert claim(Errand.objects.all(), NOON) is None


def test_what_has_ended_cannot_be_cancelled() -> None:
    ask()
    job = take()
    finish(job, NOON)
    assert not cancel(job, LATER)
    assert (told(job), job.finished_at) == (("done", 0), NOON)


def test_a_job_fails_with_what_to_do() -> None:
    ask()
    job = take()
    fail(job, "The disk is full. Make room and ask again.", LATER, rows=7)
    job.refresh_from_db()
    assert (job.state, job.finished_at, job.rows) == ("failed", LATER, 7)
    assert job.problem == "The disk is full. Make room and ask again."


def test_a_silent_worker_is_not_said_to_work() -> None:
    waiting, job = ask(), ask()
    assert not is_silent(waiting, LATER)
    job = take()
    assert not is_silent(job, NOON + SILENCE)
    assert is_silent(job, LATER)
    finish(job, LATER)
    assert not is_silent(job, LATER + SILENCE * 2)


@pytest.mark.parametrize(
    "columns",
    [{"state": "done"}, {"finished_at": NOON}, {"state": "running"}, {"state": "running", "started_at": NOON}],
)
def test_the_database_refuses_a_state_that_cannot_be(columns: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Errand.objects.create(asked_at=NOON, **columns)
