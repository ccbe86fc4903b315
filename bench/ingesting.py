"""What events cost from /v1/batch until they are what they mean, beside a bulk insert of the rows that they leave.

Customers who tell who they are, buy and look at pages; `BENCH_EVENTS` or `--events` says how many events. The limit is
a ratio of the CPU of client and server together, against the bulk insert of this stack: Django's `bulk_create` of
objects made of the rows' values, in batches and one transaction. It gets the values as the product left them, read out
of its database beforehand: it reads no request, checks nothing and looks nothing up. Beside it stands, without a limit,
the fastest way that each database has: COPY of bytes that were made beforehand, `executemany` of tuples.
"""

import os
import sys
from statistics import median

from bench import _main
from bench._databases import Databases
from bench._report import Figure
from bench._running import Usage, run

OURS = ("keep", "apply")
CASES = (*OURS, "bare", "orm")
MOST = 3
"""So many times the CPU of `bulk_create`."""


def measure(where: Databases, events: int, rounds: int) -> list[Figure]:
    """Take the events in, each time into an empty database, and insert what they left once more."""
    run(where, where.create("empty"), [("build_events",)])
    used: dict[str, list[Usage]] = {case: [] for case in CASES}
    for _ in range(rounds):
        with where.copied("empty") as url:
            for case, usages in used.items():
                usages.append(run(where, url, [(f"ingest_{case}", events)]))
        _, [applied], [bare], [orm] = (usages[-1].results for usages in used.values())
        print(f"{where.version}: {[usages[-1].cpu for usages in used.values()]} CPU s, {applied}", file=sys.stderr)
        if applied.pop("taken") != events or not applied == bare == orm:
            told = f"{applied}, {bare}, {orm}"
            sys.exit(f"Not all of {events:,} events were taken in, or not all rows inserted again: {told}.")
    cpu = {case: median(usage.cpu for usage in usages) for case, usages in used.items()}
    ours = sum(cpu[case] for case in OURS)
    return [
        Figure("events kept by the web, CPU s", cpu["keep"]),
        Figure("events taken in by a worker, CPU s", cpu["apply"]),
        Figure("  of both the database server's", sum(median(one.server_cpu for one in used[case]) for case in OURS)),
        Figure("bulk_create of what they left, CPU s", cpu["orm"]),
        Figure("fastest insert of what they left, CPU s", cpu["bare"]),
        Figure("events a CPU second", events / ours),
        Figure("memory of the client, MB", max(one.memory for case in OURS for one in used[case])),
        Figure("events, times the fastest insert", ours / cpu["bare"]),
        Figure("events, times bulk_create", ours / cpu["orm"], MOST),
    ]


def main() -> int:
    """Measure on each database, print a table, and fail beyond the limit."""
    return _main.main("ingesting", __doc__, "events", int(os.environ.get("BENCH_EVENTS", "100000")), measure)


if __name__ == "__main__":
    sys.exit(main())
