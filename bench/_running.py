"""Jobs of `bench._jobs`, each in a process of its own on a copy of a world, and what they and the server use."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench._databases import Databases

Job = tuple[str, *tuple[int, ...]]
"""The name of a job and its numbers."""


@dataclass(frozen=True)
class Usage:
    """What jobs that began together used: CPU seconds with the server's, wall seconds, memory in MB.

    `wall` and `memory` are those of the job that took most; `results` are in the order of the jobs.
    """

    cpu: float
    server_cpu: float
    wall: float
    memory: float
    results: tuple[dict[str, Any], ...]


def run_on_copy(databases: Databases, world: str, jobs: Sequence[Job], *, seconds: float = 0) -> Usage:
    """Run jobs at once on a fresh copy of a world, and fail where what they left is not as it must be."""
    with databases.copied(world) as url:
        usage = run(databases, url, jobs, seconds=seconds)
        [left] = run(databases, url, [("count",)]).results
    planned = [result for result in usage.results if "touchpoints" in result]
    touchpoints, asked = (sum(result[name] for result in planned) for name in ("touchpoints", "asked"))
    wanted = {"decisions": touchpoints, "contacts": asked, "invitations": asked, "customers": asked}
    if wrong := {name: left[name] for name, number in wanted.items() if left[name] != number}:
        sys.exit(f"After {jobs} the database holds {wrong}, but the jobs reported {wanted}.")
    return usage


def run(databases: Databases, url: str, jobs: Sequence[Job], *, seconds: float = 0) -> Usage:
    """Run jobs at once. The answers stop when the other jobs are done, or where there is none after so many seconds."""
    processes = [_start(url, job) for job in jobs]
    before = databases.cpu_seconds()
    for process in processes:
        _say(process, "go")
    outputs: list[dict[str, Any] | None] = [
        None if name == "answer" else _read(process) for (name, *_), process in zip(jobs, processes, strict=True)
    ]
    time.sleep(seconds)
    for n, process in enumerate(processes):
        if outputs[n] is None:
            _say(process, "stop")
            outputs[n] = _read(process)
    for process in processes:
        process.communicate()
        if process.returncode:
            sys.exit(f"{process.args} failed.")
    server = databases.cpu_seconds() - before
    done = [output for output in outputs if output]
    return Usage(
        cpu=sum(output["cpu"] for output in done) + server,
        server_cpu=server,
        wall=max(output["wall"] for output in done),
        memory=max(output["memory"] for output in done),
        results=tuple(output["result"] for output in done),
    )


def _start(url: str, job: Job) -> "subprocess.Popen[str]":
    """Start a process and wait until it is ready."""
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "cxsurvey.settings"}
    command = [sys.executable, "-m", "bench._child", *map(str, job)]
    process = subprocess.Popen(
        command, env=environment, text=True, bufsize=1, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    if _line(process) != "ready":
        sys.exit(f"{command} did not start.")
    return process


def _read(process: "subprocess.Popen[str]") -> dict[str, Any]:
    line = _line(process)
    if not line:
        sys.exit(f"{process.args} failed.")
    output: dict[str, Any] = json.loads(line)
    return output


def _line(process: "subprocess.Popen[str]") -> str:
    if process.stdout is None:
        raise TypeError("The process was started without a pipe.")
    return process.stdout.readline().strip()


def _say(process: "subprocess.Popen[str]", word: str) -> None:
    if process.stdin is None:
        raise TypeError("The process was started without a pipe.")
    process.stdin.write(f"{word}\n")
