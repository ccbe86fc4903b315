"""The ways from one view of a report to the next: other days, one filter more or less, another score or report.

`score` is the one that a page shows and goes on to show; empty for the first, and where the report has none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urljoin

from analytics.page import Cell, Section
from analytics.period_rules import Days, PeriodRule, month_days
from analytics.reports import Report
from analytics.scope import FILTERS, Scope
from contacts.names import in_words


@dataclass(frozen=True, slots=True)
class Way:
    """Words and the address that they lead to; `chosen` where one is there already."""

    text: str
    address: str
    chosen: bool = False


def chips(scope: Scope, programs: Mapping[str, str], score: str = "") -> list[Way]:
    """What the report is narrowed to, each with the address without it; `programs` has the names by slug."""
    told = []
    if scope.period.since or scope.period.until:
        told.append(Way(str(scope.period), address(scope, since="", until="", score=score)))
    for name, value in scope.filters.items():
        words = programs.get(value, value) if name == "program" else in_words(value)
        told.append(Way(f"{in_words(name)}: {words}", address(scope, **{name: ""}, score=score)))
    return told


def presets(scope: Scope, today: date, score: str = "") -> list[Way]:
    """The periods that are asked for the most, as days: the address means the same tomorrow."""
    now = _asked(scope)
    days = {rule.label: rule.days(today) for rule in PeriodRule}
    everything: Days = (None, None)
    return [
        Way(label, address(scope, **_in_query(wanted), score=score), chosen=_in_query(wanted) == now)
        for label, wanted in (days | {"Everything": everything}).items()
    ]


def scores(scope: Scope, metrics: Iterable[Mapping[str, Any]], shown: str) -> list[Way]:
    """The metrics, each by itself, over the same days and with the same filters; the first stands in no address."""
    first, *others = metrics
    return [
        Way(first["name"], address(scope), chosen=first["metric"] == shown),
        *(Way(one["name"], address(scope, score=one["metric"]), chosen=one["metric"] == shown) for one in others),
    ]


def tabs(scope: Scope, reports: Iterable[Report], shown: Report) -> list[Way]:
    """The reports, of the same days and with the filters that each of them has."""
    return [
        Way(other.title, urljoin(other.address, address(scope, **_unknown_to(other))), chosen=other.key == shown.key)
        for other in reports
    ]


def linked(
    sections: Iterable[Section], scope: Scope, report: Report, programs: Mapping[str, str], score: str = ""
) -> list[Section]:
    """The sections with an address on every name of a group that the report can be narrowed to, and is not yet."""
    slugs = {name: slug for slug, name in programs.items()}

    def cell(one: Cell) -> Cell:
        return replace(one, address=_narrowed(one.narrows, scope, report, slugs, score)) if one.narrows else one

    return [replace(section, rows=[[cell(one) for one in row] for row in section.rows]) for section in sections]


def address(scope: Scope, **other: str) -> str:
    """The way within a page to the scope with other days or filters."""
    query = scope.query(**other)
    return f"?{query}" if query else "."


def _narrowed(narrows: tuple[str, str], scope: Scope, report: Report, slugs: Mapping[str, str], score: str) -> str:
    name, value = narrows
    if name == "month":
        days = _in_query(month_days(value))
        return "" if days == _asked(scope) else address(scope, **days, score=score)
    if name == "program":
        value = slugs.get(value, "")
    known = value and name in report.filters and scope.filters.get(name) != value
    return address(scope, **{name: value}, score=score) if known else ""


def _in_query(days: Days) -> dict[str, str]:
    return {name: day.isoformat() if day else "" for name, day in zip(("since", "until"), days, strict=True)}


def _asked(scope: Scope) -> dict[str, str]:
    told = scope.period.as_json()
    return {"since": told["since"] or "", "until": told["until"] or ""}


def _unknown_to(report: Report) -> dict[str, str]:
    return {name: "" for name in FILTERS if name not in report.filters}
