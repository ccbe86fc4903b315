"""What it costs to export all responses, in every format, beside the least that could be done in the same run.

Responses with their touchpoints and a score each, all columns of the table, on PostgreSQL and SQLite; `BENCH_EXPORTED`
or `--responses` says how many. Limits are ratios of the CPU of client and server together to COPY of the same statement
(PostgreSQL) and to the `sqlite3` shell's CSV of it (SQLite), MB by which the process grows, and seconds to the first
byte. Excel is written in Python, and has a limit of memory alone.
"""

import os
import sys
from statistics import median

from bench import _main
from bench._databases import Databases
from bench._report import Figure
from bench._running import Usage, run

CASES = ("bare", "csv", "ndjson", "parquet", "xlsx")
MOST = {"csv": 1.5, "ndjson": 2.0, "parquet": 2.0}
"""So many times the CPU of the least."""
GROWTH = {"csv": 64, "ndjson": 64, "parquet": 256, "xlsx": 256}
FIRST_BYTE = 1.0


def measure(where: Databases, responses: int, rounds: int) -> list[Figure]:
    """Make a world, export it in every format, and compare."""
    url = where.create("exported")
    made = run(where, url, [("build_answers", responses)])
    print(f"{where.version}: {responses:,} responses made in {made.cpu:.0f} CPU s", file=sys.stderr, flush=True)
    used: dict[str, list[Usage]] = {case: [] for case in CASES}
    for _ in range(rounds):
        for case in CASES:
            used[case].append(run(where, url, [(f"export_{case}",)]))
    rows = {case: {usage.results[0]["rows"] for usage in usages} for case, usages in used.items()}
    if any(count != {responses} for count in rows.values()):
        sys.exit(f"Not all responses were exported, or some twice: {rows}.")
    cpu = {case: median(usage.cpu for usage in usages) for case, usages in used.items()}
    figures = [Figure(f"{case}, CPU s", seconds) for case, seconds in cpu.items()]
    for case in CASES[1:]:
        figures += [
            Figure(f"{case}, times the least", cpu[case] / cpu["bare"], MOST.get(case)),
            Figure(f"{case}, MB grown", max(one.results[0]["grown"] for one in used[case]), GROWTH[case]),
            Figure(f"{case}, s to the first byte", max(one.results[0]["first_byte"] for one in used[case]), FIRST_BYTE),
        ]
    return figures


def main() -> int:
    """Measure on each database, print a table, and fail beyond the limits."""
    return _main.main("exporting", __doc__, "responses", int(os.environ.get("BENCH_EXPORTED", "1000000")), measure)


if __name__ == "__main__":
    sys.exit(main())
