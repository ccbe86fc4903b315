"""What the report's page is made of: a section has words, charts, and a table of the numbers that are drawn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import pandas as pd
import plotly.graph_objects as go
from django.utils.safestring import SafeString, mark_safe

from analytics import charts
from analytics.frames import of_rows
from contacts.names import in_words

AS_IT_IS = ("source", "code", "word")
"""Columns whose texts are names that somebody gave, and no keys to be put into words."""


class Headline(NamedTuple):
    """The figure that a report begins with, and the sentence that says what it is worth."""

    figure: str
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure as Plotly's JSON, safe inside a script element, and the height that it takes in pixels."""

    figure: SafeString
    height: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as it is read; numbers stand on the right, and keep their plain form (`value`) for files.

    `leads_to`: the page of the admin where a person can see to it; the file that leaves the house has no such links.
    """

    text: str
    is_number: bool
    value: str = ""
    leads_to: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A question of the report with its answer; without charts there is nothing that may be drawn."""

    key: str
    title: str
    lead: str
    note: str
    charts: list[Chart]
    heads: list[Cell]
    rows: list[list[Cell]]


def section(
    key: str,
    title: str,
    rows: Sequence[Mapping[str, Any]],
    columns: Mapping[str, str],
    *draw: Callable[[pd.DataFrame], go.Figure],
    lead: str = "",
    counted: str = "answers",
    besides: str = charts.BESIDES,
) -> Section:
    """A section over `rows`, whose `columns` (key -> heading) make the table and the frame that `draw` is given.

    Keys are told in words; the frame keeps them, but for the names of groups (`value`). `counted` says what there are
    too few of in rows that are withheld, `besides` why larger ones are.
    """
    frame = of_rows(rows, columns)
    if "value" in columns:
        frame["value"] = frame["value"].map(in_words)
    has_states = "state" in columns
    drawn = charts.drawable(frame) if has_states else frame
    return Section(
        key=key,
        title=title,
        lead=lead,
        note=charts.withheld_note(frame, counted, besides) if has_states else "",
        charts=[] if drawn.empty else [_chart(figure(frame)) for figure in draw],
        heads=[Cell(head, is_number=_is_number(rows, column)) for column, head in columns.items()],
        rows=[[_cell(column, row[column]) for column in columns] for row in rows],
    )


def _chart(figure: go.Figure) -> Chart:
    # Plotly writes <, > and / as escapes, so that no text of a customer's can end the script element.
    return Chart(mark_safe(figure.to_json(engine="json")), figure.layout.height)  # noqa: S308


def _is_number(rows: Sequence[Mapping[str, Any]], column: str) -> bool:
    return any(isinstance(row[column], int | float) for row in rows)


def _cell(column: str, value: str | float | None) -> Cell:
    if value is None:
        return Cell("not shown", is_number=True)
    if isinstance(value, str):
        return Cell((value if column in AS_IT_IS else in_words(value)) or charts.NOT_STATED, is_number=False)
    return Cell(f"{value:,}", is_number=True, value=str(value))


def leading(section: Section, addresses: Sequence[str]) -> Section:
    """The section with an address of the admin behind the first cell of each row; an empty one is none."""
    pairs = zip(section.rows, addresses, strict=True)
    return replace(section, rows=[[replace(row[0], leads_to=address), *row[1:]] for row, address in pairs])
