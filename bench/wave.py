"""What planning a wave costs, beside SQL that does nothing else and beside the ORM, on PostgreSQL and SQLite.

The world is that of `bench._world`. The main figure is the CPU of client and database together, the limits are ratios
of medians of one run, because seconds would only hold on one machine. `BENCH_CUSTOMERS` or `--customers` says how
large: 100,000 customers with 1M rows of the ledger take minutes, 1,000,000 with 10M (`make bench`) hours.
"""

import os
import sys
from statistics import median
from typing import Any

from bench import _main
from bench._databases import Databases
from bench._report import Figure
from bench._running import Job, Usage, run, run_on_copy

ROWS_EACH = 10
CROWD = 100_000
"""Customers for whom several planners compete, and beside whose planning answers come."""
ORM_CUSTOMERS = 20_000
PLANNERS = 8
IDLE_SECONDS = 10
PLAN: Job = ("plan",)


class Bench:
    """The runs on one database: every case once in each round, so that a busy moment hits all alike."""

    def __init__(self, where: Databases, customers: int, rounds: int) -> None:
        self.where, self.customers, self.rounds = where, customers, rounds
        self.crowd = "base" if customers <= CROWD else "small"
        self.orm_customers = min(ORM_CUSTOMERS, customers)
        self.sizes = {
            "small": (customers // 10, ROWS_EACH * customers // 10),
            "base": (customers, ROWS_EACH * customers),
            "doubled": (customers, 2 * ROWS_EACH * customers),
        }
        self.worlds: dict[str, dict[str, Any]] = {}
        self.usages: dict[str, list[Usage]] = {}

    def measure(self) -> None:
        """Make the worlds and run everything."""
        for name, size in self.sizes.items():
            made = run(self.where, self.where.create(name), [("build", *size)])
            self.worlds[name] = made.results[0]
            _say(f"{self.where.version}: {name} world {made.results[0]}, {made.wall:.0f} s")
        cases: dict[str, tuple[str, list[Job]]] = {
            "plan": ("base", [PLAN]),
            "bare": ("base", [("bare",)]),
            "orm": ("base", [("orm", self.orm_customers)]),
            "small": ("small", [PLAN]),
            "doubled": ("doubled", [PLAN]),
            "doubled bare": ("doubled", [("bare",)]),
            "eight": (self.crowd, [PLAN] * PLANNERS),
            "two": (self.crowd, [PLAN] * 2),
            "idle": (self.crowd, [("answer",)]),
            "answers": (self.crowd, [PLAN, ("answer",)]),
        }
        for _ in range(self.rounds):
            for case, (world, jobs) in cases.items():
                seconds = IDLE_SECONDS if case == "idle" else 0
                usage = run_on_copy(self.where, world, jobs, seconds=seconds)
                self.usages.setdefault(case, []).append(usage)
                _say(
                    f"  {case:<14}{usage.cpu:8.2f} CPU s, the server's {usage.server_cpu:.2f}, {usage.wall:.2f} s, "
                    f"{usage.memory:.0f} MB {list(usage.results)}"
                )

    def figures(self) -> list[Figure]:
        """What the issue asks for, of the medians."""
        plan, one = self._cpu("plan"), "plan" if self.crowd == "base" else "small"
        orm = self._cpu("orm") * self.customers / self.orm_customers
        figures = [
            Figure(f"CPU s to plan for {self.customers:,} customers", plan),
            Figure("  of these the database server's", self._median("plan", "server_cpu")),
            Figure("wall s of the same", self._median("plan", "wall")),
            Figure("asked, of 100 customers", 100 * self._result("plan", "asked") / self.customers),
            Figure("asked by the bare claim, of 100", 100 * self._result("bare", "asked") / self.customers),
            Figure("CPU of the plan / of the bare claim", plan / self._cpu("bare"), 1.5),
            Figure("CPU of the ORM in batches / of the plan", orm / plan, 20, least=True),
            Figure("peak memory of the planner, MB", self._median("plan", "memory"), 600),
            Figure("CPU for 10 times the customers / for these", plan / self._cpu("small"), 13),
            Figure("CPU with twice the ledger / with this", self._cpu("doubled") / plan, 1.2),
            Figure("  the same of the bare claim", self._cpu("doubled bare") / self._cpu("bare")),
            Figure(f"CPU of {PLANNERS} planners / of one", self._cpu("eight") / self._cpu(one), 3),
            Figure("wall of 2 workers / of one", self._median("two", "wall") / self._median(one, "wall")),
        ]
        return figures + self._answer_figures()

    def _answer_figures(self) -> list[Figure]:
        idle, busy = self._answers("idle", 0), self._answers("answers", 1)
        is_sqlite = self.where.vendor == "sqlite"
        return [
            Figure("ms an answer takes, p50, nothing else", idle["p50"]),
            Figure("ms an answer takes, p50, beside a plan", busy["p50"]),
            Figure("ms an answer takes, p99, nothing else", idle["p99"]),
            Figure("ms an answer takes, p99, beside a plan", busy["p99"]),
            Figure("ms an answer takes, longest, nothing else", idle["longest"]),
            Figure("ms an answer takes, longest, beside a plan", busy["longest"], 150 if is_sqlite else None),
            Figure("p99 of an answer beside a plan / idle", busy["p99"] / idle["p99"], None if is_sqlite else 2),
        ]

    def _cpu(self, case: str) -> float:
        return self._median(case, "cpu")

    def _median(self, case: str, what: str) -> float:
        return median(getattr(usage, what) for usage in self.usages[case])

    def _result(self, case: str, name: str) -> float:
        return median(usage.results[0][name] for usage in self.usages[case])

    def _answers(self, case: str, place: int) -> dict[str, float]:
        results = [usage.results[place] for usage in self.usages[case]]
        return {name: median(result[name] for result in results) for name in ("p50", "p99", "longest")}


def measure(where: Databases, customers: int, rounds: int) -> list[Figure]:
    """Run everything on one database."""
    bench = Bench(where, customers, rounds)
    bench.measure()
    return bench.figures()


def main() -> int:
    """Measure on each database, print a table, and fail beyond the limits."""
    return _main.main("wave", __doc__, "customers", int(os.environ.get("BENCH_CUSTOMERS", "100000")), measure)


def _say(text: str) -> None:
    """What is going on, apart from the table."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
