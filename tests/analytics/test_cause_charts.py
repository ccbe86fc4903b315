"""The pictures of drivers and risks, as far as they are not those of every report."""

import pandas as pd
import pytest

from analytics import cause_charts, drawing


def test_importance_and_weight_stand_in_one_row_and_differ_in_shape() -> None:
    rows = [("speed", 10.0, 60.0), ("price", 55.0, 40.0)]
    frame = pd.DataFrame(rows, columns=["value", "weight", "importance"]).assign(low=20.0, high=70.0)
    importance, weight = cause_charts.importance_against_weight(frame, "May 2026").data
    assert list(importance.y) == list(weight.y) == ["speed", "price"]
    assert (list(importance.x), list(weight.x)) == ([60.0, 40.0], [10.0, 55.0])
    assert importance.marker.symbol != weight.marker.symbol
    assert weight.error_x.array is None
    assert list(importance.error_x.array) == [10.0, 30.0]


def test_effects_are_seen_beside_no_effect_at_all() -> None:
    frame = pd.DataFrame({"value": ["late"], "n": 200, "points": -80.0, "points_low": -95.0, "points_high": -60.0})
    assert cause_charts.effects(frame, "May 2026").layout.xaxis.rangemode == "tozero"


@pytest.mark.parametrize("rows", [1, 3])
def test_each_row_of_a_chart_has_its_place_whole(rows: int) -> None:
    names = [f"Tenth {number}" for number in range(rows)]
    frame = pd.DataFrame({"value": names, "n": 50, "state": "ok"})
    axis = cause_charts.customers_by_risk(frame, "May 2026").layout.yaxis
    assert tuple(axis.range) == (rows - 0.5, -0.5)
    assert list(axis.tickvals) == names
    assert axis.automargin == "left"


def test_marks_at_the_edge_are_drawn_whole() -> None:
    frame = pd.DataFrame({"value": ["late"], "share": 0.0, "low": 0.0, "high": 3.0})
    [dots] = cause_charts.explained(frame, "May 2026").data
    assert dots.cliponaxis is False
    assert dots.marker.color == drawing.COLOURS["estimate"]


def test_a_title_that_a_phone_has_no_room_for_is_put_into_lines_below_the_same_plot() -> None:
    frame = pd.DataFrame({"value": ["late"], "share": 20.0, "low": 10.0, "high": 30.0})
    period = "1 Jan 2026 to 31 Mar 2026, kind service call, team North"
    short, long = (cause_charts.explained(frame, text).layout for text in ("May 2026", period))
    lines = long.xaxis.title.text.split("<br>")
    assert " ".join(lines).endswith(period)
    assert max(map(len, lines)) <= drawing.AXIS_LINE
    assert long.height - short.height == drawing.LINE_HEIGHT * (len(lines) - len(short.xaxis.title.text.split("<br>")))
