"""What the report's page is made of: a section has words, charts, and a table of the numbers that are drawn."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd
import plotly.graph_objects as go
from django.utils.safestring import SafeString, mark_safe

from analytics import charts
from analytics.drawing import NOT_STATED, drawable
from analytics.findings import finding as found
from analytics.frames import of_rows
from analytics.scope import FILTERS
from analytics.scores import SHOWN_FROM
from contacts.names import in_words

AS_IT_IS = ("source", "code", "word", "name", "cap")
"""Columns whose texts are names that somebody gave, and no keys to be put into words."""
REMARKS = ("why", "means")
"""Columns that are empty where there is nothing to say; elsewhere an empty text is what nobody has stated."""
STATES = {"ok": "shown"}
"""What a state is called where its key does not say it."""
SMALLEST_P = 0.0001
"""Below it a probability is told as being below it: rounded, it would say that something cannot be."""
A_WORD, A_NAME = 12, 40
"""Letters of the longest text that is one word, and of the longest that is no sentence."""
DRAWN = 30
"""More rows than a chart can have and still be read."""
NARROWING = (*FILTERS, "month")
"""What rows can be groups of so that a report can be narrowed to one."""


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

    `narrows` is the filter, and its value, that leaves nothing but this group; `address` leads there, on pages that
    have addresses. `leads_to`: the page of the admin where a person can see to it; the file that leaves the house has
    no such links.
    """

    text: str
    is_number: bool
    value: str = ""
    narrows: tuple[str, str] | None = None
    address: str = ""
    leads_to: str = ""

    @property
    def length(self) -> str:
        """Whether it is a sentence (`long`) or some `words`, which need some width to be read."""
        return "long" if len(self.text) > A_NAME else "words" if len(self.text) > A_WORD else ""


@dataclass(frozen=True, slots=True)
class Section:
    """A question of the report with its answer; without charts there is nothing that may be drawn.

    `finding` says what the charts show.
    """

    key: str
    title: str
    lead: str
    finding: str
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
    finding: str = "",
    counted: str = "answers",
    besides: str = charts.BESIDES,
    minimum: int = SHOWN_FROM,
) -> Section:
    """A section over `rows`, whose `columns` (key -> heading) make the table; `draw` is given all that is in the rows.

    Keys are told in words; the frame keeps them, but for the names of groups (`value`). `counted` says what there are
    too few of in rows that are withheld, being fewer than `minimum`, and `besides` why larger ones are. Without a
    `finding` the rows tell one.
    """
    drawn_rows, cut = _most(rows)
    frame = of_rows(drawn_rows, dict.fromkeys((*columns, *(drawn_rows[0] if drawn_rows else ()))))
    if "value" in columns:
        frame["value"] = frame["value"].map(in_words)
    has_states = "state" in columns
    drawn = drawable(frame) if has_states else frame
    withheld = charts.withheld_note(frame, counted, besides, minimum) if has_states else ""
    return Section(
        key=key,
        title=title,
        lead=lead,
        finding=finding or _found(rows, columns) if draw else "",
        note=" ".join(filter(None, (cut, withheld))),
        charts=[] if drawn.empty else [_chart(figure(frame)) for figure in draw],
        heads=[Cell(head, is_number=_is_number(rows, column)) for column, head in columns.items()],
        rows=_table(rows, columns),
    )


def _found(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> str:
    """What the rows tell in the columns that are shown: others may have an interval by the same name."""
    told = [{column: row[column] for column in (*columns, "by", "state") if column in row} for row in rows]
    return found(told, "value" if "value" in columns else next(iter(columns)))


def _table(rows: Sequence[Mapping[str, Any]], columns: Iterable[str]) -> list[list[Cell]]:
    decimals = {column: max((_decimals(row[column]) for row in rows), default=0) for column in columns}
    return [
        [_cell(column, row[column], _narrows(row, column), places) for column, places in decimals.items()]
        for row in rows
    ]


def _decimals(value: str | float | None) -> int:
    """How many decimals a number has as it was rounded; the numbers of a column are shown with equally many."""
    return len(f"{Decimal(str(value)):f}".partition(".")[2]) if isinstance(value, float) else 0


def _most(rows: Sequence[Mapping[str, Any]]) -> tuple[Sequence[Mapping[str, Any]], str]:
    """The rows that a chart has room for, and the sentence where there are more; all months are."""
    if len(rows) <= DRAWN or any(row.get("by") == "month" for row in rows):
        return rows, ""
    return rows[:DRAWN], f"Drawn are the first {DRAWN} of {len(rows)} rows; the table has all."


def _narrows(row: Mapping[str, Any], column: str) -> tuple[str, str] | None:
    """The filter that leaves the group which this column names, or None where it names none.

    Groups are named in `value` with what they are groups `by`; a column `program` names a program.
    """
    name = row.get("by") if column == "value" else column if column == "program" else ""
    if name not in NARROWING or not isinstance(row[column], str) or not row[column]:
        return None
    return str(name), row[column]


def _chart(figure: go.Figure) -> Chart:
    # Plotly writes <, > and / as escapes, so that no text of a customer's can end the script element.
    return Chart(mark_safe(figure.to_json(engine="json")), figure.layout.height)  # noqa: S308


def _is_number(rows: Sequence[Mapping[str, Any]], column: str) -> bool:
    return any(not isinstance(row[column], str) for row in rows)


def _cell(column: str, value: str | float | None, narrows: tuple[str, str] | None, decimals: int) -> Cell:
    if value is None:
        return Cell("not shown", is_number=True)
    if isinstance(value, str):
        told = STATES.get(value, value) if column in ("state", "exact") else value
        text = (told if column in AS_IT_IS else in_words(told)) or ("" if column in REMARKS else NOT_STATED)
        return Cell(text, is_number=False, narrows=narrows)
    if column.startswith("p_") and value < SMALLEST_P:
        return Cell(f"< {SMALLEST_P}", is_number=True, value=str(value))
    text = f"{value:,.{decimals}f}" if isinstance(value, float) else f"{value:,}"
    return Cell(text, is_number=True, value=str(value))


def leading(section: Section, addresses: Sequence[str]) -> Section:
    """The section with an address of the admin behind the first cell of each row; an empty one is none."""
    pairs = zip(section.rows, addresses, strict=True)
    return replace(section, rows=[[replace(row[0], leads_to=address), *row[1:]] for row, address in pairs])
