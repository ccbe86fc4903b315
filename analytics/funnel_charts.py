"""The picture of a funnel: a bar for each step with the words above it, so that it can be read on a phone."""

from collections.abc import Mapping
from html import escape
from textwrap import wrap
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analytics.drawing import add_bars, lay_out

PER_STEP = 78
"""Pixels: the bar, and three lines above it."""
LINE = 42
"""Letters that a phone has room for."""


def steps(frame: pd.DataFrame, period: str) -> go.Figure:
    """A bar per step: what reached it and, beside that, what was lost since the step before.

    Columns: step (a name), n, lost, of_step (percent of the step before), most (the largest loss in words, or nothing).
    """
    figure = go.Figure()
    for column, name, meaning in (("n", "Reached", "allowed"), ("lost", "Lost since the step before", "refused")):
        add_bars(
            figure,
            x=frame[column],
            y=list(range(len(frame))),
            name=name,
            meaning=meaning,
            customdata=frame["step"],
            hovertemplate="%{customdata}: %{x:,}<extra>" + name + "</extra>",
        )
    where = {"x": 0, "xref": "paper", "xanchor": "left", "yanchor": "bottom", "yshift": 12, "align": "left"}
    return lay_out(
        figure,
        x=("Touchpoints", period),
        height=94 + PER_STEP * len(frame),
        legend=True,
        xaxis={"showgrid": False, "nticks": 4},
        yaxis={"showgrid": False, "range": [len(frame) - 0.5, -0.5], "showticklabels": False},
        barmode="stack",
        bargap=0.74,
        annotations=[
            {"text": _words(row, is_first=not place), "y": place, "showarrow": False, **where}
            for place, row in enumerate(frame.to_dict("records"))
        ],
    )


def _words(row: Mapping[Any, Any], *, is_first: bool) -> str:
    """The step with how many reached it, and in at most two more lines what lost the most before it."""
    told = f"<b>{escape(str(row['step']))}: {row['n']:,}</b>"
    if is_first:
        return told
    lost = wrap(f"Most lost: {row['most']}", LINE, max_lines=2, placeholder="…") if row["most"] else []
    return "<br>".join([f"{told} ({row['of_step']}%)", *(escape(line, quote=False) for line in lost)])
