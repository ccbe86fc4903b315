"""Names of a chart's rows, short enough to stand beside them: pure, on a Plotly figure."""

import plotly.graph_objects as go

LINES = 2
"""Of a name; a row has no room for more beside the line that says how many stand behind it."""
COUNT = "n = "


def shorten(figure: go.Figure) -> go.Figure:
    """Cut the names of rows that take more lines. Rows stay told apart by their whole names, which the table has."""
    if figure.layout.yaxis.type == "category":
        of_traces = (trace.y for trace in figure.data if trace.y is not None)
        names = list(dict.fromkeys(str(name) for of_one in of_traces for name in of_one))
        figure.update_yaxes(tickmode="array", tickvals=names, ticktext=[short(name) for name in names])
    return figure


def short(name: str) -> str:
    """Return a name whose lines are parted by `<br>`; what is left out leaves an ellipsis."""
    lines = name.split("<br>")
    count = [lines.pop()] if lines[-1].startswith(COUNT) and len(lines) > 1 else []
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], f"{lines[LINES - 1]}…"]
    return "<br>".join([*lines, *count])
