"""What is expected of people, from what people did: pure formulas, each pulled towards a cautious guess."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import timedelta

from analytics.scores import sample_size
from analytics.scores.sizes import WORST_VARIANCE

GUESSED_RATE = 0.1
"""How many of those who are asked answer, where nobody was asked yet."""
PULL = 20
"""What is guessed counts as much as so many people."""
WORST_ANSWERS = 30
"""Scores spread as badly as they can, added to those that came, until there are many."""
FEWEST_DELAYS = 20
USUAL_DELAY = timedelta(days=2)
"""The mean time until an answer, where fewer than 20 came."""


def pulled(happened: float, of: float, guess: float) -> float:
    """A share, pulled towards a guess: (happened + 20 * guess) / (of + 20).

    The mean of a beta distribution whose prior weighs as much as 20 people (Gelman and others, "Bayesian Data
    Analysis", 3rd edition, CRC 2013, 2.4).
    """
    return (happened + PULL * guess) / (of + PULL)


def variance(promoters: int, passives: int, detractors: int) -> float:
    """The variance of one answer on the scale -1..1, as if 30 of the widest spread had come besides."""
    n = promoters + passives + detractors
    mean = (promoters - detractors) / n if n else 0.0
    own = (promoters + detractors) / n - mean**2 if n else 0.0
    return (n * own + WORST_ANSWERS * WORST_VARIANCE) / (n + WORST_ANSWERS)


def needed(margin: float, mix: tuple[int, int, int]) -> int:
    """How many answers a margin takes, from the promoters, passives and detractors of recent months."""
    answers: int = sample_size(margin, variance=variance(*mix)).answers
    return answers


class Delays:
    """How long answers take to come, from those that came."""

    def __init__(self, came: Iterable[timedelta]) -> None:
        self._came: Sequence[timedelta] = sorted(came)

    def still(self, age: timedelta) -> float:
        """The share of answers that take longer than this."""
        if len(self._came) < FEWEST_DELAYS:
            return math.exp(-(max(age, timedelta()) / USUAL_DELAY))
        return 1 - bisect_right(self._came, age) / len(self._came)

    def coming(self, rate: float, age: timedelta) -> float:
        """The probability that an invitation of this age will still be answered, where it was not yet.

        By Bayes' rule from the share that answers at all (`rate`) and the share of answers that take longer.
        """
        still = rate * self.still(age)
        return still / (1 - rate + still) if still else 0.0
