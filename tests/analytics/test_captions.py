"""What the captions of charts say, of numbers that can be added up by hand."""

from importlib import import_module
from typing import Any

import pytest

from analytics.page import Section

PERIOD: dict[str, Any] = {
    "text": "May 2026",
    "at": "2026-05-31T12:00:00+00:00",
    "since": None,
    "until": None,
    "filters": {},
}
RUN = {"refusal": "", "days": 90, "until": "2026-05-01", "by_leaving": False, "split": "by time", "boosting": None}
NOTHING: dict[str, dict[str, Any]] = {
    "fatigue": {
        "split": {"parts": [], "verdict": "unproven", "why": "", "invited": 0, "answers": 0, "left_out": 0}
        | {"refereed": False},
        **{
            table: [] for table in ("drawn", "rate_by_contacts", "score_by_contacts", "cost", "burn", "fatigue", "caps")
        },
    },
    "delivery": {
        table: []
        for table in (
            *("funnel", "funnel_by", "stops", "answer_rate", "programs"),
            *("waits", "reminders", "calls", "dispositions", "decisions"),
        )
    },
    "comments": {"themes": [], "key_words": []},
    "churn": {
        "churn_run": RUN,
        "risk_bands": [{"value": "75 to 100%", "n": 0, "expected": 0.0, "state": "ok"}],
        **{table: [] for table in ("risk_calibration", "risk_figures", "risk_notes", "silence_after_problems")},
    },
    "drivers": {table: [] for table in ("drivers", "driver_weights", "driver_orders", "driver_patterns")},
    "quality": {table: [] for table in ("checks", "flags", "lateness", "stated", "imports", "sources")},
}
"""Report -> its numbers where there are none."""


def shown(report: str, section: str, **numbers: Any) -> Section:
    sections = import_module(f"analytics.reports.{report}").sections(NOTHING[report] | {"period": PERIOD} | numbers)
    found: Section = next(one for one in sections if one.key == section)
    return found


def caption(report: str, section: str, **numbers: Any) -> str:
    found = shown(report, section, **numbers)
    assert found.charts, "a caption stands under a chart"
    return found.finding


def funnel_row(step: str, n: int | None, share: float, loss: str = "", reason: str = "") -> dict[str, Any]:
    return {"step": step, "loss": loss, "reason": reason, "n": n, "share": share, "of_step": share}


FUNNEL = [
    funnel_row("touchpoint", 1000, 100.0),
    funnel_row("decided", 600, 60.0, loss="no_program"),
    funnel_row("decided", 400, 40.0),
    funnel_row("scored", 350, 35.0, loss="cap", reason="30 days"),
    funnel_row("scored", 50, 5.0),
]


def test_the_funnel_says_how_many_came_to_a_score_and_what_lost_the_most() -> None:
    told = caption("delivery", "funnel", funnel=FUNNEL)
    assert told == (
        "50 of 1,000 touchpoints (5.0%) came to a score. The largest loss: 600 (60.0%), no program asks about it."
    )


def test_what_is_not_told_of_the_funnel_is_not_in_its_caption() -> None:
    told = caption("delivery", "funnel", funnel=[*FUNNEL[:-1], funnel_row("scored", None, 5.0)])
    assert told == "The largest loss: 600 (60.0%), no program asks about it."
    assert shown("delivery", "funnel").charts == []


def test_decisions_are_told_by_what_they_allowed_and_what_was_in_the_way() -> None:
    rows = [
        {"stage": stage, "decision": decision, "reason": reason, "kind": "cap", "n": n}
        for stage, decision, reason, n in (
            *(("plan", "send", "all", 60), ("plan", "delay", "all", 30), ("plan", "delay", "contact-hours", 30)),
            *(("plan", "skip", "all", 10), ("plan", "skip", "opt-out", 10), ("hand_over", "skip", "all", 500)),
        )
    ]
    assert caption("delivery", "decisions", decisions=rows) == (
        "Of 100 decisions of planning 60 (60.0%) allowed a contact at once, 30 (30.0%) put it off, "
        "10 (10.0%) refused it. The commonest reason: contact hours (30)."
    )


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ((75, 15, 10), "75 of 100 customers (75.0%) were not contacted; nobody more than 2 times."),
        ((75, 25), "75 of 100 customers (75.0%) were not contacted; nobody more than once."),
        ((100,), "100 of 100 customers (100.0%) were not contacted."),
    ],
)
def test_contacts_are_told_by_who_had_none_and_the_most(counts: tuple[int, ...], told: str) -> None:
    rows = [{"contacts": n, "customers": customers, "share": float(customers)} for n, customers in enumerate(counts)]
    assert caption("fatigue", "contacts", fatigue=rows) == told


def theme(key: str, count: int, share: float, nps: float) -> dict[str, Any]:
    score = {"scored": count, "nps": nps, "nps_low": nps - 5, "nps_high": nps + 5, "state": "ok", "change": None}
    return {"theme": key, "name": key, "count": count, "share": share, "low": share - 2, "high": share + 2, **score}


