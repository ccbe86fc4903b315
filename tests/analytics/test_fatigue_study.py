"""Fresh draws of worlds whose truth is known: bias, coverage and false claims. All of them with `--whole`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics import fatigue
from analytics.estimates import Estimate
from tests.analytics.worlds import fatigue_world

REFERENCE = json.loads((Path(__file__).parent / "reference" / "fatigue.json").read_text())
TRUTH = {world: REFERENCE["truth"][world] for world in "AB"}
Draw = Callable[..., list[fatigue.Standardised]]


@pytest.fixture
def draw(pytestconfig: pytest.Config) -> Draw:
    """Draw worlds and standardise each: 5 without `--whole`."""

    def standardised(invited: int, *, draws: int = 200, **world: Any) -> list[fatigue.Standardised]:
        seeds = range(draws if pytestconfig.getoption("whole") else 5)
        return [fatigue.standardise(fatigue_world([4101, seed], invited, **world)) for seed in seeds]

    return standardised


def check(found: list[Estimate], truth: float, *, error: float, least: float = 0.93) -> None:
    """Of 200 and more: |bias| and coverage as promised; of fewer: no further off than their number explains."""
    misses = np.array([estimate.estimate - truth for estimate in found])
    covered = np.mean([estimate.low <= truth <= estimate.high for estimate in found])
    if len(found) < 200:
        assert abs(misses.mean()) < 3 * error / np.sqrt(len(found))
        assert covered >= 0.6
    else:
        assert abs(misses.mean()) <= 0.5
        assert least <= covered <= 0.97


def claims(found: list[Estimate]) -> float:
    return float(np.mean([estimate.excludes_zero for estimate in found]))


def test_where_all_is_recorded_the_score_is_unbiased_and_covered(draw: Draw) -> None:
    found = draw(6000, draws=1000)  # of 200, coverage is known to no better than 3 in a hundred
    check([one.standardised for one in found], TRUTH["A"]["nps_if_prior_0"], error=2.6)
    check([one.fatigue for one in found], TRUTH["A"]["fatigue_part"], error=2.2, least=0.92)
    check([one.weighted for one in found], TRUTH["A"]["nps_frame_as_is"], error=1.9)
    assert {one.verdict for one in found} == {"unproven"}


def test_where_nobody_tires_little_is_claimed(draw: Draw) -> None:
    found = draw(6000, draws=400, gamma=0)
    assert claims([one.fatigue for one in found]) <= (0.07 if len(found) >= 200 else 0.4)


def test_an_unrecorded_cause_misleads_the_model_and_stays_unproven(draw: Draw) -> None:
    found = draw(6000, hidden=True)
    truth = TRUTH["B"]["nps_if_prior_0"]
    assert {one.verdict for one in found} == {"unproven"}
    assert np.mean([one.standardised.estimate for one in found]) - truth > 3


def test_with_the_holdout_an_unrecorded_cause_misleads_nobody(draw: Draw) -> None:
    found = draw(20_000, hidden=True, holdout=0.1)
    check([one.standardised for one in found], TRUTH["B"]["nps_if_prior_0"], error=3.0)


def test_where_nobody_tires_the_holdout_supports_little(draw: Draw) -> None:
    """Contacts and bad scores have the same hidden cause: the model sees fatigue where there is none."""
    found = draw(6000, hidden=True, gamma=0, holdout=0.2)
    supported = np.mean([one.verdict == "supported" for one in found])
    assert supported <= (0.07 if len(found) >= 200 else 0.4)
    assert claims([one.model_fatigue for one in found]) > supported
