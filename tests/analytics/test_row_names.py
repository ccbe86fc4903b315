"""Names beside the rows of a chart."""

import pandas as pd
import plotly.graph_objects as go
import pytest

from analytics import charts, drawing
from analytics.row_names import short


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Call", "Call"),
        ("Call<br>n = 12", "Call<br>n = 12"),
        ("One two<br>three<br>n = 12", "One two<br>three<br>n = 12"),
        ("One two<br>three<br>four<br>n = 1,234", "One two<br>three…<br>n = 1,234"),
        ("One<br>two<br>three", "One<br>two<br>three"),
        ("One<br>two<br>three<br>four", "One<br>two<br>three…"),
        ("n = 12", "n = 12"),
    ],
)
def test_a_long_name_ends_in_an_ellipsis(name: str, expected: str) -> None:
    assert short(name) == expected


def test_rows_with_the_same_beginning_stay_two() -> None:
    names = [f"A name that is longer than two of the lines have room for, {letter}" for letter in "AB"]
    frame = pd.DataFrame({"value": names, "n": 20, "nps": 10.0, "low": 0.0, "high": 20.0, "state": "ok"})
    figure = charts.nps_by_group(frame, "May")
    assert len(set(figure.layout.yaxis.tickvals)) == 2
    assert set(figure.layout.yaxis.tickvals) == set(figure.data[0].y)
    assert [text.count("<br>") for text in figure.layout.yaxis.ticktext] == [2, 2]


def test_an_axis_of_numbers_is_left_alone() -> None:
    figure = drawing.lay_out(go.Figure(go.Scatter(x=[1], y=[2])), x=("Points",), height=100, legend=False)
    assert figure.layout.yaxis.tickvals is None
