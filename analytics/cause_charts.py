"""The charts of the reports Drivers and Churn risk: frames in, figures out."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.drawing import (
    COLOURS,
    NPS_AXIS,
    STACKED,
    add_bars,
    add_dots,
    drawable,
    label,
    labels,
    lay_out,
    lay_out_rows,
    one_by_one,
)

LOWEST = 0.05
"""Of odds: where their axis begins at the latest."""


def odds(frame: pd.DataFrame, period: str) -> go.Figure:
    """A dot with whiskers per kind on a scale of ratios. Columns: value, n, odds, low, high, state."""
    shown = drawable(frame)
    low, high = np.log10(max(LOWEST, min(shown["low"].min(), 0.8))), np.log10(max(shown["high"].max(), 1.25))
    figure = one_by_one(
        shown,
        ("odds", "low", "high"),
        labels(shown),
        x=("Odds of silence after a problem,", f"as a multiple of those without; {period}"),
        hover="%{x:.2f} times",
        type="log",
        tickvals=[0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30],
        range=[low - 0.05, high + 0.05],
    )
    figure.add_vline(x=1, line={"color": COLOURS["wide"], "width": 1.5})
    return figure


def calibration(frame: pd.DataFrame, period: str) -> go.Figure:
    """What came true over what was foreseen, with the line on which both are equal, in percent.

    Columns: value, n, predicted, share, low, high, state.
    """
    shown = drawable(frame)
    figure = _with_diagonal(100, "As foreseen")
    add_dots(
        figure,
        shown,
        ("share", "low", "high"),
        shown["predicted"],
        along="y",
        text=shown["value"],
        name="Tenth of the customers",
        hovertemplate="%{text}: foreseen %{x:.1f}%, came true %{y:.1f}%<extra></extra>",
    )
    x = ("Foreseen to leave (%)", period)
    return lay_out(figure, x=x, y=("Left (%)",), height=360, legend=True)


def customers_by_risk(frame: pd.DataFrame, moment: str) -> go.Figure:
    """How many customers have a risk in each range. Columns: value, n, state."""
    figure, shown = go.Figure(), drawable(frame)
    add_bars(figure, x=shown["n"], y=shown["value"].map(label), name="Customers", meaning="estimate")
    return lay_out_rows(figure, shown, x=("Customers by risk", moment), **STACKED)


def effects(frame: pd.DataFrame, period: str) -> go.Figure:
    """A dot with whiskers per driver, in NPS points. Columns: value, n, points, points_low, points_high."""
    names, columns = frame["value"].map(label), ("points", "points_low", "points_high")
    x = (f"Effect, {NPS_AXIS}", period)
    return one_by_one(frame, columns, names, x=x, hover="%{x:+.1f} points", zeroline=True, rangemode="tozero")


def explained(frame: pd.DataFrame, period: str) -> go.Figure:
    """A dot with whiskers per driver, in percent of the score's variance. Columns: value, share, low, high."""
    names, columns = frame["value"].map(label), ("share", "low", "high")
    x = ("Share of the differences in scores (%)", period)
    return one_by_one(frame, columns, names, x=x, hover="%{x:.1f}%", rangemode="tozero")


def importance_against_weight(frame: pd.DataFrame, period: str) -> go.Figure:
    """A row per driver: a dot with whiskers for its importance, and an upright line for the weight that it is given.

    Columns: value, weight, importance, low, high (of the importance); percent.
    """
    figure, names = go.Figure(), frame["value"].map(label)
    hover = "importance %{x:.1f}%<extra></extra>"
    add_dots(figure, frame, ("importance", "low", "high"), names, name="Importance to customers", hovertemplate=hover)
    figure.add_scatter(
        x=frame["weight"],
        y=names,
        mode="markers",
        marker={"symbol": "line-ns", "size": 24, "line": {"width": 3, "color": COLOURS["wide"]}},
        name="Weight that we give it",
        cliponaxis=False,
        hovertemplate="weight %{x:.1f}%<extra></extra>",
    )
    return lay_out_rows(figure, frame, x=("In percent", period), legend=True, xaxis={"rangemode": "tozero"})


def _with_diagonal(top: float, name: str) -> go.Figure:
    """A figure with the line on which both axes are equal."""
    line = {"color": COLOURS["wide"], "dash": "dash"}
    return go.Figure().add_scatter(x=[0, top], y=[0, top], mode="lines", line=line, name=name)
