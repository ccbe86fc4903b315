"""What response weights do in world A of the reference, where everything that makes customers silent is recorded."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import weighting

DIRECTORY = Path(__file__).parent / "reference"
REFERENCE = json.loads((DIRECTORY / "fatigue.json").read_text())
WORLD = REFERENCE["data_generating_process"]
TRUTH = REFERENCE["truth"]["A"]["nps_frame_as_is"]
KNOWN = ["segment", "problem", "digital", "prior"]


def draw(random: np.random.Generator, n: int = 6000) -> pd.DataFrame:
    """Invite n customers of world A, which the reference describes."""
    segment = random.choice(3, n, p=(0.65, 0.25, 0.10))
    problem, digital, cap = (random.random(n) < share for share in (0.25, 0.55, 0.5))
    prior = np.minimum(random.poisson(0.6 + 0.9 * problem - 0.2 * digital + 0.3 * (segment == 2)), np.where(cap, 1, 3))
    logit = -0.75 + 0.25 * (segment == 1) + 0.5 * (segment == 2) + 0.2 * digital - 0.1 * problem - 0.4 * prior
    responded = random.random(n) < 1 / (1 + np.exp(-logit))
    liking = 0.9 * (segment == 2) + 0.35 * (segment == 1) - 1.3 * problem + 0.15 * digital - WORLD["gamma"] * prior
    score = (random.logistic(size=n) + liking > np.array(WORLD["cuts"])[:, None]).sum(axis=0)
    frame = pd.DataFrame({"segment": segment, "problem": problem, "digital": digital, "prior": prior})
    return frame.assign(responded=responded.astype(int), score=np.where(responded, score, math.nan))


def nps_answers(frame: pd.DataFrame) -> pd.Series:
    return (frame["score"] >= 9).astype(int) - (frame["score"] <= 6).astype(int)


def test_fixed_draw_is_near_the_reference() -> None:
    frame = pd.read_csv(DIRECTORY / "fatigue_case_a.csv")
    weights = weighting.response_weights(frame, known=KNOWN)
    expected, error = REFERENCE["fixed_draw_A"]["estimates"]["response_weighted_as_is"]
    found = weighting.weighted_nps(nps_answers(frame), weights)
    assert found.nps == pytest.approx(expected, abs=0.5)
    assert weighting.standard_error(nps_answers(frame), weights) == pytest.approx(error, abs=0.05)
    assert found.low < TRUTH < found.high


@pytest.fixture
def draws(pytestconfig: pytest.Config) -> int:
    """Give the number of worlds to draw: many with `--whole`."""
    return 400 if pytestconfig.getoption("whole") else 12


def test_weights_take_the_bias_away_and_the_interval_covers_the_truth(draws: int) -> None:
    random, covered, raw, bias = np.random.default_rng(4101), 0, 0.0, 0.0
    for _ in range(draws):
        frame = draw(random)
        answers = nps_answers(frame)
        score = weighting.weighted_nps(answers, weighting.response_weights(frame))
        bias += (score.nps - TRUTH) / draws
        raw += (100 * answers[frame["responded"] == 1].mean() - TRUTH) / draws
        covered += score.low <= TRUTH <= score.high
    assert raw > 4
    if draws < 100:  # three standard errors of so few
        assert abs(bias) < 1.7
        assert covered >= draws - 3
    else:
        assert abs(bias) <= 0.3
        assert 0.93 <= covered / draws <= 0.98
