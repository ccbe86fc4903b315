"""The report finds the odds of silence that the sample was made with."""

from datetime import timedelta

import pytest

from analytics import reports
from analytics.churn_runs import learn
from analytics.period import Period
from analytics.reports import REPORTS
from analytics.scope import Scope
from cxsurvey.models import SampleState
from cxsurvey.sample.load import end_of_data
from cxsurvey.sample.purchases import Purchase, purchases
from cxsurvey.sample.truth import TRUTH

TOGETHER = 2.498 / 1.96
"""By how much intervals of 95% are widened for four of them to hold together in 95 of 100 samples (Bonferroni)."""


@pytest.fixture(scope="session")
def some_purchases() -> list[Purchase]:
    """Return all purchases of the first 4,000 customers: the silence after them has to be seen."""
    return [row for row in purchases() if row.customer <= "04000"]


@pytest.mark.one_database
def test_the_odds_of_silence_after_a_problem_are_those_of_the_truth(loaded: SampleState) -> None:
    at = end_of_data(loaded.weeks) + timedelta(hours=1)
    run = learn(at, with_boosting=False)
    numbers = reports.build(Scope(Period(None, None, at)), [REPORTS["churn"]])
    found = {row["value"]: row for row in numbers["silence_after_problems"]}
    assert set(found) == set(TRUTH.placing)
    for kind, placing in TRUTH.placing.items():
        row, truth = found[kind], placing.wrong_before_silence
        low, high = (row["odds"] * (row[side] / row["odds"]) ** TOGETHER for side in ("low", "high"))
        assert low <= truth <= high, (kind, row)
    assert run.refusal == ""
    ranking = next(row for row in numbers["risk_figures"] if row["value"] == "Ranking (AUC)")
    assert ranking["low"] > 0.65
