"""Charts of scores that set two figures of a group side by side, or one beside its target: frames in, figures out."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analytics import charts
from analytics.drawing import COLOURS, LEGEND, add_dots, by_state, drawable, labels, lay_out_rows, look

WEIGHTED = "#2f7fb5"
"""Stands out by 3:1 from white and from the dark page; weighted scores are diamonds as well."""
BOTH = {
    "As measured": (("estimate", "low", "high"), "state"),
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
