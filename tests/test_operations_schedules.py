"""The periodic jobs: one list, installed once whoever installs it."""

import ast
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from croniter import croniter
from django.core.management import call_command
from django.db import connection
from django.utils.module_loading import import_string
from django_q.models import Schedule, Task

from cxsurvey import tasks
from cxsurvey.models import Heartbeat, LoginSession
from cxsurvey.schedules import JOBS, Job, beat, install_schedules, last_beat

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=1)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_every_job_leads_to_a_function_without_arguments(job: Job):
    function = import_string(job.path)

    assert function.__code__.co_argcount == 0
    assert croniter.is_valid(job.cron)


def test_names_of_jobs_are_unique():
    assert len({job.name for job in JOBS}) == len(JOBS)


def test_installing_twice_leaves_what_is_scheduled_alone(db):
    install_schedules(AT)
    before = list(Schedule.objects.order_by("pk").values())

    install_schedules(LATER)

    assert [row["name"] for row in before] == [job.name for job in JOBS]
    assert list(Schedule.objects.order_by("pk").values()) == before


def test_a_job_that_may_take_longer_tells_the_queue_so(db):
    install_schedules(AT)

    kwargs = {row.name: row.kwargs for row in Schedule.objects.all()}

    assert ast.literal_eval(kwargs["write exports"]) == {"q_options": {"timeout": 6 * 60 * 60}}
    assert kwargs["plan and deliver"] is None


def test_changed_jobs_are_replaced_and_unlisted_ones_go(db):
    install_schedules(AT, tuple(Job(name, "a.b", "* * * * *") for name in ("kept", "changed", "gone")))
    kept = Schedule.objects.get(name="kept")

    install_schedules(
        LATER, (Job("kept", "a.b", "* * * * *"), Job("changed", "a.b", "0 5 1 1 *"), Job("new", "a.c", "* * * * *"))
    )

    assert set(Schedule.objects.values_list("name", flat=True)) == {"kept", "changed", "new"}
    assert Schedule.objects.get(name="kept") == kept
    changed = Schedule.objects.get(name="changed")
    assert (changed.next_run.month, changed.next_run.day, changed.next_run.hour) == (1, 1, 5)


def test_a_job_that_stands_there_twice_is_put_right(db):
    install_schedules(AT)
    Schedule.objects.create(name=JOBS[0].name, func="old.path")

    install_schedules(LATER)

    assert Schedule.objects.get(name=JOBS[0].name).func == JOBS[0].path


def test_processes_that_install_at_once_install_each_job_once(transactional_db):
    def install(_: int) -> None:
        try:
            install_schedules(AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(install, range(16)))

    assert sorted(Schedule.objects.values_list("name", flat=True)) == sorted(job.name for job in JOBS)


def test_the_command_installs_and_lists_them(db, capsys):
    call_command("install")

    assert Schedule.objects.count() == len(JOBS)
    assert capsys.readouterr().out.splitlines()[1].split(maxsplit=5)[-1] == JOBS[0].name


def test_a_worker_is_as_alive_as_its_last_beat(db):
    assert last_beat() is None

    beat(AT)
    beat(LATER)

    assert last_beat() == LATER
    assert Heartbeat.objects.count() == 1


def test_the_canary_job_beats_now(db):
    before = datetime.now(UTC)

    tasks.beat()

    assert before <= last_beat() <= datetime.now(UTC)


def test_the_nightly_job_forgets_ended_sessions_too(db):
    for key, expires in (("ended", AT), ("running", datetime.now(UTC) + timedelta(hours=1))):
        LoginSession.objects.create(session_key=key, expire_date=expires)
    Task.objects.create(
        id="old", name="old", func="a.b", started=AT - timedelta(days=400), stopped=AT - timedelta(days=400)
    )

    tasks.forget_old()

    assert [session.session_key for session in LoginSession.objects.all()] == ["running"]
    assert not Task.objects.exists()
