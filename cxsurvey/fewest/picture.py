"""The plan as one picture: for each target the answers that came, are to come, can be had, and are missing."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from analytics.drawing import COLOURS, STACKED, add_bars, label, lay_out_rows
from analytics.page import Section, section
from cxsurvey.fewest.words import finding, hours, names
from surveys.models import PlannedTarget

PARTS = (
    ("answers", "Came", "allowed"),
    ("coming", "To come from who was asked", "waiting"),
    ("expected", "From the contacts of the plan", "estimate"),
    ("missing", "Missing", "refused"),
)
COLUMNS = {
    "name": "Target",
    "answers": "Answers so far",
    "coming": "To come",
    "expected": "From the plan",
    "needed": "Needed",
    "missing": "Missing",
    "contacts": "Contacts it costs",
    "hours": "Hours of attention",
}


def picture(rows: Sequence[PlannedTarget]) -> Section:
    """The chart with its finding, and the table of its numbers."""
    told = [
        {
            "name": name,
            "answers": row.answers,
            "coming": round(row.coming, 1),
            "expected": round(row.expected, 1),
            "needed": row.needed,
            "missing": round(row.missing, 1),
            "contacts": round(row.contacts),
            "hours": round(hours(row), 1),
        }
        for name, row in zip(names(rows), rows, strict=True)
    ]
    return section(
        "answers",
        "Answers of this month",
        told,
        COLUMNS,
        _bars,
        lead="Answers to invitations of this month. The plan gets what is missing with the fewest contacts.",
        finding=finding(rows),
    )


def _bars(frame: pd.DataFrame) -> go.Figure:
    """A lying bar for each target, and a line at what it needs. Columns: name and those of `PARTS`, needed."""
    figure, names = go.Figure(), [label(name) for name in frame["name"]]
    for column, name, meaning in PARTS:
        add_bars(figure, x=frame[column], y=names, name=name, meaning=meaning, hovertemplate="%{x:,.0f}<extra></extra>")
    marker = {"symbol": "line-ns", "size": 26, "line": {"width": 3, "color": COLOURS["wide"]}}
    figure.add_scatter(
        x=frame["needed"], y=names, mode="markers", name="Needed", marker=marker, hovertemplate="%{x:,}<extra></extra>"
    )
    return lay_out_rows(figure, frame, x=("answers",), legend=True, xaxis={"rangemode": "tozero"}, **STACKED)
