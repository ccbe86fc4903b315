"""One job in a process of its own: `python -m bench._child JOB [NUMBER ...]` on DATABASE_URL.

The process prepares it, says `ready`, begins with the next line of its standard input, and prints what it used.
"""

import json
import sys
import time
from importlib import import_module
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

import django
from django.db import connection


def main(name: str, *numbers: str) -> None:
    """Do the job when told to, and print what it took: CPU and wall seconds, peak memory in MB, and its result."""
    django.setup()
    job = import_module("bench._jobs").prepare(name, *map(int, numbers))  # models: only after django.setup()
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    before, begin = _cpu(), time.perf_counter()
    result = job()
    after, end = _cpu(), time.perf_counter()
    print(json.dumps({"cpu": after - before, "wall": end - begin, "memory": _peak(), "result": result}), flush=True)
    connection.close()


def _cpu() -> float:
    """The processor time of this process and of those that it has waited for."""
    return sum(used.ru_utime + used.ru_stime for used in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN)))


def _peak() -> float:
    """The most memory that this process has held, in MB; ru_maxrss would begin with that of the one that started it."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
