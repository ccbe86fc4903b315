"""The picture of the funnel: what stands above its bars."""

import pandas as pd
import plotly.graph_objects as go
import pytest

from analytics.funnel_charts import LINE, steps

LONG = "a more important survey took the place (its rule has a <b>name</b> that goes on and on, for several lines)"


@pytest.fixture
def figure() -> go.Figure:
    rows = [("Touchpoints", 1000, 0, 100.0, ""), ("Planned", 400, 600, 40.0, LONG), ("Scored", 50, 350, 12.5, "")]
    return steps(pd.DataFrame(rows, columns=["step", "n", "lost", "of_step", "most"]), "May 2026")


def lines(figure: go.Figure, place: int) -> list[str]:
    return str(figure.layout.annotations[place].text).split("<br>")


def test_each_step_says_how_many_and_what_lost_the_most(figure: go.Figure) -> None:
    assert lines(figure, 0) == ["<b>Touchpoints: 1,000</b>"]
    assert lines(figure, 1)[0] == "<b>Planned: 400</b> (40.0%)"
    assert lines(figure, 1)[1].startswith("Most lost: a more important")
    assert lines(figure, 2) == ["<b>Scored: 50</b> (12.5%)"]


def test_a_long_loss_is_cut_so_that_a_phone_has_room_for_it(figure: go.Figure) -> None:
    told = lines(figure, 1)
    assert len(told) == 3
    assert all(len(line) <= LINE + len("&lt;&gt;") for line in told[1:])
    assert told[2].endswith("…")
    assert "<b>name" not in figure.layout.annotations[1].text


def test_bars_have_a_place_each_with_the_first_on_top(figure: go.Figure) -> None:
    low, high = figure.layout.yaxis.range
    assert (low, high) == (2.5, -0.5)
    reached, lost = figure.data
    assert list(reached.x) == [1000, 400, 50]
    assert list(lost.x) == [0, 600, 350]
    assert {annotation.y for annotation in figure.layout.annotations} == {0, 1, 2}
