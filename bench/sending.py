"""What sending costs, beside a bare loop that claims, calls the same sink and notes the outcome.

On SQLite and on PostgreSQL, whose own processor time counts too. Each run is a process of its own on a copy of the same
database; runs of both alternate, so that a busy moment hits both alike.
"""

import argparse
import sys
from statistics import median
from typing import Any

from bench._databases import Databases, databases
from bench._report import note
from bench._running import run

LIMIT = 1.5
WORLD = "due"


def measure(where: Databases, messages: int, rounds: int) -> dict[str, Any]:
    """CPU milliseconds a message of each, their ratio, and how many messages the product sends in a CPU second."""
    run(where, where.create(WORLD), [("make_due", messages)])
    runs: dict[str, list[float]] = {"send_bare": [], "send": []}
    for _ in range(rounds):
        for job, figures in runs.items():
            with where.copied(WORLD) as url:
                usage = run(where, url, [(job,)])
            if usage.results[0]["sent"] != messages:
                sys.exit(f"{job} sent {usage.results[0]['sent']} of {messages} messages.")
            figures.append(1000 * usage.cpu / messages)
    bare, product = (median(figures) for figures in runs.values())
    ratio = product / bare
    return {"cpu_ms": {"bare": bare, "product": product}, "ratio": ratio, "per_cpu_second": 1000 / product}


def main() -> int:
    """Measure, print a table, and fail above the limit."""
    parser = argparse.ArgumentParser(prog="python -m bench.sending")
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--on", nargs="+", choices=("postgresql", "sqlite"), default=["postgresql", "sqlite"])
    asked = parser.parse_args()
    print(f"{'CPU ms per message':<26}{'bare loop':>12}{'product':>12}{'ratio':>9}{'limit':>9}")
    report: dict[str, Any] = {}
    for vendor in asked.on:
        with databases(vendor) as where:
            found = report[vendor] = measure(where, asked.messages, asked.rounds)
        used = found["cpu_ms"]
        print(f"{where.version:<26}{used['bare']:12.2f}{used['product']:12.2f}{found['ratio']:9.2f}{LIMIT:9.2f}")
    note("sending", {"messages": asked.messages, "limit": LIMIT, "databases": report})
    return int(any(found["ratio"] > LIMIT for found in report.values()))


if __name__ == "__main__":
    sys.exit(main())
