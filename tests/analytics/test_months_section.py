"""What readers see of each touchpoint month by month: panels, a table, a finding, and the rows as data."""

import json
from typing import Any

import pandas as pd
import pytest

from analytics import score_charts
from analytics.counted_months import count_months
from analytics.metrics import definitions
from analytics.month_cells import Cell, month_rows
from analytics.month_differences import alike_rows
from analytics.period import Period
from analytics.reports import REPORTS, build
from analytics.scope import Scope
from tests.analytics.test_month_cells import AT, day
from tests.analytics.world import make_responses
from tests.staff import client_of
from tests.surveys.makers import make_touchpoint

REPORT = REPORTS["touchpoints"]
KINDS = {"call": (30, 10, 10), "visit": (10, 10, 30), "chat": (15, 15, 15)}


def make_year() -> None:
    """Three kinds in five months: calls get worse in April and May, chats are too few in February."""
    for month in range(1, 6):
        for kind, counts in KINDS.items():
            answers = counts[::-1] if kind == "call" and month > 3 else counts
            few = (1, 1, 1) if (kind, month) == ("chat", 2) else answers
            make_responses(*few, touchpoint=make_touchpoint(kind=kind), answered_at=day(month))


def numbers() -> dict[str, Any]:
    return build(Scope(Period(None, None, AT)), [REPORT])


def section(told: dict[str, Any]) -> Any:
    return next(one for one in REPORT.context(told)["sections"] if one.key == "nps-months")


@pytest.mark.django_db
def test_page_has_a_panel_for_each_touchpoint_and_a_row_for_each_month() -> None:
    make_year()
    found = section(numbers())
    assert found.title == "NPS month by month for each touchpoint"
    assert [head.text for head in found.heads][:4] == ["Touchpoint", "Month", "Answers", "NPS in points"]
    assert len(found.rows) == 15
    hidden = {(row[0].text, row[1].text) for row in found.rows if row[3].text == "not shown"}
    assert ("Chat", "2026-02") in hidden
    assert len(hidden) == 4
    assert found.rows[0][1].narrows == ("month", "2026-01")
    assert found.note == ""
    layout = json.loads(found.charts[0].figure)["layout"]
    assert [one["text"] for one in layout["annotations"]] == ["Call, n = 250", "Visit, n = 250", "Chat, n = 183"]


@pytest.mark.django_db
def test_finding_names_what_changed_by_more_than_chance() -> None:
    make_year()
    told = section(numbers()).finding
    assert told == "Differing from month to month by more than chance: Call. The other 2 do not."
    make_responses(80, 0, 0, touchpoint=make_touchpoint(kind="visit"), answered_at=day(5))
    assert section(numbers()).finding.endswith("Visit, Call. The other one does not.")


@pytest.mark.django_db
def test_where_nothing_changes_that_is_the_finding() -> None:
    for month in (1, 2, 3):
        make_responses(30, 10, 10, touchpoint=make_touchpoint(kind="call"), answered_at=day(month))
    assert section(numbers()).finding == "No touchpoint differs from month to month by more than chance."


@pytest.mark.django_db
def test_data_have_the_rows_of_the_page_and_counted_months_change_none() -> None:
    make_year()
    before = numbers()
    assert count_months(AT) == 4
    assert numbers() == before
    query = "since=2026-01-01&until=2026-05-20"
    answer = client_of("Analyst").get(f"/api/v1/reports/touchpoints/?{query}").json()
    assert answer["months"] == before["months"]
    assert {row["kind"] for row in answer["months_alike"]} == set(KINDS)


@pytest.mark.django_db
def test_months_of_a_touchpoint_that_is_hidden_are_hidden() -> None:
    make_year()
    make_responses(3, 2, 3, touchpoint=make_touchpoint(kind="fax"), answered_at=day(3))
    told = numbers()
    kinds = {row["value"] for row in told["nps"] if row["by"] == "kind" and row["state"] == "withheld"}
    assert len(kinds) == 2
    assert {row["state"] for row in told["months"] if row["kind"] in kinds} == {"withheld"}


