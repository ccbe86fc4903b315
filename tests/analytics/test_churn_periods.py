"""Who is at risk, who was lost, and what was known then."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from analytics.churn import periods
from analytics.churn.periods import History, panel
from tests.analytics.buyers import RULE, Happened, bought, history
from tests.surveys.makers import NOON

END = bought(99, 0)
"""A purchase at NOON, with which the records end; the periods begin 90, 180, 270 ... days before."""


def past(*rows: Happened, customer: int = 1, **others: Any) -> list[dict[str, Any]]:
    found = panel(history(*rows, *END, **others), RULE).past
    own = found[found["customer"].str.startswith(f"{customer}.")].to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in own]


def today(*rows: Happened, customer: int = 1, **others: Any) -> dict[str, Any]:
    found = panel(history(*rows, *END, **others), RULE).today
    [row] = found[found["customer"] == customer].to_dict("records")
    return {str(name): value for name, value in row.items()}


def test_who_buys_in_every_period_is_at_risk_in_each_and_stays() -> None:
    assert [row["churn"] for row in past(*bought(1, 280, 200, 110, 20))] == [0, 0, 0]


def test_who_buys_nothing_for_a_period_is_lost_in_it_and_at_risk_no_more() -> None:
    assert [row["churn"] for row in past(*bought(1, 280, 200))] == [0, 1]


def test_a_purchase_when_the_period_begins_is_in_it_and_one_when_it_ends_is_not() -> None:
    begins = 180 - 1e-6 / 86_400
    assert [row["churn"] for row in past(*bought(1, 280, 200, begins))] == [0, 0, 1]
    assert [row["churn"] for row in past(*bought(1, 190, 90 - 1e-5))] == [1]


def test_who_comes_back_begins_a_new_life_and_it_is_a_fact() -> None:
    rows = past(*bought(1, 380, 110, 20))
    assert [(row["customer"], row["churn"], row["returned"]) for row in rows] == [("1.0", 1, False), ("1.1", 0, True)]


def test_who_bought_lately_is_at_risk_today_and_others_are_not() -> None:
    found = panel(history(*bought(1, 89), *bought(2, 91), *END), RULE)
    assert found.today["customer"].tolist() == [1, 99]
    assert found.until - NOON < timedelta(milliseconds=1)
    assert not found.by_leaving


FACTS: tuple[Happened, ...] = (
    *bought(1, 200, 100, 40),
    (1, "call", "unresolved", 30),
    (1, "call", "Unresolved ", 20),
    (1, "call", "unresolved", 95),
)


def test_facts_are_those_of_the_time_before() -> None:
    others: dict[str, Any] = {
        "scores": [(1, 70, 4), (1, 35, 8)],
        "unanswered": [(1, 10), (1, 91)],
        "contacts": [(1, 5), (1, 6)],
    }
    row = today(*FACTS, **others)
    assert row["tenure"] == pytest.approx(200 / periods.MONTH)
    assert row["purchase_age"] == pytest.approx(40)
    assert (row["purchases"], row["returned"], row["recurring"]) == (3, False, True)
    assert (row["score"], row["score_age"]) == (8, pytest.approx(35))
    assert (row["unanswered"], row["contacts"], row["other"]) == (1, 2, 2)


def test_a_score_that_was_never_given_is_not_known() -> None:
    row = today(*bought(1, 40))
    assert pd.isna(row["score"])
    assert pd.isna(row["score_age"])


def test_one_problem_is_not_recurring() -> None:
    assert not today(*bought(1, 40), (1, "call", "unresolved", 30))["recurring"]


def test_frequent_touchpoints_are_facts_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periods, "FEWEST_OF_A_KIND", 2)
    row = today(*bought(1, 40), (1, "call", "resolved", 30), (1, "call", "resolved", 20), (1, "post", "", 10))
    assert (row["call: resolved"], row["other"]) == (2, 1)


def test_counts_end_somewhere() -> None:
    assert today(*bought(1, *range(1, 40)))["purchases"] == periods.MOST


LATER: dict[str, Any] = {"scores": (1, 80, 2.0), "unanswered": (1, 80), "contacts": (1, 80)}


def test_no_fact_looks_ahead() -> None:
    """What happens after the start of a period may move, and every fact of it stays."""
    early = history(*bought(1, 280, 200, 120), (1, "call", "unresolved", 190), *END)
    late = history(
        *bought(1, 280, 200, 91), (1, "call", "unresolved", 190), (1, "post", "complaint", 179), *END, **{
            name: [row] for name, row in LATER.items()
        }
    )  # fmt: skip
    facts, same = (_facts_until(one, 180) for one in (early, late))
    pd.testing.assert_frame_equal(facts, same)
    assert len(facts) == 2


def _facts_until(one: History, days: int) -> pd.DataFrame:
    rows = panel(one, RULE).past
    known = rows[rows["period"] <= (NOON - timedelta(days=days)).strftime("%Y-%m-%d")]
    return known[known["customer"].str.startswith("1.")].drop(columns=["churn"]).reset_index(drop=True)


@pytest.mark.parametrize(
    ("rows", "scores", "quiet"),
    [
        ([(1, "call", "unresolved", 40)], [], True),
        ([(1, "call", "unresolved", 20)], [], False),
        ([(1, "call", "unresolved", 40), (1, "chat", "", 35)], [], False),
        ([(1, "call", "resolved", 40)], [], False),
        ([(1, "call", "resolved", 50)], [(1, 45, 6)], True),
        ([(1, "call", "resolved", 50)], [(1, 45, 7)], False),
        ([(1, "call", "unresolved", 50)], [(1, 45, 9)], False),
        ([], [], False),
    ],
)
def test_gone_quiet_is_who_says_nothing_more_after_something_bad(rows: Any, scores: Any, quiet: bool) -> None:
    assert today(*bought(1, 80), *rows, scores=scores)["gone_quiet"] is quiet


def test_where_leaving_is_dated_silence_says_nothing() -> None:
    rows = [*bought(1, 280), *bought(2, 280), (2, "cancellation", "", 150)]
    found = panel(history(*rows, *END), RULE)
    told = found.past.groupby("customer")["churn"].apply(list).to_dict()
    assert told == {"1.0": [0, 0, 0], "2.0": [0, 1]}
    assert found.by_leaving
    assert found.today["customer"].tolist() == [1, 99]


def test_who_left_and_buys_again_is_back() -> None:
    rows = [*bought(2, 280, 60), (2, "cancellation", "", 150), (2, "call", "", 140)]
    assert [row["customer"] for row in past(*rows, customer=2)] == ["2.0", "2.0"]
    assert today(*rows, customer=2)["returned"]


def test_without_purchases_and_leavings_there_is_no_panel() -> None:
    with pytest.raises(ValueError, match="there are no purchases yet"):
        panel(history((1, "call", "resolved", 40)), RULE)


def test_the_time_of_silence_is_that_of_the_rule() -> None:
    found = panel(history(*bought(1, 40), *END), replace(RULE, quiet=timedelta(days=30)))
    assert found.past["churn"].tolist() == [1]
    assert found.today["customer"].tolist() == [99]
