"""Drivers: what moves the score, and whether the organisation gives it the weight that customers do."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from analytics import cause_charts, frames
from analytics.drivers.exposure import NEEDED
from analytics.driving import driver_rows
from analytics.models import DriverWeight
from analytics.page import Headline, Section, section
from analytics.reports.tables import INTERVAL, Row, Rows
from analytics.scope import Scope
from contacts.names import in_words

PATTERNS = {
    "value": "Experience",
    "n": "Answers",
    "customers": "Customers",
    "r2": "Explained (%)",
    **INTERVAL,
    "missing": "Answers missing",
    "why": "Not told, because",
}
DRIVERS = {
    "value": "Driver",
    "unit": "Unit",
    "share": "Share explained (%)",
    **INTERVAL,
    "tied": "Tied with",
    "points": "Effect (NPS points)",
    "points_low": "95% from",
    "points_high": "to",
}
WEIGHTS = {
    "value": "Driver",
    "importance": "Importance (%)",
    **INTERVAL,
    "weight": "Weight (%)",
    "gap": "Gap (points)",
    "gap_low": "95% from",
    "gap_high": "to",
    "finding": "Finding",
}
ORDERS = {"value": "Experience", "estimate": "Rank correlation", **INTERVAL, "why": "To know"}

ASSOCIATION = (
    "The first picture: how much of the differences between scores each driver explains, fair to drivers that move "
    "together. The second: how many NPS points go with it, the others being equal. Of two that are tied nobody can "
    "tell which explains more. All of it is association: it does not say that changing a driver would change the score."
)
PARTS = (
    "Customers rate only what they had, so each kind of experience is told apart, and nothing is filled in. From "
    "{needed} answers on it is modelled. Outcomes and teams with fewer answers count with the most frequent one."
)
WEIGHED = (
    "Weights are what your organisation gives its indicators, and are set in the admin under Weights of drivers; both "
    "are in percent of the drivers that have one."
)
ORDER = "1: customers and organisation put the drivers in the same order; 0: nothing in common; -1: the reverse."


def build(scope: Scope) -> dict[str, Any]:
    """Return what moves the score in the scope, in its newest 20,000 answers."""
    weights = dict(DriverWeight.objects.values_list("driver", "weight"))
    return {**driver_rows(frames.experiences(scope), frames.ratings(scope), weights)}


def headline(numbers: Mapping[str, Any]) -> Headline:
    """Name what moves the score most among the experiences that are told."""
    told = [row for row in numbers["drivers"] if row["points"] is not None]
    if not told:
        answers = sum(row["n"] for row in numbers["driver_patterns"])
        return Headline("No drivers yet", f"{answers:,} answers with a score; below stands what is missing.")
    most = max(told, key=lambda row: abs(row["points"]))
    sure = f"with 95% confidence {most['points_low']:+} to {most['points_high']:+}"
    what = f"{_name(most['pattern'], most['known'])}: {in_words(most['value'])} ({_unit(most)})"
    text = f"{what} goes with the largest difference in NPS, {sure}."
    return Headline(f"{most['points']:+} points", text)


def sections(numbers: Mapping[str, Any]) -> list[Section]:
    """Return the sections over what `build` returned."""
    period = numbers["period"]["text"]
    return [
        *_drivers(numbers, period),
        *_weights(numbers, period),
        section(
            "orders",
            "Do customers and organisation agree on the order?",
            _named(numbers["driver_orders"]),
            ORDERS,
            lead=ORDER,
        ),
        section(
            "patterns",
            "Which experiences are told, and what is missing for the others?",
            _named(numbers["driver_patterns"]),
            PATTERNS,
            lead=PARTS.format(needed=NEEDED),
        ),
    ]


def _drivers(numbers: Mapping[str, Any], period: str) -> Iterator[Section]:
    for place, (name, rows) in enumerate(_by_pattern(numbers["drivers"]).items(), start=1):
        about = f"{rows[0]['n']:,} answers; {period}"
        yield section(
            f"drivers-{place}",
            f"What moves the score? {name}",
            [{**row, "unit": _unit(row), "tied": _listed(row["tied"]) or "none"} for row in rows],
            DRIVERS,
            partial(cause_charts.explained, period=about),
            partial(cause_charts.effects, period=about),
            lead=ASSOCIATION if place == 1 else "",
            finding=_most(rows),
        )


def _weights(numbers: Mapping[str, Any], period: str) -> Iterator[Section]:
    for place, (name, rows) in enumerate(_by_pattern(numbers["driver_weights"]).items(), start=1):
        yield section(
            f"weights-{place}",
            f"Do we weigh what customers weigh? {name}",
            rows,
            WEIGHTS,
            lambda frame: cause_charts.importance_against_weight(frame, period),
            lead=WEIGHED if place == 1 else "",
            finding=_out_of_balance(rows),
        )


def _out_of_balance(rows: Rows) -> str:
    told = [f"{in_words(row['value'])} is {row['finding']}" for row in rows if row["finding"] != "in line"]
    return f"{'; '.join(told)}." if told else "Importance and weight of no driver differ beyond noise."


def _most(rows: Rows) -> str:
    """The driver that explains the most, with those that may as well, and the one with the largest effect."""
    first = max(rows, key=lambda row: float(row["share"]))
    tied = f", tied with {_listed(first['tied'])}" if first["tied"] else ""
    share = f"{first['share']}% (95% {first['low']} to {first['high']})"
    told = f"Most explained by {in_words(first['value'])}: {share}{tied}."
    effects = [row for row in rows if row["points"] is not None]
    if not effects:
        return told
    largest = max(effects, key=lambda row: abs(row["points"]))
    sure = f"95% {largest['points_low']:+} to {largest['points_high']:+}"
    return f"{told} Largest effect: {in_words(largest['value'])}, {largest['points']:+} points ({sure})."


def _by_pattern(rows: Rows) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(_name(row["pattern"], row["known"]), []).append(row)
    return found


def _named(rows: Rows) -> list[Row]:
    return [{**row, "value": _name(row["value"], row["known"])} for row in rows]


def _name(kind: str, known: Sequence[str]) -> str:
    """The kind in words, with what else was measured or rated of it."""
    told = in_words(kind) or "About no touchpoint"
    return f"{told}, with {_listed(known, inside=True)}" if known else told


def _listed(keys: Sequence[str], *, inside: bool = False) -> str:
    return ", ".join(in_words(key, inside=inside) for key in keys)


def _unit(row: Row) -> str:
    if row["against"]:
        return f"instead of {in_words(row['against'], inside=True)}"
    return "best instead of worst rating" if row["rated"] else "one more"
