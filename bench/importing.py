"""What bringing in a file of customers costs, beside a raw COPY of the same rows and beside django-import-export.

100,000 customers with two addresses each, on PostgreSQL: new ones, the same file again, and one in which every customer
has changed. `BENCH_CUSTOMERS` or `--customers` says how many. Limits are ratios of the CPU of client and server
together; the peer brings in some thousand, and is taken at its time per row. SQLite has no COPY, there the file is only
timed.
"""

import os
import sys
from statistics import median

from bench import _main
from bench._databases import Databases
from bench._report import Figure
from bench._running import Usage, run

PEERS = 2_000
"""More would take the peer minutes, and no less for each."""
CASES = ("bare", "new", "peer")


def measure(where: Databases, customers: int, rounds: int) -> list[Figure]:
    """Bring the customers in, in every way and each time into an empty database."""
    run(where, where.create("empty"), [("build_imports",)])
    used: dict[str, list[Usage]] = {}
    for _ in range(rounds):
        for case in CASES if where.vendor == "postgresql" else ("new",):
            with where.copied("empty") as url:
                used.setdefault(case, []).append(_run(where, url, case, PEERS if case == "peer" else customers))
                if case == "new":
                    used.setdefault("same", []).append(_run(where, url, "same", customers))
                    used.setdefault("changed", []).append(_run(where, url, "changed", customers))
    cpu = {case: median(one.cpu for one in usages) for case, usages in used.items()}
    figures = [Figure(f"{case}, CPU s", seconds) for case, seconds in cpu.items()]
    figures += [Figure("memory of the client, MB", max(one.memory for one in used["new"]), 300)]
    if "bare" in cpu:
        figures += [
            Figure("new customers, times a raw COPY", cpu["new"] / cpu["bare"], 4),
            Figure("all changed, times a raw COPY", cpu["changed"] / cpu["bare"], 4),
            Figure("the same again, times a raw COPY", cpu["same"] / cpu["bare"]),
            Figure(
                "django-import-export, times ours a row", cpu["peer"] / PEERS * customers / cpu["new"], 30, least=True
            ),
        ]
    return figures


def _run(where: Databases, url: str, case: str, customers: int) -> Usage:
    usage = run(where, url, [(f"import_{case}", customers)])
    [result] = usage.results
    print(f"{where.version}, {case}: {usage.cpu:.1f} CPU s, {result}", file=sys.stderr, flush=True)
    if result["unchanged" if case == "same" else "written"] != customers:
        sys.exit(f"Not all of {customers:,} customers came in: {result}.")
    return usage


def main() -> int:
    """Measure on each database, print a table, and fail beyond the limits."""
    return _main.main(
        "importing", __doc__, "customers", min(int(os.environ.get("BENCH_CUSTOMERS", "100000")), 100_000), measure
    )


if __name__ == "__main__":
    sys.exit(main())
