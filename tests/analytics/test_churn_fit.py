"""Models of leaving: they add up, are calibrated, find what was planted, and refuse what cannot be right."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from analytics import churn
from analytics.churn.fitting import Kind, Model
from tests.analytics.churn_world import dated_panel

each_model = pytest.mark.parametrize("model", ["hazard", "boosting"])


def plain(rows: int = 1500, seed: int = 3) -> pd.DataFrame:
    """A plain table in which a plan, a step and a gap decide, and a number does not."""
    random = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "customer": [f"c{number}" for number in range(rows)],
            "plan": random.choice(["monthly", "yearly"], rows),
            "problems": random.poisson(1.2, rows),
            "score": np.where(random.random(rows) < 0.5, np.nan, random.integers(0, 11, rows)),
            "spent": random.normal(50, 20, rows).round(2),
        }
    )
    risk = -2 + (table["plan"] == "monthly") + 2 * (table["problems"] >= 3) + table["score"].isna()
    return table.assign(churn=(random.random(rows) < expit(risk)).astype(int))


@cache
def fitted_to_plain(model: Kind) -> Model:
    return churn.fit(plain(), model=model)


def shaped(**columns: Any) -> pd.DataFrame:
    """Forty rows of which twenty left, with other or more columns."""
    return pd.DataFrame({"customer": range(40), "x": np.arange(40.0) % 7, "churn": [0, 1] * 20} | columns)


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return dated_panel(7, customers=3000).drop(columns="truth")


@each_model
def test_base_and_contributions_add_up_to_the_logit(model: Kind) -> None:
    table = plain()
    fitted = fitted_to_plain(model)
    strange = table.head(9).assign(problems=[40] * 5 + [0] * 4)
    strange["plan"] = pd.Series(["weekly"] * 3 + [None] + ["yearly"] * 5)
    for rows in (table, strange):
        scored = churn.score(fitted, rows)
        added = scored["reasons"].map(lambda reasons: sum(reason["contribution"] for reason in reasons))
        assert np.abs(logit(scored["probability"]) - scored["base"] - added).max() < 1e-6
        assert scored["customer"].tolist() == rows["customer"].tolist()


@each_model
def test_each_reason_names_the_facts_and_what_the_customer_has_of_them(model: Kind) -> None:
    table = plain()
    [first] = churn.score(fitted_to_plain(model), table[table["score"].isna()].head(1))["reasons"]
    found = {reason["facts"]: reason["values"] for reason in first}
    row = table[table["score"].isna()].iloc[0]
    assert found["plan",] == (row["plan"],)
    assert found["score",] == (None,)
    sizes = [abs(reason["contribution"]) for reason in first]
    assert sizes == sorted(sizes, reverse=True)


@each_model
def test_as_many_are_said_to_leave_as_left(model: Kind) -> None:
    table = plain()
    scored = churn.score(fitted_to_plain(model), table).assign(left=table["churn"], plan=table["plan"])
    by_plan = scored.groupby("plan")[["probability", "left"]].mean()
    assert (by_plan["probability"] - by_plan["left"]).abs().max() < 0.02


@each_model
def test_a_pair_of_facts_names_both_or_there_are_none(model: Kind) -> None:
    fitted = fitted_to_plain(model)
    pairs = [term for term in fitted.learner.terms if len(term) == 2]
    assert bool(pairs) is (model == "boosting")
    named = churn.contributions(fitted, plain().head(2)).columns
    assert {" & ".join(pair) for pair in pairs} <= set(named)


@each_model
def test_one_coarse_fact_is_enough_though_many_rows_are_equal(model: Kind) -> None:
    table = plain()[["problems", "churn"]]
    scored = churn.score(churn.fit(table, model=model), table).assign(often=table["problems"] >= 3, left=table["churn"])
    shares = scored.groupby("often")[["probability", "left"]].mean()
    assert shares["probability"].tolist() == pytest.approx(shares["left"].tolist(), abs=0.04)


def test_recurring_problems_act_as_a_step() -> None:
    added = churn.contributions(churn.fit(plain(rows=6000)), plain(rows=6000))["problems"]
    by_count = added.groupby(plain(rows=6000)["problems"]).mean()
    assert abs(by_count[2] - by_count[0]) < 0.4
    assert by_count[3] - by_count[2] == pytest.approx(2, abs=0.4)


def test_silence_and_tenure_have_the_effects_that_were_planted(panel: pd.DataFrame) -> None:
    fitted = churn.fit(panel)
    added = churn.contributions(fitted, panel)
    early, late = (added.loc[panel["tenure"] == month, "tenure"].mean() for month in (1, 10))
    assert early - late == pytest.approx(1.3, abs=0.4)
    silent = panel["never_answered"] == 1
    told = added[["score", "score_age", "never_answered"]].sum(axis=1)
    assert told[silent].mean() > told[~silent & (panel["score"] >= 9)].mean() + 0.5


def test_a_choice_that_was_never_seen_says_nothing() -> None:
    added = churn.contributions(fitted_to_plain("hazard"), plain().head(3).assign(plan="unheard of"))
    assert added["plan"].tolist() == [0.0] * 3


def test_the_same_seed_gives_the_same_model() -> None:
    again = churn.fit(plain(), model="boosting")
    first, second = (churn.score(fitted, plain())["probability"] for fitted in (fitted_to_plain("boosting"), again))
    assert first.tolist() == second.tolist()


def test_index_and_months_are_kept(panel: pd.DataFrame) -> None:
    scored = churn.score(churn.fit(panel), panel.tail(4))
    assert scored.index.tolist() == panel.tail(4).index.tolist()
    assert scored.columns.tolist() == ["customer", "month", "probability", "base", "reasons"]


def test_outcomes_may_be_words_and_columns_have_other_names(panel: pd.DataFrame) -> None:
    renamed = panel.rename(columns={"churn": "left", "customer": "who", "month": "when"})
    renamed["left"] = renamed["left"].map({1: "Yes", 0: "No"})
    fitted = churn.fit(renamed, outcome="left", customer="who", month="when")
    same = churn.score(churn.fit(panel), panel.head(50))["probability"]
    assert churn.score(fitted, renamed.head(50))["probability"].tolist() == pytest.approx(same.tolist())
    assert fitted.months == ("2024-06", "2026-03")


def test_what_cannot_tell_is_left_out_and_said() -> None:
    table = plain().assign(currency="EUR", card=[f"4000-{number}" for number in range(1500)])
    fitted = churn.fit(table)
    assert fitted.facts == ("plan", "problems", "score", "spent")
    assert [note.split()[0] for note in fitted.notes] == ["currency", "card"]


@each_model
def test_perfect_separation_gives_finite_figures_and_a_warning(model: Kind) -> None:
    table = plain().assign(closed=lambda rows: rows["churn"] * 2.5)
    with pytest.warns(churn.LeakWarning, match="closed alone tells who left"):
        fitted = churn.fit(table, model=model)
    p = churn.score(fitted, table)["probability"]
    assert p.between(0, 1, inclusive="neither").all()
    assert fitted.suspects == ("closed",)


def test_that_a_fact_is_missing_may_be_the_leak() -> None:
    table = plain()
    table["farewell"] = np.where(table["churn"] == 1, np.random.default_rng(1).normal(size=len(table)), np.nan)
    with pytest.warns(churn.LeakWarning, match="farewell"):
        churn.fit(table)


def test_more_columns_than_rows_promise_nothing_when_there_is_nothing() -> None:
    random = np.random.default_rng(4)
    noise = pd.DataFrame(random.normal(size=(60, 120))).add_prefix("n").assign(churn=[1, 0, 0] * 20)
    fitted = churn.fit(noise)
    p = churn.score(fitted, noise)["probability"]
    assert p.between(0.1, 0.7).all()
    assert any("20 leavers for 120 facts" in note for note in fitted.notes)
    with pytest.raises(ValueError, match="20 leavers for 120 facts are too few for boosting: take hazard"):
        churn.fit(noise, model="boosting")


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (shaped(churn=0), "0 of 40 rows end with leaving"),
        (shaped(churn=1), "0 do not"),
        (shaped(churn=[1] * 9 + [0] * 31), "9 of 40 rows"),
        (shaped().iloc[:0], "is empty"),
        (shaped().drop(columns="churn"), "no column 'churn'"),
        (shaped(churn=[np.nan] + [0.0, 1.0] * 19 + [0.0]), "not known in 1 rows"),
        (shaped(churn=["gone", "no"] * 20), "'gone' does not say"),
        (shaped(x=1.0), "no fact tells customers apart: x is the same for everybody"),
        (shaped().drop(columns="x"), "no fact tells customers apart: there are none"),
        (shaped(x=[np.inf] + [1.0] * 39), "x: infinite"),
        (shaped(x=pd.date_range("2026-01-01", periods=40)), "x: a moment"),
        (shaped(customer=[1, 1, *range(38)]), "customer 1 is there twice"),
        (shaped(customer=[None, *range(39)]), "1 rows do not say whose"),
        (shaped(month="2026-01").drop(columns="customer"), "months without a column 'customer'"),
        (shaped(month=[None] + ["2026-01"] * 39), "1 rows do not say of which month"),
        (shaped(month="2026-1"), "'2026-1' is no month"),
        (shaped(month="2026-01", customer=[7, 7, *range(10, 48)]), "customer 7 is there twice in one month"),
        (shaped(month=range(40), customer=[7] * 40), "customer 7 has rows of months after having left"),
        (shaped(month=pd.date_range("2026-01-01", periods=40)), "2026-01 has two dates"),
        (pd.concat([shaped(), shaped()[["x"]]], axis=1), "two columns have one name: x"),
    ],
)
def test_what_cannot_be_right_is_refused(table: pd.DataFrame, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        churn.fit(table)


def test_unheard_of_models_and_missing_facts_are_refused() -> None:
    with pytest.raises(ValueError, match="'forest' is no model"):
        churn.fit(plain(), model="forest")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="missing: plan, spent"):
        churn.score(fitted_to_plain("hazard"), plain().drop(columns=["plan", "spent"]))


def test_nobody_to_score_is_no_error() -> None:
    assert len(churn.score(fitted_to_plain("hazard"), plain().iloc[:0])) == 0
