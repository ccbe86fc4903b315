"""Jobs: claimed by any number of workers on any number of hosts, kept alive, ended; each held by one worker at a time.

The queue only wakes a loop. What a worker does for a step it writes in the transaction of its `beat`, together with the
place where the next step begins, so that a kill at any instant loses nothing and does nothing twice:

    while (job := claim(Kind.objects.all(), now())) is not None:
        with transaction.atomic():
            ...  # one step
            beat(job, rows_done, now())  # Cancelled: the step is taken back
        finish(job, now())               # or let_go, when the task has worked long enough
"""

from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import F, Q, QuerySet

from contacts.models.jobs import Job

SILENCE = timedelta(minutes=2)
"""A worker that has shown no life for so long is taken for dead; steps are much shorter."""
MOST_DEATHS = 5
"""Then the job is what kills the workers, and it fails."""

AnyJob = TypeVar("AnyJob", bound=Job)


class Cancelled(Exception):  # noqa: N818 - it is what happened to the job
    """The job is no longer this worker's: somebody cancelled it, or another worker took it up. Stop, and leave it."""


def claim(jobs: QuerySet[AnyJob], at: datetime) -> AnyJob | None:
    """Take one of the jobs that wait or whose worker is dead; None where there is none.

    What nobody was ever at comes first, then what was left alone the longest: small jobs do not wait for large ones.
    """
    while True:
        with transaction.atomic():
            job = _free(jobs, at).select_for_update(skip_locked=True, of=("self",)).first()
            if job is None:
                return None
            job.deaths += job.state == Job.State.RUNNING
            if job.deaths < MOST_DEATHS:
                job.state, job.started_at, job.alive_at = Job.State.RUNNING, job.started_at or at, at
                job.save(update_fields=["state", "started_at", "alive_at", "deaths"])
                return job
            job.state, job.finished_at = Job.State.FAILED, at
            job.problem = f"{MOST_DEATHS} workers died over it. Read the worker's log, then ask for it again."
            job.save(update_fields=["state", "finished_at", "deaths", "problem"])


def beat(job: Job, rows_done: int, at: datetime, **kept: Any) -> None:
    """Show that the worker is alive and how far it is; `kept` are further columns, such as where the next step begins.

    Raises Cancelled where the job is no longer this worker's.
    """
    _write(job, rows_done=rows_done, alive_at=at, **kept)


def let_go(job: Job) -> None:
    """Leave the rest to the next worker that claims it. Raises Cancelled where the job is no longer this worker's."""
    _write(job, state=Job.State.WAITING)


def finish(job: Job, at: datetime, **kept: Any) -> None:
    """End the job well. Raises Cancelled where it is no longer this worker's."""
    _write(job, state=Job.State.DONE, finished_at=at, **kept)


def fail(job: Job, problem: str, at: datetime, **kept: Any) -> None:
    """End the job, saying why and what to do. Raises Cancelled where it is no longer this worker's."""
    _write(job, state=Job.State.FAILED, problem=problem, finished_at=at, **kept)


def cancel(job: Job, at: datetime) -> bool:
    """End a job that waits or runs; its worker notices at its next beat. Return whether there was anything to end."""
    ended = _row(job).filter(state__in=Job.OPEN).update(state=Job.State.CANCELLED, finished_at=at)
    job.refresh_from_db(fields=["state", "finished_at"])
    return bool(ended)


def is_silent(job: Job, at: datetime) -> bool:
    """Whether the job is said to run, and its worker has shown no life for so long that another will take it up."""
    return job.state == Job.State.RUNNING and job.alive_at is not None and job.alive_at < at - SILENCE


def _free(jobs: QuerySet[AnyJob], at: datetime) -> QuerySet[AnyJob]:
    dead = Q(state=Job.State.RUNNING, alive_at__lt=at - SILENCE)
    return jobs.filter(Q(state=Job.State.WAITING) | dead).order_by(
        F("alive_at").asc(nulls_first=True), "asked_at", "pk"
    )


def _write(job: Job, **columns: Any) -> None:
    # A job that was taken up by another worker has one death more.
    if not _row(job).filter(state=Job.State.RUNNING, deaths=job.deaths).update(**columns):
        raise Cancelled
    for name, value in columns.items():
        setattr(job, name, value)


def _row(job: AnyJob) -> QuerySet[AnyJob]:
    return type(job)._default_manager.filter(pk=job.pk)  # noqa: SLF001
