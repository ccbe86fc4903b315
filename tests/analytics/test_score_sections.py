"""Sections of scores as they are made of rows: what of many rows is drawn, and what is said of the others."""

import json
from typing import Any

from analytics.page import DRAWN
from analytics.reports.score_sections import score_sections

METRIC = {"metric": "nps", "name": "NPS", "unit": "points", "minimum_n": 20, "target": None}


def row(by: str, value: str, n: int = 40) -> dict[str, Any]:
    shown = n >= METRIC["minimum_n"]  # type: ignore[operator]
    scores = {"promoters": 20, "passives": 10, "detractors": 10, "nps": 25.0, "low": 1.0, "high": 45.0, "n_eff": 40.0}
    told = scores if shown else dict.fromkeys(scores)
    return {
        "by": by,
        "value": value,
        "n": n,
        **told,
        "missing": 0 if shown else 20 - n,
        "state": "wide" if shown else "withheld",
    }


def agents(*rows: dict[str, Any]) -> Any:
    numbers = {
        "metrics": [METRIC],
        "nps": [row("overall", "all"), *rows],
        "weighted": [],
        "changes": [],
        "months": [],
        "months_alike": [],
        "period": {"text": "May", "since": None},
    }
    return next(one for one in score_sections(numbers) if one.key == "nps-agent")


def test_of_many_groups_as_many_are_drawn_as_can_be_read_and_the_table_has_all() -> None:
    found = agents(*(row("agent", f"Agent {number}") for number in range(DRAWN + 10)))
    assert f"Drawn are the first {DRAWN} of {DRAWN + 11} rows" in found.note
    assert len(found.rows) == DRAWN + 11
    for chart in found.charts:
        assert len(json.loads(chart.figure)["data"][0]["y"]) == DRAWN


def test_how_many_answers_a_group_lacks_is_the_metrics_to_say() -> None:
    found = agents(row("agent", "Ann", 19), row("agent", "Ben"))
    assert found.note == "Not drawn, as under 20 answers: Ann (19)."
