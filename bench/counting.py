"""What it costs to count scores by touchpoint and month, beside the statements that one would write by hand.

40 kinds of touchpoints, 24 months, customers with several answers, on PostgreSQL and SQLite. `BENCH_RESPONSES` or
`--responses` says how many. By hand are counts alone, and counts with customers; ours knows of every customer with
several answers what these were, as the intervals need. Limits are ratios of the CPU of client and server together; what
is made of counted months has one in CPU milliseconds of the client, as a busy machine would add its own waiting.
"""

import os
import sys
from statistics import median

from bench import _main
from bench._databases import Databases
from bench._report import Figure
from bench._running import Usage, run

CASES = ("bare", "persons", "ours")
GROWTH = 10


def measure(where: Databases, responses: int, rounds: int) -> list[Figure]:
    """Make a small and a large world, count in both, and compare."""
    used: dict[str, list[Usage]] = {}
    for name, size in (("small", responses // GROWTH), ("large", responses)):
        url = where.create(name)
        made = run(where, url, [("build_answers", size)])
        print(f"{where.version}: {size:,} responses made in {made.cpu:.0f} CPU s", file=sys.stderr, flush=True)
        for _ in range(rounds):
            for case in CASES if name == "large" else ("ours",):
                used.setdefault(f"{name} {case}", []).append(run(where, url, [(f"count_{case}",)]))
    found = {case: {one.results[0]["answers"] for one in usages} for case, usages in used.items()}
    if any(answers != {size} for case, answers in found.items() for size in [_size(case, responses)]):
        sys.exit(f"Not all answers were counted, or some twice: {found}.")
    counting, rolled = (run(where, url, [(f"count_{name}",)]) for name in ("months", "rolled"))
    cpu = {case: median(one.cpu for one in usages) for case, usages in used.items()}
    return [
        *(Figure(f"{case.removeprefix('large ')}, CPU s", seconds) for case, seconds in cpu.items()),
        Figure("from the answers, times counts alone", cpu["large ours"] / cpu["large bare"]),
        Figure("from the answers, times counts with customers", cpu["large ours"] / cpu["large persons"], 1.3),
        Figure(f"{GROWTH} times the answers, times the CPU", cpu["large ours"] / cpu["small ours"], 1.3 * GROWTH),
        Figure("counting all months that are over, CPU s", counting.cpu),
        Figure("counted months: read, CPU ms", rolled.results[0]["read_ms"]),
        Figure("counted months: read, hidden, estimated, CPU ms", rolled.results[0]["ms"], 100),
        Figure("memory of the client, MB", max(one.memory for one in (*used["large ours"], counting, rolled)), 300),
    ]


def _size(case: str, responses: int) -> int:
    return responses if case.startswith("large") else responses // GROWTH


def main() -> int:
    """Measure on each database, print a table, and fail beyond the limits."""
    return _main.main("counting", __doc__, "responses", int(os.environ.get("BENCH_RESPONSES", "10000000")), measure)


if __name__ == "__main__":
    sys.exit(main())
