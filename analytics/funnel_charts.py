"""The picture of a funnel: a bar for each step with the words above it, so that it can be read on a phone."""

from html import escape

import pandas as pd
import plotly.graph_objects as go

from analytics.charts import COLOURS, PATTERNS

PER_STEP = 58


def steps(frame: pd.DataFrame, period: str) -> go.Figure:
    """A bar per step: what reached it and, beside that, what was lost since the step before.

    Columns: step (a name), n, lost, of_step (percent of the step before), most (the largest loss in words, or nothing).
    """
    figure = go.Figure()
    places = list(range(len(frame)))
    for column, name, look in (("n", "Reached", "allowed"), ("lost", "Lost since the step before", "refused")):
        pattern = {"shape": PATTERNS[look], "fillmode": "overlay", "fgcolor": "white", "fgopacity": 0.6, "size": 7}
        figure.add_bar(
            x=frame[column],
            y=places,
            name=name,
            orientation="h",
            marker={"color": COLOURS[look], "pattern": pattern},
            customdata=frame["step"],
            hovertemplate="%{customdata}: %{x:,}<extra>" + name + "</extra>",
        )
    for place, row in zip(places, frame.itertuples(), strict=True):
        figure.add_annotation(
            text=_words(row), x=0, y=place, yshift=20, xanchor="left", align="left", showarrow=False, xref="paper"
        )
    _lay_out(figure, len(frame), period)
    return figure


def _words(row: "tuple[object, ...]") -> str:
    told = f"<b>{escape(str(row.step))}: {row.n:,}</b>"  # type: ignore[attr-defined]
    if row.Index == 0:  # type: ignore[attr-defined]
        return told
    most = f"; most lost: {row.most}" if row.most else ""  # type: ignore[attr-defined]
    return f"{told} ({row.of_step}%){escape(most, quote=False)}"  # type: ignore[attr-defined]


def _lay_out(figure: go.Figure, steps: int, period: str) -> None:
    figure.update_layout(
        template="none",
        height=110 + PER_STEP * steps,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, sans-serif", "size": 13},
        margin={"l": 8, "r": 16, "t": 28, "b": 8},
        dragmode=False,
        barmode="stack",
        bargap=0.62,
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "traceorder": "normal"},
    )
    axis = {"automargin": True, "fixedrange": True, "zeroline": False, "showgrid": False, "separatethousands": True}
    title = {"text": f"Touchpoints<br>{period}", "standoff": 8, "font": {"size": 13}}
    figure.update_xaxes(title=title, nticks=4, exponentformat="none", **axis)
    figure.update_yaxes(autorange="reversed", showticklabels=False, **axis)
