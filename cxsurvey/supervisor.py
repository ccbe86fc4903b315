"""Runs web and worker side by side on one machine, and leaves nothing behind.

The queue's own supervision is not enough: a worker killed at the wrong moment leaves a cluster that looks alive and
takes no jobs, and a signal to its whole process group can hang it. So each child has a session of its own, signals go
to its main process only, and the cluster is restarted when its canary job falls silent (docs/decisions/).
"""

import errno
import http.client
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.db import OperationalError, close_old_connections
from django.utils import timezone
from django_q.tasks import async_task

from cxsurvey.installing import install
from cxsurvey.schedules import WORKER_SILENCE, last_beat

logger = logging.getLogger(__name__)

PORTS_TRIED = 50
TICK_SECONDS = 0.2
STOP_SECONDS = 30
"""Longer than the 20 seconds after which a provider's answer is given up: a stop leaves no message of unknown fate."""
CHECK_EVERY = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=1)


class Child:
    """One long-running command, started again whenever it ends, each time after a longer wait."""

    def __init__(self, name: str, command: list[str], env: dict[str, str], inherited: tuple[int, ...] = ()) -> None:
        self.name, self.command, self.env, self.inherited = name, command, env, inherited
        self.early_ends = 0
        self.start_at: datetime | None = None
        self.start()

    def start(self) -> None:
        """Run the command in a session of its own, so that Ctrl-C in the terminal does not reach it."""
        self.started, self.start_at = timezone.now(), None
        self.process = subprocess.Popen(
            self.command, cwd=settings.BASE_DIR, env=self.env, pass_fds=self.inherited, start_new_session=True
        )

    def keep_running(self, at: datetime) -> None:
        """Start the command again if it has ended: after 2 seconds, 4, 8, up to a minute while it ends early."""
        if self.process.poll() is None:
            return
        if self.start_at is None:
            self.early_ends = self.early_ends + 1 if at - self.started < LONGEST_WAIT else 1
            wait = min(timedelta(seconds=2**self.early_ends), LONGEST_WAIT)
            logger.warning(
                "The %s ended with status %s; starting it again in %d seconds.",
                self.name,
                self.process.returncode,
                wait.total_seconds(),
            )
            self.sweep()
            self.start_at = at + wait
        elif at >= self.start_at:
            self.start()

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the main process only; it stops its own children in order."""
        if self.process.poll() is None:
            self.process.terminate()

    def wait_until_stopped(self) -> None:
        """Wait for the command to end, and end it and everything it started by force after half a minute."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        self.sweep()
        self.process.wait()

    def sweep(self) -> None:
        """Kill what is left of the child's session."""
        with suppress(ProcessLookupError):  # the usual case: nothing is left
            os.killpg(self.process.pid, signal.SIGKILL)


def serve(host: str, port: int, announce: Callable[[str], None]) -> None:
    """Run web and worker until SIGINT, SIGTERM or SIGHUP, then stop both.

    Takes the next free port if `port` is taken. Calls `announce` once, with the base address, when the web answers.
    """
    with open_port(host, port) as listener, stop_signals() as stopping:
        url = base_url(listener)
        install(timezone.now())
        async_task("cxsurvey.tasks.beat")  # the first scheduled one comes half a minute after the start
        web, worker = start_children(listener, os.environ | {"SITE_URL": os.environ.get("SITE_URL", url)})
        children = (web, worker)
        try:
            while not stopping and not answers(listener):
                tend(children, timezone.now())
            if not stopping:
                announce(url)
                sys.stdout.flush()  # what follows waits for hours, and a pipe would keep the address to itself
            watch(children, worker, stopping)
        finally:
            for child in children:
                child.ask_to_stop()
            for child in children:
                child.wait_until_stopped()


def start_children(listener: socket.socket, env: dict[str, str]) -> tuple[Child, Child]:
    """Start the web on the open port, and the queue's cluster."""
    return start_web(listener, env), Child("worker", [sys.executable, "manage.py", "qcluster"], env)


def start_web(listener: socket.socket, env: dict[str, str], application: str = "cxsurvey.wsgi") -> Child:
    """Start gunicorn on the open port."""
    gunicorn = [sys.executable, "-m", "gunicorn", application, "--bind", f"fd://{listener.fileno()}"]
    gunicorn += ["--worker-class", "gthread", "--workers", "2", "--threads", "8"]
    gunicorn += ["--graceful-timeout", "5", "--log-level", "warning", "--no-control-socket"]
    return Child("web", gunicorn, env, inherited=(listener.fileno(),))


def watch(children: Sequence[Child], worker: Child, stopping: list[int]) -> None:
    """Keep the children running until a stop signal has come, and the worker working."""
    checked = timezone.now()
    while not stopping:
        now = timezone.now()
        tend(children, now)
        if now - checked > CHECK_EVERY:
            checked = now
            restart_if_silent(worker, now)


def tend(children: Sequence[Child], at: datetime) -> None:
    """Start again what has ended, then wait a moment."""
    for child in children:
        child.keep_running(at)
    time.sleep(TICK_SECONDS)


def restart_if_silent(worker: Child, at: datetime) -> bool:
    """Restart a cluster that is there but has taken no job for five minutes; return whether it was restarted."""
    try:
        beat = last_beat()
    except OperationalError:
        logger.exception("The database does not answer; the worker is left alone until it does.")
        return False
    finally:
        close_old_connections()
    if at - max(worker.started, beat or worker.started) <= WORKER_SILENCE:
        return False
    logger.warning("The worker has taken no job for %s; restarting it.", WORKER_SILENCE)
    worker.ask_to_stop()
    worker.wait_until_stopped()
    worker.start()
    return True


@contextmanager
def stop_signals() -> Iterator[list[int]]:
    """Collect the signals that ask for a stop, instead of dying from them, and put the former handlers back."""
    received: list[int] = []
    handlers = {
        number: signal.signal(number, lambda number, _: received.append(number))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield received
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def open_port(host: str, port: int) -> socket.socket:
    """Listen on `port` or the next free one, so that nobody else can take it while the web starts.

    Raises OSError when none of 50 ports is free or `host` is not an address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, port + PORTS_TRIED):
        try:
            listener = socket.create_server((host, candidate), family=family, backlog=128)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            continue
        if candidate != port:
            logger.warning("Port %d is taken by another program; using %d instead.", port, candidate)
        return listener
    raise OSError(errno.EADDRINUSE, f"None of the ports {port} to {port + PORTS_TRIED - 1} is free; name another one.")


def first_free_port(host: str, port: int) -> int:
    """Return the port that `serve` would take now, for whoever must know addresses before serving."""
    with open_port(host, port) as listener:
        return int(listener.getsockname()[1])


def base_url(listener: socket.socket) -> str:
    """Return the address under which a browser on this machine reaches the listener."""
    host, port = listener.getsockname()[:2]
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{local}]:{port}" if ":" in local else f"http://{local}:{port}"


def answers(listener: socket.socket) -> bool:
    """Whether the web answers, whatever it says."""
    host, port = listener.getsockname()[:2]
    request = http.client.HTTPConnection(host, port, timeout=TICK_SECONDS * 10)
    try:
        request.request("GET", "/health/")
        request.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        request.close()
    return True
