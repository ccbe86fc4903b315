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
ROUNDS = 24


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


def enqueue() -> set[str]:
    """Queue the job many times, between others that tell who runs them and last until both workers take part."""
    jobs = [("surveys.tasks.plan_and_deliver",), ("os.getpid",), ("time.sleep", 0.5)]
    return {async_task(*job) for _ in range(ROUNDS) for job in jobs}


def test_every_job_is_done_once(two_workers: list["Popen[str]"]):
    two_purchases_each()
    jobs = enqueue()

    wait_until(lambda: Task.objects.count() == len(jobs) and not OrmQ.objects.exists(), seconds=120)

    assert {job.id for job in Success.objects.all()} == jobs
    assert set(Success.objects.values_list("attempt_count", flat=True)) == {1}
    ran = {job.result for job in Success.objects.filter(func="os.getpid")}
    assert all(ran & {process.pid for process in family(worker)} for worker in two_workers)


def test_every_customer_is_asked_once_and_every_message_sent_once(two_workers: list["Popen[str]"]):
    two_purchases_each()
    jobs = enqueue()

    wait_until(lambda: Task.objects.count() == len(jobs) and not OrmQ.objects.exists(), seconds=120)

    sent = Invitation.objects.filter(state=Invitation.State.SENT)
    assert sent.values("customer").distinct().count() == sent.count() == Invitation.objects.count() == CUSTOMERS
    assert set(Invitation.objects.annotate(tries=Count("attempts")).values_list("tries", flat=True)) == {1}
    assert OutboxMessage.objects.count() == Attempt.objects.count() == CUSTOMERS
