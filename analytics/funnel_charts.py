"""The picture of a funnel: a bar for each step with the words above it, so that it can be read on a phone."""

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analytics.drawing import add_bars, lay_out

PER_STEP = 58


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
    where = {"x": 0, "yshift": 20, "xanchor": "left", "align": "left", "showarrow": False, "xref": "paper"}
    return lay_out(
        figure,
        x=("Touchpoints", period),
        height=110 + PER_STEP * len(frame),
        legend=True,
        xaxis={"showgrid": False, "nticks": 4},
        yaxis={"showgrid": False, "autorange": "reversed", "showticklabels": False},
        top=28,
        barmode="stack",
        bargap=0.62,
        annotations=[
            {"text": _words(row, is_first=not place), "y": place, **where}
            for place, row in enumerate(frame.to_dict("records"))
        ],
    )


def _words(row: Mapping[Any, Any], *, is_first: bool) -> str:
    told = f"<b>{escape(str(row['step']))}: {row['n']:,}</b>"
    if is_first:
        return told
    most = f"; most lost: {row['most']}" if row["most"] else ""
    return f"{told} ({row['of_step']}%){escape(most, quote=False)}"
