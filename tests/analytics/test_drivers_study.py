"""Fresh draws of touchpoints whose effects are known: the order of the drivers, coverage of points and shares."""

from itertools import combinations

import numpy as np
import pytest

from analytics import drivers
from analytics.drivers.shapley import lmg
from tests.analytics.worlds import LOGITS, points_per_unit, touchpoint_world


@pytest.fixture
def draws(pytestconfig: pytest.Config) -> int:
    return 80 if pytestconfig.getoption("whole") else 4


def test_effects_are_ordered_and_covered(draws: int) -> None:
    found = [drivers.ordered_logit(*touchpoint_world([77, seed], 1500)) for seed in range(draws)]
    for one, other in combinations(LOGITS, 2):
        if abs(LOGITS[one] - LOGITS[other]) >= 0.2 - 1e-9:
            right = [(fit.coef[one] > fit.coef[other]) == (LOGITS[one] > LOGITS[other]) for fit in found]
            assert np.mean(right) >= (0.95 if draws >= 80 else 0.75), (one, other)
    truth = points_per_unit()
    for name in LOGITS:
        effects = [fit.points[name] for fit in found if fit.points is not None]
        covered = np.mean([effect.low <= truth[name] <= effect.high for effect in effects])
        assert len(effects) == draws
        assert covered >= (0.9 if draws >= 80 else 0.5), name


def test_shares_are_covered(draws: int) -> None:
    found = [drivers.shares(*touchpoint_world([78, seed], 1500)) for seed in range(draws)]
    aspects, scores = touchpoint_world(79, 200_000)
    [truth] = lmg(np.cov(aspects.assign(score=scores).T)[None])
    for name, share in zip(LOGITS, truth, strict=True):
        covered = np.mean([shares.low[name] <= share <= shares.high[name] for shares in found])
        assert covered >= (0.9 if draws >= 80 else 0.5), name
