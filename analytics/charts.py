"""The report's charts: a frame of published rows in, a Plotly figure out.

Colours are told apart by people with any colour vision and stand out by 3:1 from white and from the dark page; they
never carry a meaning alone, a symbol, a pattern or a label does so too. Figures have no background and no colour of
text: the page gives both, light or dark. `period` is the text that says which time the numbers are from.
"""

from html import escape
from textwrap import wrap
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analytics.scores import SHOWN_FROM

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

PATTERNS = {"unhappy": "x", "passive": "/", "happy": "", "refused": "x", "waiting": "/", "allowed": ""}
"""The same meaning as the colours, for those who see none."""

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

NPS_AXIS = "NPS in points"
LARGEST_BUBBLE = 46
PER_ROW = 44


def nps_against_churn(frame: pd.DataFrame, period: str) -> go.Figure:
    """A bubble per touchpoint kind, its area by customers; bars are the 95% intervals.

    Columns: value, nps, low, high, customers, difference, difference_low, difference_high, state.
    """
    figure = go.Figure()
    shown = drawable(frame)
    # The upper half is named above its bubbles, the lower half below, so that names seldom meet.
    upper = shown["difference"] >= shown["difference"].median()
    shown = shown.assign(name_at=upper.map({True: "top center", False: "bottom center"}))
    largest = shown["customers"].max()
    for state, rows in shown.groupby("state", sort=True):
        look = _look(str(state))
        figure.add_scatter(
            x=rows["nps"],
            y=rows["difference"],
            error_x=_bars(rows, "nps", "low", "high", look),
            error_y=_bars(rows, "difference", "difference_low", "difference_high", look),
            text=rows["value"].map(_name),
            textposition=rows["name_at"],
            mode="markers+text",
            marker=look["marker"]
            | {"size": rows["customers"], "sizemode": "area", "sizeref": 2 * largest / LARGEST_BUBBLE**2, "sizemin": 6},
            name=look["name"],
            hovertemplate="%{text}: NPS %{x:.1f}, difference %{y:.1f} points<extra></extra>",
        )
    y = ("Churn against the rest", "in percentage points")
    _lay_out(figure, x=(NPS_AXIS, period), y=y, height=460, legend=_has_wide(shown))
    figure.update_xaxes(range=_range_with_room(shown["low"], shown["high"]))
    figure.update_yaxes(zeroline=True, range=_range_with_room(shown["difference_low"], shown["difference_high"]))
    return figure


def nps_by_group(frame: pd.DataFrame, period: str) -> go.Figure:
    """A dot with whiskers per group, in the order of the rows. Columns: value, n, nps, low, high, state."""
    figure = _dots(frame, "nps")
    return _lay_out_rows(figure, frame, x=(NPS_AXIS, period))


def nps_by_month(frame: pd.DataFrame, period: str) -> go.Figure:
    """The same over time, one dot per month. Columns: value (YYYY-MM), n, nps, low, high, state."""
    figure = go.Figure()
    shown = drawable(frame)
    for state, rows in shown.groupby("state", sort=True):
        look = _look(str(state))
        bars = _bars(rows, "nps", "low", "high", look)
        figure.add_scatter(
            x=rows["value"], y=rows["nps"], error_y=bars, mode="markers", marker=look["marker"], name=look["name"]
        )
    _lay_out(figure, x=("Month of the answer", period), y=(NPS_AXIS,), height=340, legend=_has_wide(shown))
    figure.update_xaxes(type="category", categoryorder="category ascending", nticks=8, showgrid=False)
    return figure


def share_by_group(frame: pd.DataFrame, share: str, period: str) -> go.Figure:
    """A dot with whiskers per group for a share in percent; `share` says of what.

    Columns: value, n, share, low, high, state.
    """
    figure = _dots(frame, "share")
    _lay_out_rows(figure, frame, x=(f"{share} in percent", period))
    figure.update_xaxes(rangemode="tozero")
    return figure


def answers_by_category(frame: pd.DataFrame, period: str) -> go.Figure:
    """What the answers of each group were, in percent. Columns: value, n, promoters, passives, detractors, state."""
    figure = go.Figure()
    shown = drawable(frame)
    categories = {
        "unhappy": ("detractors", "Unhappy (0 to 6)"),
        "passive": ("passives", "Passive (7 and 8)"),
        "happy": ("promoters", "Happy (9 and 10)"),
    }
    for look, (column, name) in categories.items():
        share = 100 * shown[column].astype(float) / shown["n"]
        _add_bar(figure, x=share, y=_labels(shown), name=name, look=look)
    _lay_out_rows(figure, shown, x=("Answers in percent", period), legend=True)
    return figure


def split(frame: pd.DataFrame, period: str) -> go.Figure:
    """A dot with whiskers for each score and difference of scores. Columns: part, estimate, low, high."""
    figure = go.Figure()
    look = _look("ok")
    figure.add_scatter(
        x=frame["estimate"],
        y=frame["part"].map(_name),
        error_x=_bars(frame, "estimate", "low", "high", look),
        mode="markers",
        marker=look["marker"],
        hovertemplate="%{x:+.1f} points<extra></extra>",
    )
    _lay_out_rows(figure, frame, x=(NPS_AXIS, period), legend=False)
    figure.update_xaxes(zeroline=True)
    return figure


def decisions_by_reason(frame: pd.DataFrame, period: str) -> go.Figure:
    """How many decisions each reason was given in. Columns: decision (send, delay, skip), reason, n."""
    figure = go.Figure()
    results = {"send": ("allowed", "Allowed"), "delay": ("waiting", "Waiting"), "skip": ("refused", "Refused")}
    for decision, (look, name) in results.items():
        rows = frame[frame["decision"] == decision]
        _add_bar(figure, x=rows["n"], y=rows["reason"].map(_name), name=name, look=look)
    reasons = frame.drop_duplicates("reason")
    return _lay_out_rows(figure, reasons, x=("Planning decisions", period), legend=True)


