"""What the sections of several reports have in common: rows and the headings of their columns."""

from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
Rows = Sequence[Row]

INTERVAL = {"low": "95% from", "high": "to"}
NPS = {
    "n": "Answers",
    "promoters": "Promoters",
    "passives": "Passives",
    "detractors": "Detractors",
    "nps": "NPS (points)",
    **INTERVAL,
    "state": "State",
}


def only(rows: Rows, *by: str) -> list[Row]:
    """Return the rows of these groupings."""
    return [row for row in rows if row["by"] in by]
