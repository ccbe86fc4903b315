"""The charts of the reports Drivers and Churn risk, drawn as those of `analytics.charts` are."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.charts import (
    COLOURS,
    NPS_AXIS,
    _add_bar,
    _bars,
    _labels,
    _lay_out,
    _lay_out_rows,
    _look,
    _name,
    drawable,
)

FINDINGS = {"underrated": ("estimate", "diamond"), "overrated": ("unhappy", "x"), "in line": ("wide", "circle-open")}
"""Of importance against weight: colour and symbol of each finding."""

LOWEST = 0.05
"""Of odds: where their axis begins at the latest."""


def odds(frame: pd.DataFrame, period: str) -> go.Figure:
    """A dot with whiskers per kind on a scale of ratios. Columns: value, n, odds, low, high, state."""
    figure = go.Figure()
    shown = drawable(frame)
    look = _look("ok")
    figure.add_scatter(
        x=shown["odds"],
        y=_labels(shown),
        error_x=_bars(shown, "odds", "low", "high", look),
        mode="markers",
        marker=look["marker"],
        hovertemplate="%{x:.2f} times<extra></extra>",
    )
    _lay_out_rows(figure, shown, x=("Odds of silence after a problem,", f"as a multiple of those without; {period}"))
    low, high = np.log10(max(LOWEST, min(shown["low"].min(), 0.8))), np.log10(max(shown["high"].max(), 1.25))
    figure.update_xaxes(type="log", tickvals=[0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30], range=[low - 0.05, high + 0.05])
    figure.add_vline(x=1, line={"color": COLOURS["wide"], "width": 1.5})
    return figure


def calibration(frame: pd.DataFrame, period: str) -> go.Figure:
    """What came true over what was foreseen, with the line on which both are equal, in percent.

    Columns: value, n, predicted, share, low, high, state.
    """
    figure = go.Figure()
    shown = drawable(frame)
    figure.add_scatter(
        x=[0, 100], y=[0, 100], mode="lines", line={"color": COLOURS["wide"], "dash": "dash"}, name="As foreseen"
    )
    look = _look("ok")
    figure.add_scatter(
        x=shown["predicted"],
        y=shown["share"],
        error_y=_bars(shown, "share", "low", "high", look),
        text=shown["value"],
        mode="markers",
        marker=look["marker"],
        name="Tenth of the customers",
        hovertemplate="%{text}: foreseen %{x:.1f}%, came true %{y:.1f}%<extra></extra>",
    )
    _lay_out(figure, x=("Foreseen to leave, in percent", period), y=("Left, in percent",), height=360, legend=True)
    return figure


def customers_by_risk(frame: pd.DataFrame, moment: str) -> go.Figure:
    """How many customers have a risk in each range. Columns: value, n, state."""
    figure, shown = go.Figure(), drawable(frame)
    _add_bar(figure, x=shown["n"], y=shown["value"].map(_name), name="Customers", look="waiting")
    return _lay_out_rows(figure, shown, x=("Customers by risk", moment), legend=False)


def effects(frame: pd.DataFrame, period: str) -> go.Figure:
    """A dot with whiskers per driver, in NPS points. Columns: value, n, points, points_low, points_high."""
    figure = go.Figure()
    look = _look("ok")
    figure.add_scatter(
        x=frame["points"],
        y=frame["value"].map(_name),
        error_x=_bars(frame, "points", "points_low", "points_high", look),
        mode="markers",
        marker=look["marker"],
        hovertemplate="%{x:+.1f} points<extra></extra>",
    )
    _lay_out_rows(figure, frame, x=(f"Effect, {NPS_AXIS}", period), legend=False)
    figure.update_xaxes(zeroline=True)
    return figure


def explained(frame: pd.DataFrame, period: str) -> go.Figure:
    """A dot with whiskers per driver, in percent of the score's variance. Columns: value, share, low, high."""
    figure = go.Figure()
    look = _look("ok")
    figure.add_scatter(
        x=frame["share"],
        y=frame["value"].map(_name),
        error_x=_bars(frame, "share", "low", "high", look),
        mode="markers",
        marker=look["marker"],
        hovertemplate="%{x:.1f}%<extra></extra>",
    )
    _lay_out_rows(figure, frame, x=("Share of the differences in scores, in percent", period), legend=False)
    figure.update_xaxes(rangemode="tozero")
    return figure


def importance_against_weight(frame: pd.DataFrame, period: str) -> go.Figure:
    """A mark per driver, by what it is given and what it matters, with the line on which both are equal.

    Columns: value, weight, importance, low, high (of the importance), finding; percent.
    """
    figure = go.Figure()
    top = max(frame["weight"].max(), frame["high"].max())
    figure.add_scatter(
        x=[0, top], y=[0, top], mode="lines", line={"color": COLOURS["wide"], "dash": "dash"}, name="In balance"
    )
    for finding, rows in frame.groupby("finding", sort=True):
        colour, symbol = FINDINGS[str(finding)]
        look = {"marker": {"color": COLOURS[colour], "symbol": symbol, "size": 11}}
        figure.add_scatter(
            x=rows["weight"],
            y=rows["importance"],
            error_y=_bars(rows, "importance", "low", "high", look),
            text=rows["value"].map(_name),
            textposition="top center",
            mode="markers+text",
            marker=look["marker"],
            name=str(finding).capitalize(),
            hovertemplate="%{text}: weight %{x:.1f}%, importance %{y:.1f}%<extra></extra>",
        )
    y = ("Importance to customers", "in percent")
    _lay_out(figure, x=("Weight that we give it, in percent", period), y=y, height=420, legend=True)
    return figure