THEMES = [
    *(theme("all", 200, 100.0, 20.0), theme("price", 40, 20.0, -30.0)),
    *(theme("people", 30, 15.0, 60.0), theme("without", 130, 65.0, 10.0)),
]


def test_shares_of_themes_are_not_told_by_their_scores() -> None:
    assert caption("comments", "themes", themes=THEMES) == (
        "Highest: Without, 65.0% (95% 63.0 to 67.0); lowest: People, 15.0% (95% 13.0 to 17.0). "
        "Their intervals do not overlap."
    )
    assert caption("comments", "theme-scores", themes=THEMES).startswith("Highest: People, 60.0 points (95% 55.0 to")


def test_the_headline_of_comments_is_a_theme() -> None:
    told = import_module("analytics.reports.comments").headline({"themes": THEMES})
    assert told == ("200 comments", "Most are about: price (20.0%).")
    none = import_module("analytics.reports.comments").headline({"themes": [THEMES[0], THEMES[3]]})
    assert none.text == "No theme is found in them yet."


def test_without_a_first_day_changes_say_what_to_do() -> None:
    assert shown("comments", "theme-changes", themes=THEMES).lead.startswith("Choose a first day")


def test_the_split_is_told_by_its_two_causes() -> None:
    estimates = {"measured": 33.0, "weighted": 32.4, "standardised": 35.8, "fatigue": -3.5, "nonresponse": 0.6}
    parts = [{"part": part, "estimate": told, "low": told - 2, "high": told + 2} for part, told in estimates.items()]
    assert caption("fatigue", "split", split=NOTHING["fatigue"]["split"] | {"parts": parts}) == (
        "What the survey did to the NPS: contacts before -3.5 points (95% -5.5 to -1.5), "
        "silence 0.6 points (95% -1.4 to 2.6); unproven."
    )


def test_a_holdout_is_told_by_its_effect_how_exact_it_is_and_how_long_it_takes() -> None:
    figures = {"answer_rate": -4.0, "rate_low": -7.0, "rate_high": -1.0, "nps": -9.0, "low": -17.0, "high": -1.0}
    rows = [{"arm": "Difference", "invited": None, "contacted": None, "answers": None, **figures}]
    about = {"cap": "", "limit": None, "policy_limit": None, "share": 0.05, "since": "2026-01-05", "why": ""}
    counts = {"invited": 1200, "answers": 350, "contaminated": 12, "left_out": 0, "margin": 8.0, "more_months": 5}
    drawn = [{"kind": "holdout", "rows": rows, **about, **counts}]
    assert caption("fatigue", "holdout", drawn=drawn) == (
        "Contacts as usual lower the NPS: -9.0 points (95% -17.0 to -1.0); answers -4.0% (95% -7.0 to -1.0)."
    )
    lead = shown("fatigue", "holdout", drawn=drawn).lead
    for told in (
        "5% of the customers",
        "since 5 Jan 2026",
        "8.0 points to each side, from 350 answers",
        "5 more months",
    ):
        assert told in lead
    limited = drawn[0] | {
        "kind": "limit",
        "cap": "contacts",
        "limit": 1,
        "policy_limit": 3,
        "rows": [rows[0] | {"low": -17.0, "high": 1.0}],
    }
    assert caption("fatigue", "limit", drawn=[limited]).startswith(
        "The limit 1 of “contacts” may do nothing to the NPS: -9.0 points (95% -17.0 to +1.0)"
    )


def test_contacts_before_are_told_from_none_to_the_most_that_is_shown() -> None:
    rows = [
        {"value": value, "n": 50, "count": 10, "share": share, "low": 11.0, "high": 33.0, "state": state}
        for value, share, state in (
            ("0", 30.0, "ok"),
            ("1", 24.0, "ok"),
            ("2+", 19.0, "wide"),
            ("3+", None, "withheld"),
        )
    ]
    assert caption("fatigue", "rate-by-contacts", rate_by_contacts=rows) == (
        "With 0 contacts before 30.0% answered (95% 11.0 to 33.0), "
        "with 2+ contacts before 19.0% answered (95% 11.0 to 33.0)."
    )


def test_caps_are_told_by_the_one_that_holds_back_the_most() -> None:
    rows = [
        {"cap": cap, "limit": 1, "window": "30 days", "at": "", "n": n, "customers": 200, "share": n / 2}
        for cap, n in (("contacts", 40), ("calls", 6))
    ]
    told = "“contacts” leaves 40 of 200 customers (20.0%) no room for one more contact, more than any other cap."
    assert caption("fatigue", "caps", caps=rows) == told


