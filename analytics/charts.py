"""The report's charts: a frame of published rows in, a Plotly figure out, drawn as `analytics.drawing` says.

`period` is the text that says which time the numbers are from.
"""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analytics.drawing import (
    COLOURS,
    NOT_STATED,
    NPS_AXIS,
    STACKED,
    add_bars,
    add_dots,
    by_state,
    drawable,
    has_wide,
    label,
    labels,
    lay_out,
    lay_out_rows,
    look,
    one_by_one,
    whiskers,
)
from analytics.scores import SHOWN_FROM

SETTINGS = {
    "displayModeBar": False,
    "displaylogo": False,
    "modeBarButtonsToRemove": ["sendChartToCloud"],
    "plotlyServerURL": "",
    "responsive": True,
}
"""How a page draws the figures; nothing in them may offer to send customers' numbers to Plotly's cloud."""

BESIDES = "as the total would then tell what smaller groups said"
"""Why a group of 10 or more is hidden: taken off the total, it would leave one that is too small to be shown."""

NPS = ("nps", "low", "high")
SHARE = ("share", "low", "high")
DIFFERENCE = ("difference", "difference_low", "difference_high")
LARGEST_BUBBLE = 46


def nps_against_churn(frame: pd.DataFrame, period: str) -> go.Figure:
    """A bubble per touchpoint kind, its area by customers; bars are the 95% intervals.

    Columns: value, nps, low, high, customers, difference, difference_low, difference_high, state.
    """
    figure = go.Figure()
    shown = drawable(frame)
    # The upper half is named above its bubbles, the lower half below, and all beside the upright whiskers, towards the
    # middle, so that names seldom meet anything.
    above = (shown["difference"] >= shown["difference"].median()).map({True: "top ", False: "bottom "})
    middle = sum(_range_with_room(shown["low"], shown["high"])) / 2
    shown = shown.assign(name_at=above + (shown["nps"] < middle).map({True: "right", False: "left"}))
    area = {"sizemode": "area", "sizeref": 2 * shown["customers"].max() / LARGEST_BUBBLE**2, "sizemin": 6}
    for state, rows in shown.groupby("state", sort=True):
        drawn = look(str(state))
        add_dots(
            figure,
            rows,
            NPS,
            rows["difference"],
            error_y=whiskers(rows, DIFFERENCE, drawn["marker"]["color"]),
            text=rows["value"].map(label),
            textposition=rows["name_at"],
            mode="markers+text",
            marker=drawn["marker"] | area | {"size": rows["customers"]},
            name=drawn["name"],
            hovertemplate="%{text}: NPS %{x:.1f}, difference %{y:.1f} points<extra></extra>",
        )
    return lay_out(
        figure,
        x=(NPS_AXIS, period),
        y=("Churn against the rest", "in percentage points"),
        height=460,
        legend=has_wide(shown),
        xaxis={"range": _range_with_room(shown["low"], shown["high"])},
        yaxis={"zeroline": True, "range": _range_with_room(shown["difference_low"], shown["difference_high"])},
    )


def nps_by_group(frame: pd.DataFrame, period: str) -> go.Figure:
    """A dot with whiskers per group, in the order of the rows. Columns: value, n, nps, low, high, state."""
    return by_state(frame, NPS, x=(NPS_AXIS, period))


def nps_by_month(frame: pd.DataFrame, period: str) -> go.Figure:
    """The same over time, one dot per month. Columns: value (YYYY-MM), n, nps, low, high, state."""
    figure = go.Figure()
    shown = drawable(frame)
    for state, rows in shown.groupby("state", sort=True):
        add_dots(figure, rows, NPS, rows["value"], along="y", **look(str(state)))
    return lay_out_months(figure, y=(NPS_AXIS,), height=340, period=period, legend=has_wide(shown))


def lay_out_months(figure: go.Figure, *, y: tuple[str, ...], period: str, **more: Any) -> go.Figure:
    """Months from left to right; `more` as in `lay_out`."""
    xaxis = {"type": "category", "categoryorder": "category ascending", "nticks": 8, "showgrid": False}
    return lay_out(figure, x=("Month of the answer", period), y=y, xaxis=xaxis, **more)


