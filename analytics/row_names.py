"""Names of a chart's rows, short enough to stand beside them: pure, on a Plotly figure."""

from typing import Any

import plotly.graph_objects as go

LINES = 2
"""Of a name beside the line that says how many stand behind it; without that line there is room for one more."""
COUNT = "n = "


def ticks(figure: go.Figure) -> dict[str, Any]:
    """Return what the axis of rows says beside them: names that take more lines are cut.

    Rows stay told apart by their whole names, which the table has.
    """
    of_traces = (trace.y for trace in figure.data if trace.y is not None)
    names = list(dict.fromkeys(str(name) for of_one in of_traces for name in of_one))
    return {"tickmode": "array", "tickvals": names, "ticktext": [short(name) for name in names]}


def short(name: str) -> str:
    """Return a name whose lines are parted by `<br>`; what is left out leaves an ellipsis."""
    lines = name.split("<br>")
    count = [lines.pop()] if lines[-1].startswith(COUNT) and len(lines) > 1 else []
    room = LINES if count else LINES + 1
    if len(lines) > room:
        lines = [*lines[: room - 1], f"{lines[room - 1]}…"]
    return "<br>".join([*lines, *count])
