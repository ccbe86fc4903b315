"""How the reports' charts are drawn: colours, marks, whiskers, bars and axes, the same in all. Pure.

Colours are told apart by people with any colour vision and stand out by 3:1 from white and from the dark page; they
never carry a meaning alone, a symbol, a pattern or a label does so too. Figures have no background and no colour of
text: the page gives both, light or dark.
"""

from collections.abc import Mapping
from html import escape
from textwrap import wrap
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analytics.row_names import ticks

BAD, BETWEEN, GOOD = "#c23b2b", "#b08f00", "#128a8a"
COLOURS = {
    "unhappy": BAD,
    "passive": BETWEEN,
    "happy": GOOD,
    "refused": BAD,
    "waiting": BETWEEN,
    "allowed": GOOD,
    "estimate": "#7466c9",
    "wide": "#868686",
}
"""The hues that the admin's pages have for the same words."""

PATTERNS = {"unhappy": "x", "passive": "/", "happy": "", "refused": "x", "waiting": "/", "allowed": "", "estimate": ""}
"""The same meaning as the colours, for those who see none."""

NOT_STATED = "not stated"
NPS_AXIS = "NPS in points"
PER_ROW, NAME_LINE = 44, 18
"""Pixels that a row takes, and a line of its name where that has more than two."""
LEGEND = 30
"""Pixels that a legend takes."""
NAME, AXIS_LINE = 16, 28
"""Letters in a line of a row's name, and of an axis's title beside it, so that a phone has room for both."""
LINE_HEIGHT = 17
STACKED: dict[str, Any] = {"barmode": "stack", "bargap": 0.35}

Columns = tuple[str, str, str]
"""Of an estimate, and of the low and the high end of its interval."""
Axis = Mapping[str, Any]


def drawable(frame: pd.DataFrame, state: str = "state") -> pd.DataFrame:
    """The rows that are large enough to be drawn; `state` is the column that says so."""
    return frame[frame[state] != "withheld"]


def has_wide(shown: pd.DataFrame) -> bool:
    """Whether an interval is too wide to compare with anything."""
    return bool((shown["state"] == "wide").any())


def look(state: str) -> dict[str, Any]:
    """Wide intervals are grey with a hollow dot, the others coloured with a full one."""
    if state == "wide":
        name = "Wide: margin over 20 points"
        return {"name": name, "marker": {"color": COLOURS["wide"], "symbol": "circle-open", "size": 10}}
    return {"name": "Margin up to 20 points", "marker": {"color": COLOURS["estimate"], "symbol": "circle", "size": 10}}


def whiskers(rows: pd.DataFrame, columns: Columns, colour: str) -> dict[str, Any]:
    """The interval of each estimate."""
    estimate, low, high = (rows[column].astype(float) for column in columns)
    return {
        "type": "data",
        "symmetric": False,
        "array": high - estimate,
        "arrayminus": estimate - low,
        "color": colour,
        "thickness": 2,
        "width": 5,
    }


def add_dots(
    figure: go.Figure,
    rows: pd.DataFrame,
    columns: Columns,
    at: Any,
    *,
    along: str = "x",
    marker: Mapping[str, Any] | None = None,
    **more: Any,
) -> None:
    """Add a dot with whiskers per row: its estimate along an axis, `at` its place on the other; `more` of the trace."""
    across, mark = "y" if along == "x" else "x", marker or look("ok")["marker"]
    places = {along: rows[columns[0]], across: at, f"error_{along}": whiskers(rows, columns, mark["color"])}
    figure.add_scatter(**{"mode": "markers", "marker": mark, "cliponaxis": False, **places, **more})


def add_bars(figure: go.Figure, *, x: Any, y: Any, name: str, meaning: str, **more: Any) -> None:
    """Add lying bars with the colour and the pattern of a meaning; lay them out as `STACKED`."""
    pattern = {"shape": PATTERNS[meaning], "fillmode": "overlay", "fgcolor": "white", "fgopacity": 0.6, "size": 7}
    marker = {"color": COLOURS[meaning], "pattern": pattern}
    figure.add_bar(x=x, y=y, name=name, orientation="h", marker=marker, **more)


