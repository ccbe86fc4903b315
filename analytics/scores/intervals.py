"""Intervals from counts, which may be weighted and so need not be whole: of a Net Promoter Score, and of a share."""

import math
from collections.abc import Callable
from statistics import NormalDist

Interval = tuple[float, float]

PSEUDO_ANSWERS = 0.75
"""So many promoters and detractors, and twice as many passives, are added for the adjusted Wald interval."""


def adjusted_wald(promoters: float, passives: float, detractors: float, *, confidence: float = 0.95) -> Interval:
    """Lower and upper bound in points, not clipped, with pseudo-answers 0.75/1.5/0.75.

    Source: Rocks, "Interval Estimation for the Net Promoter Score", The American Statistician 70(4), 2016.
    """
    centre, variance = adjusted((promoters, passives, detractors))
    margin = quantile(confidence) * math.sqrt(variance)
    return centre - margin, centre + margin


def adjusted(counts: tuple[float, float, float]) -> tuple[float, float]:
    """The score with the pseudo-answers, in points, and its variance in squared points: above 0 whatever the counts."""
    promoters, _, detractors = counts
    happy, unhappy, n = promoters + PSEUDO_ANSWERS, detractors + PSEUDO_ANSWERS, sum(counts) + 4 * PSEUDO_ANSWERS
    centre = (happy - unhappy) / n
    return 100 * centre, 1e4 * ((happy + unhappy) / n - centre**2) / n


def score_interval(promoters: float, passives: float, detractors: float, *, confidence: float = 0.95) -> Interval:
    """Lower and upper bound in points: every true score that the likelihood score test of an answer or more keeps.

    Promoters and detractors are to the score what the two kinds of discordant pairs are to a matched
    difference, so the algebra is that of Tango, "Equivalence test and confidence interval for the difference
    in proportions for the paired-sample design", Statistics in Medicine 17, 1998.
    """
    n, z = promoters + passives + detractors, quantile(confidence)
    if not (min(promoters, passives, detractors) >= 0 and n > 0):
        raise ValueError(f"{promoters}, {passives} and {detractors} are no counts of answers")
    high = _largest(lambda truth: not _rejects(truth, promoters, detractors, n, z), (promoters - detractors) / n)
    low = -_largest(lambda truth: not _rejects(truth, detractors, promoters, n, z), (detractors - promoters) / n)
    return 100 * low, 100 * high


def wilson(count: float, n: float, *, confidence: float = 0.95) -> Interval:
    """The bounds of the share `count / n`, in percent. Raises ValueError for what is no share.

    Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22, 1927.
    """
    from statsmodels.stats.proportion import proportion_confint

    quantile(confidence)
    if not 0 <= count <= n or n <= 0:
        raise ValueError(f"{count} of {n} is no share")
    low, high = proportion_confint(count, n, alpha=1 - confidence, method="wilson")
    return 100 * float(low), 100 * float(high)


def quantile(confidence: float) -> float:
    """Standard errors to each side of an estimate. Raises ValueError unless 0 < `confidence` < 1."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def _rejects(truth: float, promoters: float, detractors: float, n: float, z: float) -> bool:
    """Whether the answers lie more than z standard errors below what a true score (-1..1) makes likely.

    The share of detractors most likely under that score is the larger root of 2n x^2 + b x + c.
    """
    b = (2 * n - promoters + detractors) * truth - promoters - detractors
    c = -detractors * truth * (1 - truth)
    share = (math.sqrt(max(b * b - 8 * n * c, 0.0)) - b) / (4 * n)
    variance = n * max(2 * share + truth * (1 - truth), 0.0)
    return n * truth - (promoters - detractors) > z * math.sqrt(variance)


def _largest(accepted: Callable[[float], bool], start: float) -> float:
    """The upper end, between `start` and 1, of the range that holds `start` and is accepted throughout."""
    inside, outside = start, 1.0
    if accepted(outside):
        return outside
    while outside - inside > 1e-12:
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if accepted(middle) else (inside, middle)
    return inside
