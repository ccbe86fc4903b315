"""Real processes of the project, for tests that must see them start, work and end."""

import multiprocessing
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psutil
from django.conf import settings

FORK = multiprocessing.get_context("fork")
"""Processes that begin with all that the test has, in no time."""


class StartLine:
    """Where forked processes wait until all are there: pipes, as one that is killed may hold no lock of the others."""

    def __init__(self) -> None:
        self.arrivals, self._arrive = os.pipe()
        self._wait, self._go = os.pipe()

    def wait(self) -> None:
        """Wait, in a forked process, until the others are there too."""
        os.close(self._go)  # this process's copy: the line opens when the last is closed
        os.write(self._arrive, b".")
        os.read(self._wait, 1)

    def open(self, processes: int) -> None:
        """Let them all go, in the process that forked them, once so many have arrived."""
        arrived = 0
        while arrived < processes:
            arrived += len(os.read(self.arrivals, processes))
        for end in (self._go, self._wait, self._arrive, self.arrivals):
            os.close(end)


def manage(env: dict[str, str], *arguments: str) -> "subprocess.Popen[str]":
    """Start a manage.py command; its standard output can be read."""
    command = [sys.executable, "manage.py", *arguments]
    env = {name: value for name, value in env.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=env, stdout=subprocess.PIPE, text=True)


@contextmanager
def site(env: dict[str, str], *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Run `manage.py run`; give the process and the address it announced; kill it and its children afterwards."""
    process = manage(env, "run", *arguments)
    assert process.stdout is not None
    try:
        assert select.select([process.stdout], [], [], 60)[0], "no address was announced within a minute"
        address = re.search(r"http://\S+:\d+", process.stdout.readline())
        assert address is not None
        yield process, address[0]
    finally:
        end(process)


def end(process: "subprocess.Popen[str]") -> None:
    """Kill a process with everything it started, if it is still there."""
    if process.poll() is None:
        for child in family(process):
            child.kill()
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def family(process: "subprocess.Popen[Any]") -> list[psutil.Process]:
    """Return all processes that descend from this one."""
    return list(psutil.Process(process.pid).children(recursive=True))


def survivors(processes: list[psutil.Process]) -> list[str]:
    """Return the command lines of those that still run after two seconds, and kill them."""
    deadline = time.monotonic() + 2
    while (alive := [process for process in processes if runs(process)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    lines = [" ".join(process.cmdline()) for process in alive]
    for process in alive:
        process.kill()
    return lines


def runs(process: psutil.Process) -> bool:
    """Whether it still runs; where nobody collects orphans, the dead stay listed as zombies."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def wait_until(true: Callable[[], object], seconds: float = 60, *, pause: float = 0.1) -> None:
    """Ask after every pause; fail when the answer is not yes in time."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} seconds"
        time.sleep(pause)
