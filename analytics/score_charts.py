"""Charts of scores that set two figures of a group side by side, or one beside its target: frames in, figures out."""

from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go

from analytics import charts

WEIGHTED = "#2f7fb5"
"""Stands out by 3:1 from white and from the dark page; weighted scores are diamonds as well."""
LEGEND = 30


def beside_weighted(frame: pd.DataFrame, axis: str, period: str, target: float | None) -> go.Figure:
    """A dot per group as measured and a diamond as weighted, with whiskers, and the target as a line.

    Columns: value, n, estimate, low, high, state, and weighted, weighted_low, weighted_high, weighted_state. `axis`
    says what is measured, and in what.
    """
    return _with_weighted(frame, "h", lambda rows: charts.nps_by_group(rows, period), (axis, period), target)


def beside_weighted_by_month(frame: pd.DataFrame, axis: str, period: str, target: float | None) -> go.Figure:
    """The same over time, a dot and a diamond per month."""
    return _with_weighted(frame, "v", lambda rows: charts.nps_by_month(rows, period), (axis,), target)


def changes(frame: pd.DataFrame, unit: str, period: str) -> go.Figure:
    """A dot with whiskers per group for its change.

    Columns: value, n, change, change_low, change_high, change_state.
    """
    names = {"change": "nps", "change_low": "low", "change_high": "high", "change_state": "state"}
    rows = frame[["value", "n", *names]].rename(columns=names)
    figure = charts.nps_by_group(rows, period)
    figure.update_xaxes(zeroline=True, title={"text": f"Change in {unit}<br>against the time before<br>{period}"})
    return figure


def ranks(frame: pd.DataFrame, period: str) -> go.Figure:
    """A dot with whiskers per group for its score with chance taken off, the best on top.

    Columns: value, n, shrunken, low, high.
    """
    return charts.nps_by_group(frame.assign(nps=frame["shrunken"], state="ok"), period)


def _with_weighted(
    frame: pd.DataFrame,
    across: str,
    draw: Callable[[pd.DataFrame], go.Figure],
    title: tuple[str, ...],
    target: float | None,
) -> go.Figure:
    """The measured scores as the other charts draw them, and the weighted ones offset beside each."""
    figure = draw(frame.assign(nps=frame["estimate"]))
    figure.update_traces(offsetgroup="measured", orientation=across)
    for trace in figure.data:
        trace.name = f"As measured{', wide' if trace.marker.symbol == 'circle-open' else ''}"
    weighted = _weighted(frame)
    if not charts.drawable(weighted).empty:
        for trace in draw(weighted).data:
            hollow = trace.marker.symbol == "circle-open"
            bars = "error_x" if across == "h" else "error_y"
            trace.update(
                {
                    "name": f"Weighted{', wide' if hollow else ''}",
                    "marker": {"symbol": "diamond-open" if hollow else "diamond", "color": WEIGHTED},
                    bars: {"color": WEIGHTED},
                    "offsetgroup": "weighted",
                    "orientation": across,
                }
            )
            figure.add_trace(trace)
    axes = figure.update_xaxes if across == "h" else figure.update_yaxes
    axes(title={"text": "<br>".join(title)})
    figure.update_layout(scattermode="group", scattergap=0.4)
    if not figure.layout.showlegend:
        figure.update_layout(showlegend=True, height=figure.layout.height + LEGEND)
    if target is not None:
        _draw_target(figure, across, target)
    return figure


def _weighted(frame: pd.DataFrame) -> pd.DataFrame:
    """The weighted scores in the columns of the measured ones; a group hidden there has none here."""
    names = {"weighted": "nps", "weighted_low": "low", "weighted_high": "high", "weighted_state": "state"}
    return frame[["value", "n", *names]].rename(columns=names)


def _draw_target(figure: go.Figure, across: str, target: float) -> None:
    line = {"dash": "dash", "width": 2, "color": charts.COLOURS["wide"]}
    text = f"Target {target:g}"
    if across == "h":
        figure.add_vline(x=target, line=line, annotation_text=text, annotation_position="top")
        figure.update_layout(margin={"t": 28})
    else:
        figure.add_hline(y=target, line=line, annotation_text=text, annotation_position="top left")
