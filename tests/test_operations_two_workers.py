"""Two worker processes on one database: every job once, every customer asked once, every message sent once."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from subprocess import Popen

import pytest
from django.db.models import Count
from django.utils import timezone
from django_q.models import OrmQ, Success, Task
from django_q.tasks import async_task

from surveys.models import Attempt, Invitation, OutboxMessage
from tests.processes import end, family, manage, wait_until
from tests.surveys.makers import make_customer, make_program, make_touchpoint

CUSTOMERS = 120
JOBS = 24


@pytest.fixture
def two_workers(suite_env: dict[str, str]) -> Iterator[list["Popen[str]"]]:
    with ExitStack() as stack:
        workers = [manage(suite_env, "qcluster") for _ in range(2)]
        for worker in workers:
            stack.callback(end, worker)
        wait_until(lambda: all(len(family(worker)) == 5 for worker in workers))
        yield workers


def two_purchases_each() -> None:
    """Give every customer two purchases that a program asks about; the default policy allows one invitation."""
    now = timezone.now()
    make_program(starts_at=now - timedelta(days=30))
    for _ in range(CUSTOMERS):
        customer = make_customer()
        for days in (2, 3):
            make_touchpoint(customer, occurred_at=now - timedelta(days=days))


def processes_of(worker: "Popen[str]") -> set[str]:
    return {str(process.pid) for process in family(worker)}


def test_every_job_is_done_once(two_workers: list["Popen[str]"]):
    two_purchases_each()
    jobs = {async_task("surveys.tasks.plan_and_deliver") for _ in range(JOBS)}

    wait_until(lambda: Task.objects.count() == JOBS and not OrmQ.objects.exists(), seconds=90)

    assert {job.id for job in Success.objects.all()} == jobs
    assert set(Success.objects.values_list("attempt_count", flat=True)) == {1}
    sent = Invitation.objects.filter(state=Invitation.State.SENT)
    assert sent.values("customer").distinct().count() == sent.count() == Invitation.objects.count() == CUSTOMERS
    assert set(Invitation.objects.annotate(tries=Count("attempts")).values_list("tries", flat=True)) == {1}
    assert OutboxMessage.objects.count() == Attempt.objects.count() == CUSTOMERS
    claimed_by = {name.rpartition("-")[2] for name in sent.values_list("claimed_by", flat=True)}
    assert all(claimed_by & processes_of(worker) for worker in two_workers), "one of the workers did nothing"
