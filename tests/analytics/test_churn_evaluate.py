"""How models are judged: by time or by customers, with figures that others compute alike, and with suspicion."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from statsmodels.discrete.discrete_model import Logit
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM

from analytics import churn
from analytics.churn.calibration import in_the_large, line
from analytics.churn.evaluating import Evaluation
from analytics.churn.fitting import logits
from analytics.churn.folds import folds
from analytics.churn.judging import Judged, calibration_table, judge
from analytics.churn.leaks import auc
from tests.analytics.churn_world import dated_panel


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return dated_panel(0)


@pytest.fixture(scope="module")
def judged_panel(panel: pd.DataFrame) -> Evaluation:
    return churn.evaluate(panel.drop(columns="truth"), seeds=(1,))


def predictions(rows: int = 3000, slope: float = 0.8) -> tuple[Any, Any]:
    """Logits, and outcomes for which they are too bold."""
    random = np.random.default_rng(5)
    logit = random.normal(-1.5, 1.2, rows).round(1)
    return logit, (random.random(rows) < expit(slope * logit + 0.2)).astype(np.int64)


def line_of_logit(logit: Any, outcome: Any) -> Any:
    return Logit(outcome, np.column_stack([np.ones(len(logit)), logit])).fit(disp=0)


def judged(logit: Any, outcome: Any) -> Judged:
    return judge([logit], outcome, np.arange(len(outcome)), seed=1)


def test_figures_are_those_of_other_libraries() -> None:
    from sklearn.metrics import brier_score_loss, roc_auc_score

    logit, outcome = predictions()
    found = judged(logit, outcome)
    level, slope = line_of_logit(logit, outcome).params
    offset = GLM(outcome, np.ones(len(outcome)), family=Binomial(), offset=logit).fit().params[0]
    assert found.auc.value == pytest.approx(roc_auc_score(outcome, logit), abs=1e-12)
    assert found.brier.value == pytest.approx(brier_score_loss(outcome, expit(logit)), abs=1e-12)
    assert line(logit, outcome) == pytest.approx((level, slope), abs=1e-6)
    assert (found.slope.value, found.in_the_large.value) == pytest.approx((slope, offset), abs=1e-6)


def test_intervals_are_as_wide_as_theory_says() -> None:
    logit, outcome = predictions()
    found, fitted = judged(logit, outcome), line_of_logit(logit, outcome)
    assert found.slope.high - found.slope.low == pytest.approx(2 * 1.96 * fitted.bse[1], rel=0.25)
    area, left, stayed = found.auc.value, outcome.sum(), (1 - outcome).sum()
    twice, squared = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (left - 1) * (twice - area**2) + (stayed - 1) * (squared - area**2)
    assert found.auc.high - found.auc.low == pytest.approx(2 * 1.96 * np.sqrt(spread / (left * stayed)), rel=0.25)


def test_rows_of_one_customer_are_no_independent_evidence() -> None:
    logit, outcome = predictions(600)
    once = judged(logit, outcome).auc
    copies = judge([np.tile(logit, 9)], np.tile(outcome, 9), np.tile(np.arange(600), 9), seed=1).auc
    assert (copies.low, copies.high) == pytest.approx((once.low, once.high), abs=1e-9)


def test_lift_counts_the_tenth_most_at_risk() -> None:
    """Of 100 rows 20 left, 6 of them among the ten most likely."""
    logit, outcome = np.arange(100.0) / 50 - 1, np.zeros(100, dtype=np.int64)
    outcome[[90, 91, 92, 93, 94, 95, *range(14)]] = 1
    assert judged(logit, outcome).lift.value == pytest.approx(3.0)
    assert judged(np.zeros(100), outcome).lift.value == pytest.approx(1.0)


def test_groups_of_the_calibration_table_hold_everybody() -> None:
    logit, outcome = predictions(1003)
    groups = calibration_table(logit, outcome)
    assert groups["n"].tolist() == [101, 100, 100, 101, 100, 100, 101, 100, 100, 100]
    assert groups["predicted"].is_monotonic_increasing
    assert (groups["observed"] * groups["n"]).sum() == pytest.approx(outcome.sum())


def test_perfect_separation_has_no_slope() -> None:
    outcome = np.repeat([0, 1], 50)
    found = judged(outcome * 4.0 - 2, outcome)
    assert found.auc.value == 1
    assert np.isnan([found.slope.value, found.slope.low, found.slope.high]).all()


def test_all_rows_of_a_customer_are_in_one_fold_and_leavers_in_each() -> None:
    customer = np.repeat(np.arange(200), 3)
    outcome = np.where(np.arange(600) % 30 == 2, 1, 0)
    found = folds(outcome, customer, count=5, seed=2)
    assert (pd.Series(found).groupby(customer).nunique() == 1).all()
    assert np.bincount(found[outcome == 1]).tolist() == [4] * 5


def test_ranking_comes_within_a_hundredth_of_what_is_possible(panel: pd.DataFrame, judged_panel: Evaluation) -> None:
    gaps = []
    another = dated_panel(1)
    for world, found in ((panel, judged_panel), (another, churn.evaluate(another.drop(columns="truth"), seeds=(1,)))):
        late = world.loc[found.probability.index]
        gaps.append(auc(late["truth"].to_numpy(), late["churn"].to_numpy()) - found.figures.auc.value)
    assert np.mean(gaps) <= 0.01


def test_months_are_judged_by_a_model_that_saw_only_earlier_ones(panel: pd.DataFrame, judged_panel: Evaluation) -> None:
    dated = panel.drop(columns="truth")
    late = dated["month"] >= "2025-12"
    assert judged_panel.split == "learned from 2024-06 to 2025-11, judged on 2025-12 to 2026-03"
    assert judged_panel.probability.index.tolist() == dated.index[late].tolist()
    alone = churn.fit(dated[~late], seed=1)
    assert judged_panel.probability.tolist() == pytest.approx(expit(logits(alone, dated[late])).tolist(), abs=1e-9)


def test_answers_and_silence_help_to_foresee(panel: pd.DataFrame, judged_panel: Evaluation) -> None:
    without = panel.drop(columns=["truth", "score", "score_age", "never_answered"])
    assert judged_panel.figures.auc.value > churn.evaluate(without, seeds=(1,)).figures.auc.value + 0.02


def test_plain_table_is_judged_out_of_fold(panel: pd.DataFrame) -> None:
    one_month = panel[panel["month"] == "2025-12"].drop(columns="truth")
    found = churn.evaluate(one_month, seeds=(1, 2))
    assert found.split == "5 folds of customers, seeds 1, 2"
    assert (found.rows, found.left) == (len(one_month), one_month["churn"].sum())
    share = one_month["churn"].mean()
    assert found.brier_of_all_alike == pytest.approx(share * (1 - share))
    assert found.figures.brier.value < found.brier_of_all_alike
    assert 0.5 < found.figures.slope.value < 1.5


def test_a_shift_of_the_level_is_seen_and_half_followed() -> None:
    """Over draws, the update from one month is nearer to the truth than none, and than an update not shrunken."""
    errors = []
    for seed in range(4):
        world = dated_panel(seed, customers=2500, shift=-0.25).drop(columns="truth")
        month = world["month"]
        model, recent, later = churn.fit(world[month < "2026-01"]), world[month == "2026-01"], world[month > "2026-01"]
        updated = (model, churn.update_level(model, recent), churn.update_level(model, recent, level_sd=99))
        errors.append([in_the_large(logits(one, later), later["churn"].to_numpy()) for one in updated])
    assert np.mean(errors, axis=0)[0] == pytest.approx(-0.25, abs=0.12)
    before, shrunken, raw = np.sqrt(np.mean(np.square(errors), axis=0))
    assert shrunken < before
    assert shrunken < raw + 0.02


def test_a_month_in_which_nobody_left_moves_the_level_a_little(panel: pd.DataFrame) -> None:
    dated = panel.drop(columns="truth")
    model = churn.fit(dated)
    calm = dated[dated["month"] == "2026-03"].head(40).assign(churn=0)
    moved = churn.update_level(model, calm).level - model.level
    assert -0.2 < moved < 0


def test_copies_of_leavers_do_not_make_a_model_look_good() -> None:
    """Copied before splitting they would be recognised: with 60 columns of noise, at an AUC of .9 and more."""
    random = np.random.default_rng(6)
    noise = pd.DataFrame(random.normal(size=(300, 60))).add_prefix("n").assign(churn=([1] + [0] * 9) * 30)
    copied = pd.concat([noise, *[noise[noise["churn"] == 1]] * 5], ignore_index=True)
    assert churn.evaluate(copied, seeds=(1,)).figures.auc.value < 0.7


def test_what_is_too_good_to_be_true_is_said() -> None:
    random = np.random.default_rng(8)
    left = random.random(800) < 0.3
    table = pd.DataFrame({"x": random.normal(size=800), "churn": left, "refund": left + random.normal(0, 0.3, 800)})
    with pytest.warns(churn.LeakWarning) as caught:
        found = churn.evaluate(table, seeds=(1,))
    assert "refund alone tells who left" in found.warnings[0]
    assert "is too good to be true" in found.warnings[1]
    assert [str(one.message) for one in caught] == list(found.warnings)


def test_too_few_months_or_leavers_to_judge_on_are_refused(panel: pd.DataFrame) -> None:
    dated = panel.drop(columns="truth")
    with pytest.raises(ValueError, match="22 of 22 months to judge on leave none to learn from"):
        churn.evaluate(dated, test_months=22)
    faithful = dated.assign(churn=dated["churn"].where(dated["month"] < "2025-12", 0))
    with pytest.raises(ValueError, match="in what the model is judged on 0 of"):
        churn.evaluate(faithful)
