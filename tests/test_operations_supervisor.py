"""Web and worker under one command: started, watched, and gone when it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from urllib.error import HTTPError
from urllib.request import urlopen

import psutil
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from cxsurvey.schedules import WORKER_SILENCE, beat
from cxsurvey.supervisor import (
    STOP_SECONDS,
    Child,
    base_url,
    first_free_port,
    open_port,
    restart_if_silent,
    stop_signals,
)
from tests.processes import family, site, survivors, wait_until

SLEEPS = [sys.executable, "-c", "import time; time.sleep(600)"]
ANY = "0.0.0.0"  # noqa: S104
ENDS = [sys.executable, "-c", "raise SystemExit(3)"]


def status(address: str) -> int:
    try:
        return int(urlopen(f"{address}/health/", timeout=60).status)
    except HTTPError as error:
        return error.code


@pytest.fixture
def sleeper() -> Iterator[Child]:
    child = Child("sleeper", SLEEPS, dict(os.environ))
    yield child
    child.ask_to_stop()
    child.wait_until_stopped()


def children(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    return [child for child in family(process) if child.ppid() == process.pid]


def assert_nothing_is_left_after(number: signal.Signals, process: "subprocess.Popen[str]") -> None:
    everybody = family(process)
    asked = time.monotonic()
    process.send_signal(number)

    assert process.wait(2 * STOP_SECONDS) == 0
    assert time.monotonic() - asked < STOP_SECONDS, "the worker had to be killed"
    assert len(everybody) > 6
    assert survivors(everybody) == []


@pytest.mark.one_database
def test_web_and_worker_run_under_the_operators_address_until_ctrl_c(project_env: dict[str, str]):
    env = project_env | {"SITE_URL": "https://surveys.example.com"}
    with site(env, "--port", "8400") as (process, address):
        wait_until(lambda: status(address) == 200)
        assert [child.environ()["SITE_URL"] for child in children(process)] == [env["SITE_URL"]] * 2
        assert_nothing_is_left_after(signal.SIGINT, process)


@pytest.mark.one_database
def test_beside_a_taken_port_web_and_worker_run_come_back_when_killed_and_stop_when_told(project_env: dict[str, str]):
    with socket.create_server(("127.0.0.1", 8430)), site(project_env, "--port", "8430") as (process, address):
        wait_until(lambda: status(address) == 200)
        assert address == "http://127.0.0.1:8431"
        assert [child.environ()["SITE_URL"] for child in children(process)] == [address, address], "links follow"
        before = {child.pid for child in family(process)}
        for child in children(process):
            child.kill()

        wait_until(lambda: len({child.pid for child in family(process)} - before) >= len(before))
        assert status(address) == 200
        assert not {child.pid for child in family(process)} & before
        assert_nothing_is_left_after(signal.SIGTERM, process)


def test_a_database_behind_the_code_is_refused(db):
    MigrationRecorder.Migration.objects.filter(app="django_q").latest("id").delete()

    with pytest.raises(CommandError, match=r"lacks 1 migrations\. Run: python manage\.py migrate"):
        call_command("run")


def test_an_address_of_another_machine_is_refused(db):
    with pytest.raises(CommandError, match=r"Cannot listen on 192\.0\.2\.1"):
        call_command("run", host="192.0.2.1")


def test_only_so_many_ports_are_tried(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cxsurvey.supervisor.PORTS_TRIED", 1)
    with open_port("127.0.0.1", 8480), pytest.raises(OSError, match="None of the ports 8480 to 8480 is free"):
        open_port("127.0.0.1", 8480)


def test_the_free_port_is_the_one_that_would_be_served(caplog: pytest.LogCaptureFixture):
    with open_port("127.0.0.1", 8490):
        assert first_free_port("127.0.0.1", 8490) == 8491

    assert caplog.messages == ["Port 8490 is taken by another program; using 8491 instead."]


@pytest.mark.parametrize(
    ("host", "url"), [("127.0.0.1", "127.0.0.1"), (ANY, "127.0.0.1"), ("::1", "[::1]"), ("::", "[::1]")]
)
def test_the_base_address_can_be_opened_on_this_machine(host: str, url: str):
    with open_port(host, 8500) as listener:
        assert base_url(listener) == f"http://{url}:{listener.getsockname()[1]}"


def test_a_child_that_ends_is_started_again_after_growing_waits(caplog: pytest.LogCaptureFixture):
    child = Child("example", ENDS, dict(os.environ))
    waits = []
    for _ in range(7):
        child.process.wait()
        child.keep_running(child.started)
        assert child.start_at is not None
        waits.append((child.start_at - child.started).total_seconds())
        child.keep_running(child.start_at - timedelta(seconds=1))
        assert child.start_at is not None, "started too early"
        child.started = child.start_at
        child.keep_running(child.start_at)
    child.process.wait()

    assert waits == [2, 4, 8, 16, 32, 60, 60]
    assert caplog.messages[0] == "The example ended with status 3; starting it again in 2 seconds."


def test_a_child_that_had_run_long_enough_is_started_again_soon():
    child = Child("example", ENDS, dict(os.environ))
    child.process.wait()
    child.early_ends = 5
    ended = child.started + timedelta(hours=1)

    child.keep_running(ended)

    assert child.start_at == ended + timedelta(seconds=2)


def test_a_child_that_ignores_the_request_is_killed_with_its_children(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cxsurvey.supervisor.STOP_SECONDS", 0.5)
    deaf = "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    deaf += f"subprocess.Popen({SLEEPS!r}); time.sleep(600)"
    child = Child("deaf", [sys.executable, "-c", deaf], dict(os.environ))
    wait_until(lambda: family(child.process))
    everybody = family(child.process)

    child.ask_to_stop()
    child.wait_until_stopped()

    assert survivors(everybody) == []


def test_a_worker_that_takes_no_jobs_is_restarted(transactional_db, sleeper: Child):
    first, started = sleeper.process.pid, sleeper.started
    beat(started - timedelta(days=1))

    assert not restart_if_silent(sleeper, started + WORKER_SILENCE)
    assert sleeper.process.pid == first
    assert restart_if_silent(sleeper, started + WORKER_SILENCE + timedelta(seconds=1))
    assert sleeper.process.pid != first


def test_a_worker_that_beats_is_left_alone(transactional_db, sleeper: Child):
    now = timezone.now() + timedelta(hours=1)
    beat(now - WORKER_SILENCE)

    assert not restart_if_silent(sleeper, now)


def test_a_worker_is_left_alone_while_the_database_does_not_answer(
    transactional_db, sleeper: Child, caplog: pytest.LogCaptureFixture
):
    def fail(*_: object) -> None:
        raise OperationalError("server closed the connection")

    with connection.execute_wrapper(fail):
        assert not restart_if_silent(sleeper, timezone.now() + timedelta(hours=1))

    assert "The database does not answer" in caplog.text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stop_signals_are_collected_and_the_former_handlers_come_back(number: signal.Signals):
    former = signal.getsignal(number)

    with stop_signals() as received:
        os.kill(os.getpid(), number)
        assert received == [number]

    assert signal.getsignal(number) is former