def by_state(frame: pd.DataFrame, columns: Columns, *, x: tuple[str, ...], **xaxis: Any) -> go.Figure:
    """A dot with whiskers per group, in the order of the rows; wide ones apart. Columns besides: value, n, state."""
    figure = go.Figure()
    for state, rows in drawable(frame).groupby("state", sort=True):
        hover = "%{x:.1f}<extra></extra>"
        add_dots(figure, rows, columns, labels(rows), hovertemplate=hover, **look(str(state)))
    return lay_out_rows(figure, drawable(frame), x=x, legend=has_wide(drawable(frame)), xaxis=xaxis)


def one_by_one(
    frame: pd.DataFrame, columns: Columns, at: Any, *, x: tuple[str, ...], hover: str, **xaxis: Any
) -> go.Figure:
    """A dot with whiskers per row, `at` its name, all alike."""
    figure = go.Figure()
    add_dots(figure, frame, columns, at, hovertemplate=f"{hover}<extra></extra>")
    return lay_out_rows(figure, frame, x=x, xaxis=xaxis)


def labels(rows: pd.DataFrame) -> list[str]:
    """Names of groups with how many stand behind them."""
    pairs = zip(rows["value"], rows["n"], strict=True)
    return [f"{label(value)}<br>n = {n:,}" for value, n in pairs]


def label(group: str) -> str:
    """A group's name: in short lines, and as text where Plotly would read markup."""
    return "<br>".join(escape(line, quote=False) for line in wrap(group or NOT_STATED, NAME))


def lay_out_rows(
    figure: go.Figure,
    rows: pd.DataFrame,
    *,
    x: tuple[str, ...],
    legend: bool = False,
    xaxis: Axis | None = None,
    **more: Any,
) -> go.Figure:
    """Rows of categories from top to bottom, tall enough for each to be read; all marks are in the figure already."""
    apart = {"ticks": "outside", "tickcolor": "rgba(0,0,0,0)"}
    named = ticks(figure)
    lines = max((name.count("<br>") + 1 for name in named["ticktext"]), default=1)
    height = 96 + max(PER_ROW, lines * NAME_LINE) * len(rows) + LEGEND * legend
    # Left to itself the axis ends at the first and the last mark, and their names run into what stands around it.
    places = {"type": "category", "range": [len(named["tickvals"]) - 0.5, -0.5]}
    yaxis = {**places, "showgrid": False, **apart, **named}
    return lay_out(figure, x=x, height=height, legend=legend, xaxis=xaxis, yaxis=yaxis, **more)


def lay_out(
    figure: go.Figure,
    *,
    x: tuple[str, ...],
    y: tuple[str, ...] = (),
    height: int,
    legend: bool,
    top: int = 12,
    xaxis: Axis | None = None,
    yaxis: Axis | None = None,
    **more: Any,
) -> go.Figure:
    """Give the figure its whole layout; `x`, `y`: lines of the axes' titles, `xaxis`, `yaxis`, `more`: what differs.

    `height` and the margin at the `top` are in pixels; a title of more than two lines makes it higher. At once, because
    Plotly takes six times as long to update a layout as to be given one.
    """
    x = tuple(part for line in x for told in line.split("<br>") for part in wrap(told, AXIS_LINE))
    axis = {"fixedrange": True, "zeroline": False, "gridcolor": "#868686", "gridwidth": 0.5}
    axis |= {"exponentformat": "none", "separatethousands": True}
    # Each axis makes room on its own side alone: on a phone both would push the other's labels to and fro for ever.
    axes = {
        "xaxis": (x, {"automargin": "bottom", **(xaxis or {})}),
        "yaxis": (y, {"automargin": "left", **(yaxis or {})}),
    }
    figure.layout = {
        "template": "none",
        "height": height + LINE_HEIGHT * max(0, len(x) - 2),
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 13},
        "margin": {"l": 8, "r": 24, "t": top, "b": 8},
        "dragmode": False,
        "showlegend": legend,
        "legend": {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "traceorder": "normal"},
        **{
            name: {**axis, "title": {"text": "<br>".join(title), "standoff": 8, "font": {"size": 13}}, **own}
            for name, (title, own) in axes.items()
        },
        **more,
    }
    return figure