def contacts_per_customer(frame: pd.DataFrame, period: str) -> go.Figure:
    """How many customers were contacted how often. Columns: contacts (0, 1, ... as text), customers."""
    figure = go.Figure()
    bars = {"x": frame["contacts"], "y": frame["customers"], "marker": {"color": COLOURS["estimate"]}}
    figure.add_bar(**bars, hovertemplate="%{x} contacts: %{y} customers<extra></extra>")
    _lay_out(figure, x=("Contacts per customer", period), y=("Customers",), height=320, legend=False)
    figure.update_xaxes(type="category", showgrid=False)
    return figure


def customers_at_caps(frame: pd.DataFrame, moment: str) -> go.Figure:
    """The share of customers whom each cap holds back. Columns: cap, share (percent)."""
    figure = go.Figure()
    _add_bar(figure, x=frame["share"], y=frame["cap"].map(_name), name="At the cap", look="waiting")
    return _lay_out_rows(figure, frame, x=("Customers at the cap in percent", moment))


def drawable(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that are large enough to be drawn."""
    return frame[frame["state"] != "withheld"]


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


NOT_STATED = "not stated"


def _dots(frame: pd.DataFrame, estimate: str) -> go.Figure:
    figure = go.Figure()
    for state, rows in drawable(frame).groupby("state", sort=True):
        look = _look(str(state))
        figure.add_scatter(
            x=rows[estimate],
            y=_labels(rows),
            error_x=_bars(rows, estimate, "low", "high", look),
            mode="markers",
            marker=look["marker"],
            name=look["name"],
            hovertemplate="%{x:.1f}<extra></extra>",
        )
    return figure


def _look(state: str) -> dict[str, Any]:
    """Wide intervals are grey with a hollow dot, the others coloured with a full one."""
    if state == "wide":
        name = "Wide: margin over 20 points"
        return {"name": name, "marker": {"color": COLOURS["wide"], "symbol": "circle-open", "size": 10}}
    return {"name": "Margin up to 20 points", "marker": {"color": COLOURS["estimate"], "symbol": "circle", "size": 10}}


def _range_with_room(low: pd.Series, high: pd.Series) -> list[float]:
    """From the lowest to the highest bound, and 0, with room for bubbles and names at the edges."""
    bottom, top = min(low.min(), 0), max(high.max(), 0)
    room = 0.2 * (top - bottom)
    return [bottom - room, top + room]


def _has_wide(shown: pd.DataFrame) -> bool:
    return bool((shown["state"] == "wide").any())


def _bars(rows: pd.DataFrame, estimate: str, low: str, high: str, look: dict[str, Any]) -> dict[str, Any]:
    centre = rows[estimate].astype(float)
    return {
        "type": "data",
        "symmetric": False,
        "array": rows[high].astype(float) - centre,
        "arrayminus": centre - rows[low].astype(float),
        "color": look["marker"]["color"],
        "thickness": 2,
        "width": 5,
    }


def _labels(rows: pd.DataFrame) -> list[str]:
    pairs = zip(rows["value"], rows["n"], strict=True)
    return [f"{_name(value)}<br>n = {n:,}" for value, n in pairs]


def _add_bar(figure: go.Figure, *, x: pd.Series, y: Any, name: str, look: str) -> None:
    pattern = {"shape": PATTERNS[look], "fillmode": "overlay", "fgcolor": "white", "fgopacity": 0.6, "size": 7}
    marker = {"color": COLOURS[look], "pattern": pattern}
    figure.add_bar(x=x, y=y, name=name, orientation="h", marker=marker)
    figure.update_layout(barmode="stack", bargap=0.35)


def _name(group: str) -> str:
    """A group's name as a label: in short lines, and as text where Plotly would read markup."""
    return "<br>".join(escape(line, quote=False) for line in wrap(group or NOT_STATED, 18))


def _lay_out_rows(
    figure: go.Figure, frame: pd.DataFrame, *, x: tuple[str, ...], legend: bool | None = None
) -> go.Figure:
    """Rows of categories from top to bottom, tall enough for each to be read."""
    drawn = drawable(frame) if "state" in frame else frame
    with_legend = _has_wide(drawn) if legend is None and "state" in frame else bool(legend)
    _lay_out(figure, x=x, y=(), height=96 + PER_ROW * len(drawn) + 30 * with_legend, legend=with_legend)
    figure.update_yaxes(
        type="category", autorange="reversed", showgrid=False, ticks="outside", tickcolor="rgba(0,0,0,0)"
    )
    return figure


def _lay_out(figure: go.Figure, *, x: tuple[str, ...], y: tuple[str, ...], height: int, legend: bool) -> go.Figure:
    figure.update_layout(
        template="none",
        height=height,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, sans-serif", "size": 13},
        margin={"l": 8, "r": 16, "t": 12, "b": 8},
        dragmode=False,
        showlegend=legend,
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "traceorder": "normal"},
    )
    axis = {"automargin": True, "fixedrange": True, "zeroline": False, "gridcolor": "#868686", "gridwidth": 0.5}
    axis |= {"exponentformat": "none", "separatethousands": True}
    figure.update_xaxes(title={"text": "<br>".join(x), "standoff": 8, "font": {"size": 13}}, **axis)
    figure.update_yaxes(title={"text": "<br>".join(y), "standoff": 8, "font": {"size": 13}}, **axis)
    return figure
