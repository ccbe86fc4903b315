"""The pure functions take rows as a notebook has them: arrays, lists, odd indexes, any type; and refuse by name."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics import churn, drivers, fatigue, scores, themes, weighting
from analytics.churn import buyers
from analytics.churn.months import customer_months

REFERENCE = Path(__file__).parent / "reference"
FATIGUE = pd.read_csv(REFERENCE / "fatigue_case_a.csv")
ANSWERS = [1, 0, -1, 1, 0, 0, 1, -1]
PEOPLE = list("aabbccdd")

Change = Callable[[pd.DataFrame], pd.DataFrame]
ODD: dict[str, Change] = {
    "rows in another order": lambda frame: frame.sample(frac=1, random_state=2),
    "columns in another order": lambda frame: frame[frame.columns[::-1]],
    "labels that are words": lambda frame: frame.set_axis([f"row {place}" for place in range(len(frame))]),
    "nullable": lambda frame: frame.convert_dtypes(),
    "objects": lambda frame: frame.astype(object),
    "a column that is always the same": lambda frame: frame.assign(always=1),
}
odd = pytest.mark.parametrize("change", ODD.values(), ids=ODD)


def test_nothing_of_it_needs_a_server() -> None:
    rooms = "churn, drivers, fatigue, scores, themes, weighting"
    code = f"import sys; from analytics import {rooms}; print('django.db' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@odd
def test_fatigue_is_that_of_the_same_invitations(change: Change) -> None:
    expected, found = fatigue.standardise(FATIGUE), fatigue.standardise(change(FATIGUE))
    assert found.standardised == pytest.approx(expected.standardised, abs=1e-6)
    assert found.fatigue == pytest.approx(expected.fatigue, abs=1e-6)


@odd
def test_response_weights_are_those_of_the_same_invitations(change: Change) -> None:
    frame = FATIGUE.head(1500)
    expected, found = weighting.response_weights(frame), weighting.response_weights(change(frame))
    assert found.n_eff == pytest.approx(expected.n_eff)
    assert found.values.sum() == pytest.approx(expected.values.sum())


def ratings() -> tuple[pd.DataFrame, pd.Series]:
    random = np.random.default_rng(7)
    aspects = pd.DataFrame({"ease": random.integers(0, 5, 200), "wait": random.normal(size=200).round(2)})
    liking = 4 + aspects["ease"] - aspects["wait"] + random.logistic(size=200)
    return aspects, liking.round().clip(0, 10).astype(int)


@pytest.mark.parametrize("change", [ODD[name] for name in list(ODD)[:5]], ids=list(ODD)[:5])
def test_drivers_are_those_of_the_same_answers(change: Change) -> None:
    aspects, score = ratings()
    rows = change(aspects.assign(score=score))
    expected, found = drivers.shares(aspects, score), drivers.shares(rows.drop(columns="score"), rows["score"])
    pd.testing.assert_series_equal(found.shares, expected.shares)
    effects = drivers.ordered_logit(rows.drop(columns="score"), rows["score"]).coef
    assert effects.to_dict() == pytest.approx(drivers.ordered_logit(aspects, score).coef.to_dict(), rel=1e-5)


def test_intervals_of_shares_do_not_depend_on_the_order_of_rows() -> None:
    aspects, score = ratings()
    order = np.random.default_rng(1).permutation(200)
    expected, found = drivers.shares(aspects, score), drivers.shares(aspects.iloc[order], score.iloc[order])
    pd.testing.assert_series_equal(found.low, expected.low)
    pd.testing.assert_series_equal(found.high, expected.high)


def test_aspects_may_be_an_array_and_scores_a_list() -> None:
    aspects, score = ratings()
    found, named = drivers.shares(aspects.to_numpy(), score.tolist()), drivers.shares(aspects, score)
    assert found.shares.to_dict() == pytest.approx({"0": named.shares["ease"], "1": named.shares["wait"]})
    assert list(drivers.ordered_logit(aspects.to_numpy(), score.to_numpy()).coef.index) == ["0", "1"]


def test_counts_of_an_array_do_not_wrap_round() -> None:
    small = np.array([3, 2, 200], dtype=np.uint8)
    assert scores.nps(*small).nps == pytest.approx(scores.nps(3, 2, 200).nps)
    assert scores.nps_difference((small[0], small[1], small[2]), (200, 0, 100)).difference < -100
    assert json.dumps(scores.nps(*np.array([5, 3, 2])).nps) == "30.0"


def test_weights_and_answers_may_be_arrays() -> None:
    frame = pd.DataFrame({"seg": ["a"] * 40 + ["b"] * 20}, index=range(100, 160))
    answers = np.tile([1, 0, -1], 20)
    weights = weighting.rake(frame, {"seg": pd.Series({"a": 10, "b": 20})}, base=np.ones(60))
    found = weighting.weighted_nps(answers, weights, customers=np.arange(60))
    assert found == weighting.weighted_nps(pd.Series(answers, index=frame.index), weights)
    assert weighting.trimmed([1, 1, 1, 9], upper=2).max() == pytest.approx(6)


def test_few_customers_are_not_as_many_as_their_answers() -> None:
    frame = pd.DataFrame({"all": ["all"] * 60})
    answers, weights = np.tile([1, 0, -1], 20), weighting.rake(frame, {"all": {"all": 60}})
    one, two = (weighting.weighted_nps(answers, weights, customers=np.arange(60) % people) for people in (1, 2))
    assert one.n_eff == 1
    assert two.n_eff < 3
    assert weighting.standard_error(answers, weights, customers=["ana"] * 60) == np.inf
    assert weighting.weighted_nps([1] * 60, weights, customers=np.arange(60) % 12).n_eff == pytest.approx(12)


def table() -> pd.DataFrame:
    random = np.random.default_rng(5)
    spent = random.normal(60, 20, 400).round(2)
    left = random.random(400) < 1 / (1 + np.exp(1 - (spent - 60) / 15))
    return pd.DataFrame({"spent": spent, "plan": random.choice(["a", "b"], 400), "churn": np.where(left, "Yes", "No")})


@pytest.mark.parametrize("model", ["hazard", "boosting"])
def test_numbers_written_as_text_are_numbers_when_learned_and_when_scored(model: Any) -> None:
    rows = table()
    written = rows.assign(spent=rows["spent"].astype(str).where(rows.index > 1, " "))
    fitted = churn.fit(written, model=model)
    assert fitted.notes == ("spent is text and read as numbers",)
    by_text, by_number = churn.score(fitted, written.iloc[5:]), churn.score(fitted, rows.iloc[5:])
    pd.testing.assert_series_equal(by_text["probability"], by_number["probability"])
    with pytest.raises(ValueError, match="spent: 'much' is no number"):
        churn.score(fitted, rows.assign(spent="much"))


def test_facts_may_be_numbered_and_of_any_type() -> None:
    rows = table().astype(object).rename(columns={"spent": 0})
    fitted = churn.fit(rows)
    assert fitted.facts == ("0", "plan")
    assert len(churn.score(fitted, rows)) == 400


def test_names_of_customers_are_no_leak() -> None:
    rows = table()
    named = rows.assign(name=[f"name {place}" for place in range(400)], zip=np.arange(400) % 150)
    assert churn.evaluate(named.astype({"zip": str}), seeds=[1]).warnings == ()


def raises(told: str) -> Any:
    return pytest.raises(ValueError, match=re.escape(told))


PERMUTED = pd.Series(ANSWERS, index=range(7, -1, -1))


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: scores.paired_change(pd.Series(ANSWERS), PERMUTED), "in another order"),
        (lambda: scores.paired_change(ANSWERS, PERMUTED, confidence=1), "between 0 and 1"),
        (lambda: scores.paired_change(1, 0), "one after the other"),
        (lambda: scores.clustering(PERMUTED, pd.Series(PEOPLE)), "in another order"),
        (lambda: scores.compare({"a": (1, 1, 1), "b": (2, 1, 1)}, against="others"), "not with 'others'"),  # type: ignore[arg-type]
        (lambda: scores.nps_difference((1, 1), (1, 1, 1)), "not 2 counts"),  # type: ignore[arg-type]
        (lambda: scores.score_interval(0, 0, 0), "no counts of answers"),
        (lambda: scores.wilson(0, 0), "0 of 0 is no share"),
        (lambda: scores.wilson(np.nan, 5), "nan of 5 is no share"),
        (lambda: scores.sample_size(10, design_effect=np.inf), "design effect"),
        (lambda: scores.sample_size_difference(10, variances=(-0.5, 0.6)), "variance"),
        (lambda: scores.sample_size_difference(10, variances=(0.6, np.nan)), "variance"),
        (lambda: scores.repeated_n_eff((5, 3, 2), [(2, 5, 0, 1)]), "of 2 answers 5"),
        (lambda: scores.repeated_n_eff((5, -3, 2), []), "not negative"),
        (lambda: weighting.weighted_counts([(10, 8, 8, 1.0)]), "some count for the score"),
        (lambda: weighting.bounds(scores.nps(5, 3, 2), answered=5, invited=np.inf), "inf invited"),  # type: ignore[arg-type]
    ],
)
def test_scores_that_would_only_look_fine_are_refused(call: Callable[[], object], told: str) -> None:
    with raises(told):
        call()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"responded": "yes"}, "responded: expected 0 or 1 in every row"),
        ({"seen": pd.Timestamp("2026-01-01")}, "seen: these are dates"),
        (
            {"vip": np.where(FATIGUE.index == FATIGUE["responded"].idxmax(), "vip", "no")},
            "vip: everybody answered of vip",
        ),
    ],
)
def test_invitations_that_cannot_be_weighted_for_are_refused(change: dict[str, Any], told: str) -> None:
    with raises(told):
        weighting.response_weights(FATIGUE.assign(**change))


@pytest.mark.parametrize("name", ["problem", "score", "prior"])
def test_two_columns_of_one_name_are_refused(name: str) -> None:
    twice = pd.concat([FATIGUE, FATIGUE[[name]]], axis=1)
    for call in (fatigue.standardise, fatigue.by_contacts, weighting.response_weights):
        with pytest.raises(ValueError, match=name):
            call(twice)
    aspects, score = ratings()
    with raises("two columns are named 'ease'"):
        drivers.shares(pd.concat([aspects, aspects[["ease"]]], axis=1), score)


def test_a_group_in_which_everybody_answered_is_a_leak() -> None:
    with raises("everybody answered of whom 'called_back' is 1"):
        fatigue.standardise(FATIGUE.assign(called_back=(FATIGUE["score"] >= 9).astype(int)))


def test_far_out_values_give_no_warning(recwarn: pytest.WarningsRecorder) -> None:
    fatigue.standardise(FATIGUE.assign(spent=np.exp(5 * np.random.default_rng(0).normal(size=len(FATIGUE)))))
    assert not recwarn.list


def test_too_few_that_differ_have_no_interval_of_a_share() -> None:
    aspects, score = ratings()
    with raises("the same in nearly all rows"):
        drivers.shares(aspects, (score.index == 3).astype(int))
    for model in (drivers.shares, drivers.ordered_logit):
        with raises("those of 2 customers"):
            model(aspects.assign(customer=aspects.index % 2), score)
    with raises("infinite"):
        drivers.ordered_logit(aspects, score.astype(float).where(score.index > 0, np.inf))
    with raises("one column"):
        drivers.shares(aspects, score.to_frame())


AT = datetime(2026, 7, 1, tzinfo=UTC)
BOUGHT = pd.DataFrame({"customer": [1], "at": pd.to_datetime(["2026-01-05"], utc=True)})


@pytest.mark.parametrize(
    ("purchases", "until", "told"),
    [
        (BOUGHT.drop(columns="at"), AT, "no column 'at'"),
        (BOUGHT, AT.replace(tzinfo=None), "needs a time zone"),
        (BOUGHT.assign(at=BOUGHT["at"].dt.tz_localize(None)), AT, "no moments with a zone"),
        (BOUGHT.assign(at="2026-01-05"), AT, "no moments with a zone"),
    ],
)
def test_moments_need_a_zone(purchases: pd.DataFrame, until: datetime, told: str) -> None:
    with raises(told):
        buyers.histories(purchases, observed_until=until)


def test_customers_without_a_column_of_leaving_and_no_time_are_refused() -> None:
    joined = BOUGHT.rename(columns={"at": "joined_at"})
    with raises("no column 'left_at'"):
        customer_months(joined, BOUGHT.assign(score=9), BOUGHT, observed_until=AT)
    with raises("longer than nothing"):
        buyers.histories(BOUGHT, observed_until=AT, unit=timedelta(0))
    with raises("no column 'repeats'"):
        buyers.fit_buyers(pd.DataFrame({"frequency": [1]}))
    with raises("at least one seed"):
        churn.evaluate(table(), seeds=[])


@pytest.mark.parametrize("nothing", [None, np.nan, 5])
def test_a_comment_is_a_text(nothing: Any) -> None:
    codebook = themes.Codebook([themes.Theme("wait", "Waiting", {"en": ["wait*"]})])
    with raises("leave out who wrote none"):
        themes.train(codebook, [nothing], [])
    with raises("leave out who wrote none"):
        themes.keyness([nothing], ["good"])


def test_comments_may_be_a_column() -> None:
    codebook = themes.Codebook([themes.Theme("wait", "Waiting", {"en": ["wait*"]})])
    comments = pd.Series(["a long wait", "all good"] * 10, index=range(5, 25))
    model = themes.train(codebook, comments, [])  # type: ignore[arg-type]
    found = themes.assign(model, comments.head(2))  # type: ignore[arg-type]
    assert [[theme.theme for theme in one] for one in found] == [["wait"], []]
    with raises("one word"):
        themes.keyness(["slow"] * 12, ["slow"] * 12)