def test_numbers_of_a_column_have_equally_many_decimals() -> None:
    rows = [
        {"value": value, "model": "hazard", "estimate": estimate, "low": None, "high": None}
        for value, estimate in (("auc", 0.71), ("brier", 0.212), ("lift", 1234.5))
    ]
    cells = [row[2] for row in shown("churn", "figures", risk_figures=rows).rows]
    assert [(cell.text, cell.value) for cell in cells] == [
        ("0.710", "0.71"),
        ("0.212", "0.212"),
        ("1,234.500", "1234.5"),
    ]


def test_risks_are_told_by_who_has_the_highest() -> None:
    rows = [
        {"value": value, "n": n, "expected": n / 2, "state": "ok"}
        for value, n in (("0 to 25%", 60), ("75 to 100%", 20))
    ]
    assert caption("churn", "bands", risk_bands=rows) == "20 of 80 customers (25.0%) have a risk of 75 to 100%."


def test_where_nobody_is_at_risk_the_caption_says_so() -> None:
    assert caption("churn", "bands") == "Nobody is at risk now: nobody bought lately."


def test_calibration_is_told_by_how_often_it_held() -> None:
    rows = [
        {"value": f"Tenth {n}", "n": 50, "predicted": predicted, "count": 10, "share": 20.0, "low": 11.0, "high": 33.0}
        | {"state": "ok" if predicted else "withheld"}
        for n, predicted in enumerate((15.0, 33.0, 40.0, None))
    ]
    told = "What was foreseen lies inside the interval of what came true in 2 of 3 groups of customers."
    assert caption("churn", "calibration", risk_calibration=rows) == told


def test_silence_is_told_with_the_interval_of_its_odds_and_not_that_of_shares() -> None:
    rows = [
        {
            "value": kind,
            "n": 60,
            "share": share,
            "fine_n": 90,
            "fine_share": 33.3,
            "odds": odds,
            "low": low,
            "high": high,
        }
        | {"state": "ok"}
        for kind, share, odds, low, high in (
            *(("chat", 70.0, 1.5, 0.8, 2.9), ("service_call", 66.7, 4.0, 2.0, 8.02), ("post", 100.0, None, None, None)),
        )
    ]
    assert caption("churn", "after-problems", silence_after_problems=rows) == (
        "Most after service call: 4.0 times the odds of silence (95% 2.0 to 8.02). Above 1 beyond noise: 1 of 2."
    )


def driver(value: str, share: float, points: float | None, tied: tuple[str, ...] = ()) -> dict[str, Any]:
    effect = {"points": points, "points_low": points and points - 5, "points_high": points and points + 5}
    known = {"pattern": "chat", "known": [], "against": "", "rated": False, "n": 200, "value": value, "tied": tied}
    return {**known, "share": share, "low": share - 4, "high": share + 4, **effect}


def test_drivers_are_told_by_share_and_by_effect() -> None:
    rows = [driver("speed", 20.0, 10.0, ("courtesy",)), driver("courtesy", 18.0, -30.0, ("speed",))]
    assert caption("drivers", "drivers-1", drivers=rows) == (
        "Most explained by Speed: 20.0% (95% 16.0 to 24.0), tied with Courtesy. "
        "Largest effect: Courtesy, -30.0 points (95% -35.0 to -25.0)."
    )


def test_weights_are_told_by_what_is_out_of_balance() -> None:
    rows = [
        {"pattern": "chat", "known": [], "value": value, "importance": 60.0, "low": 50.0, "high": 70.0, "weight": 30.0}
        | {"gap": 30.0, "gap_low": 20.0, "gap_high": 40.0, "finding": finding}
        for value, finding in (("speed", "underrated"), ("courtesy", "in line"))
    ]
    assert caption("drivers", "weights-1", driver_weights=rows) == "Speed is underrated."
    for row in rows:
        row["finding"] = "in line"
    told = "Importance and weight of no driver differ beyond noise."
    assert caption("drivers", "weights-1", driver_weights=rows) == told


def flag(name: str, n: int, nps: float | None, without: float | None) -> dict[str, Any]:
    row = {"flag": name, "n": n, "share": 10.0, "nps": nps, "low": nps and nps - 5, "high": nps and nps + 5}
    others = {"without": without, "without_low": without and without - 5, "without_high": without and without + 5}
    return row | others | {"state": "withheld" if nps is None else "ok"}


def test_flags_are_told_by_the_score_without_them() -> None:
    rows = [flag("all", 1000, 20.0, None), flag("speeder", 100, -10.0, 23.0), flag("any", 100, -10.0, 23.0)]
    assert caption("quality", "flags", flags=rows) == (
        "Without the 100 doubtful responses the NPS would be 23.0 points (95% 18.0 to 28.0) instead of 20.0."
    )


def test_where_the_score_without_flags_is_not_told_the_caption_is_about_what_is() -> None:
    assert caption("quality", "flags", flags=[flag("all", 1000, 20.0, None)]) == "No response is doubtful."
    rows = [flag("all", 1000, 20.0, None), flag("any", 5, None, None)]
    told = caption("quality", "flags", flags=rows)
    assert "Without" not in told
    assert told.startswith("All responses, 20.0 points")
