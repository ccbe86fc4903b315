"""A benchmark as a command: measured on each database, as a table and in var/bench.json, and failing beyond limits."""

import argparse
import os
from collections.abc import Callable, Sequence
from typing import Any

from bench._databases import Databases, databases
from bench._report import Figure, note

VENDORS = ("postgresql", "sqlite")


def main(
    name: str, about: str | None, unit: str, most: int, measure: Callable[[Databases, int, int], Sequence[Figure]]
) -> int:
    """Measure `most` rows of the `unit` unless the command asks for another number; return 1 beyond a limit."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument(f"--{unit}", type=int, default=most, dest="size")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--on", nargs="+", choices=VENDORS, default=[*VENDORS])
    asked = parser.parse_args()
    report: dict[str, Any] = {}
    holds = True
    for vendor in asked.on:
        with databases(vendor) as where:
            figures = measure(where, asked.size, asked.rounds)
        print(f"\n{where.version}, {asked.size:,} {unit}, {os.cpu_count()} cores")
        for figure in figures:
            print(figure.line())
            holds &= figure.holds
        report[vendor] = {figure.name: figure.value for figure in figures}
    note(name, {unit: asked.size, "databases": report})
    return int(not holds)
