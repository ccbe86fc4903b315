"""Charts of scores that set two figures of a group side by side, or one beside its target: frames in, figures out."""

from html import escape
from typing import Any, cast

import pandas as pd
import plotly.graph_objects as go

from analytics import charts
from analytics.drawing import (
    COLOURS,
    LEGEND,
    NOT_STATED,
    add_dots,
    by_state,
    drawable,
    has_wide,
    labels,
    lay_out,
    lay_out_rows,
    look,
)

WEIGHTED = "#2f7fb5"
"""Stands out by 3:1 from white and from the dark page; weighted scores are diamonds as well."""
MEASURED = ("estimate", "low", "high")
PANELS, PANEL = 12, 112
"""Kinds of touchpoints that are drawn month by month, and the pixels that each takes."""
MONTHS = {"type": "category", "categoryorder": "category ascending", "nticks": 8, "showgrid": False}
BOTH = {
    "As measured": (MEASURED, "state"),
    "Weighted": (("weighted", "weighted_low", "weighted_high"), "weighted_state"),
}
"""Which columns hold each score, and say how exact it is."""
SIDE_BY_SIDE: dict[str, Any] = {"scattermode": "group", "scattergap": 0.4}
TARGET = {"dash": "dash", "width": 2, "color": COLOURS["wide"]}


def beside_weighted(frame: pd.DataFrame, axis: str, period: str, target: float | None) -> go.Figure:
    """A dot per group as measured and a diamond as weighted, with whiskers, and the target as a line.

    Columns: value, n, estimate, low, high, state, and weighted, weighted_low, weighted_high, weighted_state. `axis`
    says what is measured, and in what.
    """
    figure = _both(frame, "x")
    top = 12 if target is None else 28  # its name stands above
    lay_out_rows(figure, drawable(frame), x=(axis, period), legend=True, top=top, **SIDE_BY_SIDE)
    if target is not None:
        figure.add_vline(x=target, annotation_text=_target(target), annotation_position="top", line=TARGET)
    return figure


def beside_weighted_by_month(frame: pd.DataFrame, axis: str, period: str, target: float | None) -> go.Figure:
    """The same over time, a dot and a diamond per month."""
    figure = _both(frame, "y")
    charts.lay_out_months(figure, y=(axis,), height=340 + LEGEND, period=period, legend=True, **SIDE_BY_SIDE)
    if target is not None:
        figure.add_hline(y=target, annotation_text=_target(target), annotation_position="top left", line=TARGET)
    return figure


def months_by_kind(frame: pd.DataFrame, axis: str, period: str, target: float | None) -> go.Figure:
    """A panel for each kind of touchpoint, one above the other on one scale: a dot with whiskers per month.

    Columns: kind, value (the month), n, estimate, low, high, state. Drawn are the first `PANELS` kinds that have a
    month to show.
    """
    figure, shown = go.Figure(), drawable(frame)
    kinds = list(dict.fromkeys(shown["kind"]))[:PANELS]
    shown = shown[shown["kind"].isin(kinds)]
    places, named = shown["kind"].map(kinds.index), set[str]()
    for key, rows in shown.groupby([places, "state"], sort=True):
        number, state = cast("tuple[int, str]", key)
        panel: dict[str, Any] = {"legendgroup": state, "showlegend": state not in named, "yaxis": _nth("y", number)}
        add_dots(figure, rows, MEASURED, rows["value"], along="y", **look(state), **panel)
        named.add(state)
    answers = frame.groupby("kind")["n"].sum()
    lows, highs, targets = shown["low"].astype(float), shown["high"].astype(float), [] if target is None else [target]
    span = min([lows.min(), *targets]) - 3, max([highs.max(), *targets]) + 3
    yaxis, *others = (_panel(number, len(kinds), span) for number in range(len(kinds)))
    more: dict[str, Any] = {_nth("yaxis", number): other for number, other in enumerate(others, 1)}
    return lay_out(
        figure,
        x=(f"{axis}, by month of the answer", period),
        height=PANEL * len(kinds) + 60 + LEGEND * has_wide(shown),
        legend=has_wide(shown),
        xaxis=MONTHS | {"anchor": _nth("y", len(kinds) - 1)},
        yaxis=yaxis,
        annotations=[_title(kind, answers[kind], number, len(kinds)) for number, kind in enumerate(kinds)],
        shapes=[] if target is None else [_across(target, _nth("y", number)) for number in range(len(kinds))],
        **more,
    )


def _nth(axis: str, number: int) -> str:
    """How Plotly calls the axis of a panel; the first has no number."""
    return f"{axis}{number + 1}" if number else axis


def _panel(number: int, panels: int, span: tuple[float, float]) -> dict[str, Any]:
    """The vertical axis of a panel, which leaves room for the name above it."""
    lines = {"gridcolor": "#868686", "gridwidth": 0.5, "zeroline": False, "nticks": 4}
    place = {"domain": [1 - (number + 1) / panels, 1 - (number + 24 / PANEL) / panels], "range": [*span]}
    return {"automargin": True, "fixedrange": True, **lines, **place}


def _title(kind: str, answers: int, number: int, panels: int) -> dict[str, Any]:
    """The name of a panel, above it on the left."""
    place = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "y": 1 - (number + 24 / PANEL) / panels}
    name = escape(kind or NOT_STATED, quote=False)
    return {"text": f"{name}, n = {answers:,}", "showarrow": False, "yanchor": "bottom", **place}


def _across(target: float, axis: str) -> dict[str, Any]:
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": axis, "y0": target, "y1": target, "line": TARGET}


def changes(frame: pd.DataFrame, unit: str, period: str) -> go.Figure:
    """A dot with whiskers per group for its change.

    Columns: value, n, change, change_low, change_high, change_state.
    """
    rows = frame.assign(state=frame["change_state"])
    x = (f"Change in {unit}", "against the time before", period)
    return by_state(rows, ("change", "change_low", "change_high"), x=x, zeroline=True)


def ranks(frame: pd.DataFrame, period: str) -> go.Figure:
    """A dot with whiskers per group for its score with chance taken off, the best on top.

    Columns: value, n, shrunken, low, high.
    """
    return charts.nps_by_group(frame.assign(nps=frame["shrunken"], state="ok"), period)


def _target(target: float) -> str:
    return f"Target {target:g}"


def _both(frame: pd.DataFrame, along: str) -> go.Figure:
    """The measured and the weighted scores of each group, offset from each other."""
    figure = go.Figure()
    for told, (columns, state) in BOTH.items():
        for width, rows in drawable(frame, state).groupby(state, sort=True):
            mark = look(str(width))["marker"]
            if told == "Weighted":
                mark |= {"symbol": mark["symbol"].replace("circle", "diamond"), "color": WEIGHTED}
            add_dots(
                figure,
                rows,
                columns,
                labels(rows) if along == "x" else rows["value"],
                along=along,
                marker=mark,
                name=f"{told}, wide" if width == "wide" else told,
                offsetgroup=told.split()[-1].lower(),
                orientation="h" if along == "x" else "v",
                hovertemplate="%{x:.1f}<extra></extra>" if along == "x" else None,
            )
    return figure
