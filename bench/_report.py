"""What the benchmarks measured, in one file: each writes under its own name and leaves the others' figures."""

import json
import os
import platform
from collections.abc import Mapping
from pathlib import Path

REPORT = Path("var/bench.json")


def note(name: str, found: Mapping[str, object]) -> None:
    """Put what was found in place of what the benchmark of this name found before, with the machine it was found on."""
    noted = json.loads(REPORT.read_text()) if REPORT.exists() else {}
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(noted | {name: machine | found}, indent=1))
