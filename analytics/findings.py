"""What a chart shows, in a sentence: its caption, and its text for whoever does not see it."""

from collections.abc import Mapping, Sequence
from typing import Any

from analytics.scores import SHOWN_FROM
from contacts.names import in_words

Rows = Sequence[Mapping[str, Any]]
FEW = 5
"""So many estimates are told one by one where they are parts of something and no groups to compare."""
ESTIMATES = {"shrunken": " points", "nps": " points", "share": "%", "estimate": " points", "difference": " points"}
"""Columns that hold what is estimated, of which a table has its `low` and `high`, with units; the first counts."""
COUNTS = ("customers", "n", "sent")


def finding(rows: Rows, name: str) -> str:
    """Return what stands out in the rows of a table, whose groups are named in the column `name`; empty without rows.

    Of estimates with an interval: the highest and the lowest of the groups that are shown, and whether their intervals
    overlap. Of counts: the largest.
    """
    shown = [row for row in rows if row.get("state") != "withheld" and row.get("by") != "overall"]
    if not shown:
        return ""
    estimate = next((column for column in ESTIMATES if column in shown[0] and "low" in shown[0]), "")
    if not estimate:
        return _largest(shown, name)
    known = [row for row in shown if row[estimate] is not None and row["low"] is not None]
    if not known:
        return ""
    if name == "value":
        return _extremes(known, estimate)
    return "; ".join(_told(row, name, estimate) for row in known[:FEW]) + "."


def _extremes(shown: Rows, estimate: str) -> str:
    ordered = sorted(shown, key=lambda row: float(row[estimate]))
    lowest, highest = ordered[0], ordered[-1]
    if lowest is highest:
        return f"{_told(highest, 'value', estimate)}; only one group has {SHOWN_FROM} or more."
    overlap = "overlap" if lowest["high"] >= highest["low"] else "do not overlap"
    told = f"Highest: {_told(highest, 'value', estimate)}; lowest: {_told(lowest, 'value', estimate)}."
    return f"{told} Their intervals {overlap}."


def _largest(shown: Rows, name: str) -> str:
    count = next((column for column in COUNTS if column in shown[0]), "")
    counted = [row for row in shown if count and row[count] is not None]
    if not counted:
        return ""
    largest = max(counted, key=lambda row: int(row[count]))
    return f"Most: {_name(largest[name])} ({largest[count]:,})."


def _told(row: Mapping[str, Any], name: str, estimate: str) -> str:
    return f"{_name(row[name])}, {row[estimate]}{ESTIMATES[estimate]} (95% {row['low']} to {row['high']})"


def _name(value: Any) -> str:
    return in_words(str(value)) or "not stated"
