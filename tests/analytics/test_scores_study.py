"""How often the interval in use covers the truth, added up over every possible sample of many true mixes.

No interval of counts covers exactly 95%: a mix in which a category is rare jumps. The study says how far.
"""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from analytics import scores

SIZES, MORE_SIZES = (5, 6, 9, 15, 29, 30, 31, 50), (*range(5, 61), 80, 100)


@pytest.fixture
def sizes(pytestconfig: pytest.Config) -> tuple[int, ...]:
    """Give the sizes of samples to go through: all with `--whole`."""
    return MORE_SIZES if pytestconfig.getoption("whole") else SIZES


def mixes(rarest: float) -> NDArray[np.float64]:
    """Shares of promoters, passives and detractors in steps of 5 points, each category at least so large."""
    steps = np.arange(round(20 * rarest), 21)
    return np.array([(p, 20 - p - d, d) for p in steps for d in steps if 20 - p - d >= 20 * rarest]) / 20


def coverage(n: int, of: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probability, for each mix, that the interval of a sample of n holds the true score."""
    samples = np.array([(p, n - p - d, d) for p in range(n + 1) for d in range(n + 1 - p)])
    low, high = np.array([(score.low, score.high) for score in (scores.nps(*map(int, row)) for row in samples)]).T
    ways = np.array([math.lgamma(n + 1) - sum(math.lgamma(count + 1) for count in row) for row in samples])
    truth = 100 * (of[:, 0] - of[:, 2])[:, None]
    chances = np.exp(ways + np.log(of) @ samples.T)
    covered: NDArray[np.float64] = (chances * ((low - 1e-9 <= truth) & (truth <= high + 1e-9))).sum(axis=1)
    return covered


def test_the_study_finds_what_the_reference_found() -> None:
    assert coverage(20, np.array([(0.5, 0.3, 0.2)])) == pytest.approx(0.94717, abs=1e-5)


def test_interval_keeps_its_promise_where_no_category_is_rare(sizes: tuple[int, ...]) -> None:
    for n in sizes:
        found = coverage(n, mixes(0.15))
        assert found.min() >= (0.94 if n >= 30 else 0.925), n
        assert n < 30 or found.max() <= 0.97, n


def test_interval_says_too_little_rather_than_too_much_where_a_category_is_rare(sizes: tuple[int, ...]) -> None:
    for n in sizes:
        found = coverage(n, mixes(0.05))
        assert found.min() >= (0.912 if n >= 30 else 0.915), n
        assert n < 30 or found.mean() == pytest.approx(0.95, abs=0.01), n


@pytest.fixture
def draws(pytestconfig: pytest.Config) -> int:
    """Give the number of samples to draw: many with `--whole`."""
    return 5000 if pytestconfig.getoption("whole") else 1000


def test_interval_of_a_difference_covers_the_true_one(draws: int) -> None:
    random, covered = np.random.default_rng(17), 0
    for _ in range(draws):
        ours, theirs = (random.multinomial(n, mix) for n, mix in ((60, (0.5, 0.3, 0.2)), (35, (0.3, 0.3, 0.4))))
        found = scores.nps_difference((ours[0], ours[1], ours[2]), (theirs[0], theirs[1], theirs[2]))
        covered += found.low <= 40 <= found.high
    assert covered / draws == pytest.approx(0.95, abs=0.015)


def test_weights_that_have_nothing_to_do_with_the_answers_only_widen_the_interval(draws: int) -> None:
    random, covered = np.random.default_rng(19), 0
    for _ in range(draws):
        answers, weights = random.choice(3, 150, p=(0.5, 0.3, 0.2)), random.gamma(1.5, 2, 150)
        promoters, passives, detractors = np.bincount(answers, weights, minlength=3)
        found = scores.nps(promoters, passives, detractors, weights_sq=float(weights @ weights))
        covered += found.low <= 30 <= found.high
    assert covered / draws == pytest.approx(0.95, abs=0.015)