def share_by_group(frame: pd.DataFrame, share: str, period: str) -> go.Figure:
    """A dot with whiskers per group for a share in percent; `share` says of what.

    Columns: value, n, share, low, high, state.
    """
    return by_state(frame, SHARE, x=(f"{share} (%)", period), rangemode="tozero")


def answers_by_category(frame: pd.DataFrame, period: str) -> go.Figure:
    """What the answers of each group were, in percent. Columns: value, n, promoters, passives, detractors, state."""
    figure = go.Figure()
    shown = drawable(frame)
    categories = {
        "unhappy": ("detractors", "Unhappy (0 to 6)"),
        "passive": ("passives", "Passive (7 and 8)"),
        "happy": ("promoters", "Happy (9 and 10)"),
    }
    for meaning, (column, name) in categories.items():
        share = 100 * shown[column].astype(float) / shown["n"]
        add_bars(figure, x=share, y=labels(shown), name=name, meaning=meaning)
    return lay_out_rows(figure, shown, x=("Answers in percent", period), legend=True, **STACKED)


def split(frame: pd.DataFrame, period: str) -> go.Figure:
    """A dot with whiskers for each score and difference of scores. Columns: part, estimate, low, high."""
    names, columns = frame["part"].map(label), ("estimate", "low", "high")
    return one_by_one(frame, columns, names, x=(NPS_AXIS, period), hover="%{x:+.1f} points", zeroline=True)


def decisions_by_reason(frame: pd.DataFrame, period: str) -> go.Figure:
    """How many decisions each reason was given in. Columns: decision (send, delay, skip), reason, n."""
    figure = go.Figure()
    results = {"send": ("allowed", "Allowed"), "delay": ("waiting", "Waiting"), "skip": ("refused", "Refused")}
    for decision, (meaning, name) in results.items():
        rows = frame[frame["decision"] == decision]
        add_bars(figure, x=rows["n"], y=rows["reason"].map(label), name=name, meaning=meaning)
    reasons = frame.drop_duplicates("reason")
    return lay_out_rows(figure, reasons, x=("Planning decisions", period), legend=True, **STACKED)


def contacts_per_customer(frame: pd.DataFrame, period: str) -> go.Figure:
    """How many customers were contacted how often. Columns: contacts (0, 1, ... as text), customers."""
    figure = go.Figure()
    bars = {"x": frame["contacts"], "y": frame["customers"], "marker": {"color": COLOURS["estimate"]}}
    figure.add_bar(**bars, hovertemplate="%{x} contacts: %{y} customers<extra></extra>")
    xaxis = {"type": "category", "showgrid": False, "nticks": 8, "tickangle": 0}
    return lay_out(figure, x=("Contacts per customer", period), y=("Customers",), height=320, legend=False, xaxis=xaxis)


def customers_at_caps(frame: pd.DataFrame, moment: str) -> go.Figure:
    """The share of customers whom each cap holds back. Columns: cap, share (percent)."""
    figure = go.Figure()
    add_bars(figure, x=frame["share"], y=frame["cap"].map(label), name="At the cap", meaning="waiting")
    return lay_out_rows(figure, frame, x=("Customers at the cap (%)", moment), **STACKED)


def withheld_note(
    frame: pd.DataFrame, counted: str = "answers", besides: str = BESIDES, minimum: int = SHOWN_FROM
) -> str:
    """The caption's sentences on groups that are not drawn: under the minimum, or hidden for the reason `besides`.

    Empty where all groups are drawn. Columns: value, n, state.
    """
    hidden = frame[frame["state"] == "withheld"]
    small = hidden["n"] < minimum
    reasons = {f"as under {minimum} {counted}": hidden[small], besides: hidden[~small]}
    return " ".join(f"Not drawn, {reason}: {_listed(rows)}." for reason, rows in reasons.items() if len(rows))


def _listed(rows: pd.DataFrame) -> str:
    return ", ".join(f"{value or NOT_STATED} ({n})" for value, n in zip(rows["value"], rows["n"], strict=True))


def _range_with_room(low: pd.Series, high: pd.Series) -> list[float]:
    """From the lowest to the highest bound, and 0, with room for bubbles and names at the edges."""
    bottom, top = min(low.min(), 0), max(high.max(), 0)
    room = 0.2 * (top - bottom)
    return [bottom - room, top + room]