@pytest.mark.django_db
def test_nothing_is_drawn_where_nothing_can_be_shown() -> None:
    make_responses(1, 1, 1, answered_at=day(3))
    found = section(numbers())
    assert (found.charts, len(found.rows), found.finding) == ([], 1, "")


def row(kind: str, month: int, state: str = "ok", **more: Any) -> dict[str, Any]:
    score = {"estimate": 10.0 * month, "low": 10.0 * month - 9, "high": 10.0 * month + 9}
    told = dict.fromkeys(score) if state == "withheld" else score
    return {"kind": kind, "value": f"2026-{month:02}", "n": 30, "state": state, **told, **more}


def drawn(*rows: dict[str, Any], target: float | None = None) -> dict[str, Any]:
    figure = score_charts.months_by_kind(pd.DataFrame(list(rows)), "NPS in points", "May", target)
    told: dict[str, Any] = json.loads(figure.to_json())
    return told


def test_panels_have_one_scale_and_wide_months_look_different() -> None:
    figure = drawn(row("Call", 1), row("Call", 2, "wide"), row("Chat", 1), row("Chat", 3, "withheld"))
    assert [(one["yaxis"], one["x"]) for one in figure["data"]] == [
        *[("y", ["2026-01"]), ("y", ["2026-02"]), ("y2", ["2026-01"])]
    ]
    symbols = [one["marker"]["symbol"] for one in figure["data"]]
    assert symbols == ["circle", "circle-open", "circle"]
    assert [one["showlegend"] for one in figure["data"]] == [True, True, False]
    layout = figure["layout"]
    assert layout["showlegend"] is True
    assert layout["yaxis"]["range"] == layout["yaxis2"]["range"] == [-2.0, 32.0]
    assert layout["yaxis"]["domain"][0] >= layout["yaxis2"]["domain"][1]
    assert layout["xaxis"]["anchor"] == "y2"


def test_so_many_panels_are_drawn_as_can_be_read_each_with_the_target() -> None:
    figure = drawn(*(row(f"Kind {number}", 1) for number in range(20)), target=15)
    assert len(figure["layout"]["annotations"]) == len(figure["layout"]["shapes"]) == score_charts.PANELS
    assert {shape["y0"] for shape in figure["layout"]["shapes"]} == {15}
    low, high = figure["layout"]["yaxis"]["range"]
    assert low <= 15 <= high


def test_names_of_touchpoints_are_text_and_no_markup() -> None:
    figure = drawn(row("<b>Call</b>", 1), row("", 1))
    assert [one["text"] for one in figure["layout"]["annotations"]] == [
        "&lt;b&gt;Call&lt;/b&gt;, n = 30",
        "not stated, n = 30",
    ]


@pytest.mark.django_db
def test_months_are_compared_where_two_are_shown() -> None:
    nps = definitions()["nps"]
    flat, falling = ((30, 20, 10), (30, 20, 10)), ((50, 5, 5), (5, 5, 50))
    cells = {
        (kind, f"2026-0{month}"): Cell(counts, 60, 60.0)
        for kind, both in {"call": flat, "visit": falling}.items()
        for month, counts in enumerate(both, 1)
    }
    cells["chat", "2026-01"] = Cell((100, 20, 20), 140, 140.0)
    cells["visit", "2026-01"] = Cell((50, 5, 5), 45, 41.7)
    kinds, months = dict.fromkeys(("call", "visit", "chat"), False), dict.fromkeys(("2026-01", "2026-02"), False)
    rows = alike_rows(nps, month_rows(nps, cells, kinds, months), cells)
    assert [(row["kind"], row["months"]) for row in rows] == [("call", 2), ("visit", 2)]
    assert rows[0]["p_alike"] == rows[0]["p_holm"] == 1.0
    assert rows[1]["p_holm"] < 0.0001
    assert alike_rows(nps, [], {}) == []
