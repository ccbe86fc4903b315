"""One job in a process of its own: `python -m bench._child JOB [NUMBER ...]` on DATABASE_URL.

The process prepares it, says `ready`, begins with the next line of its standard input, and prints what it used.
"""

import json
import sys
import time
from importlib import import_module
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import django
from django.db import connection


def main(name: str, *numbers: str) -> None:
    """Do the job when told to, and print what it took: CPU and wall seconds, peak memory in MB, and its result."""
    django.setup()
    job = import_module("bench._jobs").prepare(name, *map(int, numbers))  # models: only after django.setup()
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    before, begin = getrusage(RUSAGE_SELF), time.perf_counter()
    result = job()
    after, end = getrusage(RUSAGE_SELF), time.perf_counter()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"cpu": cpu, "wall": end - begin, "memory": _peak(), "result": result}), flush=True)
    connection.close()


def _peak() -> float:
    """The most memory that this process has held, in MB; ru_maxrss would begin with that of the one that started it."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
