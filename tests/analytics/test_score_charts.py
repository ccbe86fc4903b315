"""Two scores of a group side by side, changes and targets as they are drawn."""

from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go
import pytest

from analytics import drawing, score_charts

Draw = Callable[[pd.DataFrame, str, str, float | None], go.Figure]
PERIOD = "1 Jan 2026 to 31 Mar 2026"
FRAME = pd.DataFrame(
    [
        ("call", 300, 20.0, 10.0, 30.0, "ok", 15.0, 3.0, 27.0, "ok", -5.0, -15.0, 5.0, "ok"),
        ("chat", 40, 0.0, -25.0, 25.0, "wide", 5.0, -22.0, 31.0, "wide", 9.0, -30.0, 44.0, "wide"),
        ("visit", 60, 50.0, 32.0, 63.0, "ok", None, None, None, "withheld", None, None, None, "withheld"),
        ("fax", 4, None, None, None, "withheld", None, None, None, "withheld", None, None, None, "withheld"),
    ],
    columns=[
        *("value", "n", "estimate", "low", "high", "state"),
        *("weighted", "weighted_low", "weighted_high", "weighted_state"),
        *("change", "change_low", "change_high", "change_state"),
    ],
)


def test_measured_and_weighted_lie_side_by_side_and_are_told_apart_without_colours() -> None:
    figure = score_charts.beside_weighted(FRAME, "NPS in points", PERIOD, None)
    drawn = {trace.name: trace for trace in figure.data}
    assert list(drawn) == ["As measured", "As measured, wide", "Weighted", "Weighted, wide"]
    assert [trace.marker.symbol for trace in figure.data] == ["circle", "circle-open", "diamond", "diamond-open"]
    assert figure.layout.scattermode == "group"
    assert {trace.offsetgroup for trace in figure.data} == {"measured", "weighted"}
    weighted = drawn["Weighted"]
    assert list(weighted.x) == [15.0]
    assert (weighted.x[0] - weighted.error_x.arrayminus[0], weighted.x[0] + weighted.error_x.array[0]) == (3.0, 27.0)
    assert list(weighted.y) == [drawn["As measured"].y[0]]


def test_what_is_hidden_is_not_drawn() -> None:
    for figure in (
        score_charts.beside_weighted(FRAME, "NPS in points", PERIOD, None),
        score_charts.changes(FRAME, "points", PERIOD),
    ):
        assert "fax" not in figure.to_json()


def test_without_weights_the_measured_stand_alone() -> None:
    figure = score_charts.beside_weighted(FRAME.assign(weighted_state="withheld"), "NPS in points", PERIOD, None)
    assert [trace.name for trace in figure.data] == ["As measured", "As measured, wide"]


@pytest.mark.parametrize("draw", [score_charts.beside_weighted, score_charts.beside_weighted_by_month])
def test_target_is_a_named_line_only_where_there_is_one(draw: Draw) -> None:
    assert draw(FRAME, "NPS in points", PERIOD, None).layout.shapes == ()
    figure = draw(FRAME, "NPS in points", PERIOD, 40.0)
    [line], [label] = figure.layout.shapes, figure.layout.annotations
    assert 40.0 in (line.x0, line.y0)
    assert line.line.dash == "dash"
    assert label.text == "Target 40"


def test_axes_say_what_and_when() -> None:
    across = score_charts.beside_weighted(FRAME, "CSAT in percent", PERIOD, None).layout.xaxis.title.text
    along = score_charts.beside_weighted_by_month(FRAME, "CSAT in percent", PERIOD, None).layout
    moved = score_charts.changes(FRAME, "points", PERIOD).layout.xaxis
    assert across == f"CSAT in percent<br>{PERIOD}"
    assert (along.yaxis.title.text, along.xaxis.title.text) == ("CSAT in percent", f"Month of the answer<br>{PERIOD}")
    assert (moved.title.text, moved.zeroline) == (f"Change in points<br>against the time before<br>{PERIOD}", True)


def test_ranks_are_drawn_with_chance_taken_off() -> None:
    frame = pd.DataFrame({"value": ["app", "phone"], "n": [850, 480], "nps": [24.7, -2.1], "rank": [1, 2]})
    frame = frame.assign(shrunken=[24.0, 0.5], low=[18.0, -7.0], high=[30.0, 8.0])
    [trace] = score_charts.ranks(frame, PERIOD).data
    assert list(trace.x) == [24.0, 0.5]


def test_weighted_colour_is_one_that_no_other_meaning_has() -> None:
    assert score_charts.WEIGHTED not in drawing.COLOURS.values()
