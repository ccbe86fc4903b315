"""What events cost from /v1/batch until they are what they mean, beside a bulk insert of the rows that they leave.

Customers who tell who they are, buy and look at pages; `BENCH_EVENTS` or `--events` says how many events. The limit is
a ratio of the CPU of client and server together. The insert gets the rows as the product left them, read out of its
database beforehand: it reads no request, checks nothing and looks nothing up.
"""

import os
import sys
from statistics import median

from bench import _main
from bench._databases import Databases
from bench._report import Figure
from bench._running import Usage, run

OURS = ("keep", "apply")
CASES = (*OURS, "bare")
MOST = 3
"""So many times the CPU of the bulk insert."""


def measure(where: Databases, events: int, rounds: int) -> list[Figure]:
    """Take the events in, each time into an empty database, and insert what they left once more."""
    run(where, where.create("empty"), [("build_events",)])
    used: dict[str, list[Usage]] = {case: [] for case in CASES}
    for _ in range(rounds):
        with where.copied("empty") as url:
            for case, usages in used.items():
                usages.append(run(where, url, [(f"ingest_{case}", events)]))
        _, [applied], [bare] = (usages[-1].results for usages in used.values())
        print(f"{where.version}: {[usages[-1].cpu for usages in used.values()]} CPU s, {applied}", file=sys.stderr)
        if applied.pop("taken") != events or applied != bare:
            sys.exit(f"Not all of {events:,} events were taken in, or not all rows inserted again: {applied}, {bare}.")
    cpu = {case: median(usage.cpu for usage in usages) for case, usages in used.items()}
    ours = sum(cpu[case] for case in OURS)
    return [
        Figure("events kept by the web, CPU s", cpu["keep"]),
        Figure("events taken in by a worker, CPU s", cpu["apply"]),
        Figure("  of both the database server's", sum(median(one.server_cpu for one in used[case]) for case in OURS)),
        Figure("bulk insert of what they left, CPU s", cpu["bare"]),
        Figure("events a CPU second", events / ours),
        Figure("memory of the client, MB", max(one.memory for case in OURS for one in used[case])),
        Figure("events, times the bulk insert", ours / cpu["bare"], MOST),
    ]


def main() -> int:
    """Measure on each database, print a table, and fail beyond the limit."""
    return _main.main("ingesting", __doc__, "events", int(os.environ.get("BENCH_EVENTS", "100000")), measure)


if __name__ == "__main__":
    sys.exit(main())
