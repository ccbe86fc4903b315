"""What the benchmarks measured, in one file: each writes under its own name and leaves the others' figures."""

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REPORT = Path("var/bench.json")


@dataclass(frozen=True)
class Figure:
    """Something that was measured; `limit` is None where it is only shown, `least` says that it may not be less."""

    name: str
    value: float
    limit: float | None = None
    least: bool = False

    @property
    def holds(self) -> bool:
        if self.limit is None:
            return True
        return self.value >= self.limit if self.least else self.value <= self.limit

    def line(self) -> str:
        limit = "" if self.limit is None else f"{'at least' if self.least else 'at most'} {self.limit:g}"
        return f"{self.name:<58}{self.value:>12.2f}  {limit:<16}{'' if self.holds else 'MISSED'}"


def note(name: str, found: Mapping[str, object]) -> None:
    """Put what was found in place of what the benchmark of this name found before, with the machine it was found on."""
    noted = json.loads(REPORT.read_text()) if REPORT.exists() else {}
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(noted | {name: machine | found}, indent=1))
