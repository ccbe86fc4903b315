"""Which groups are the best and the worst, with chance taken off: empirical Bayes over their scores."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from analytics.scores.intervals import adjusted, quantile
from analytics.scores.score import Score


@dataclass(frozen=True, slots=True)
class Homogeneity:
    """The test that all groups have one true score."""

    chi2: float
    df: int
    p_value: float


@dataclass(frozen=True, slots=True)
class Rank:
    """A group's place (1 is best; equal groups share it) by its shrunken score, in points.

    `keeps`: which share of its distance from the common mean the group's own answers let it keep, 0 to 1.
    `worst`: the probability that no group's true score is lower.
    """

    group: str
    rank: int
    score: Score
    shrunken: float
    low: float
    high: float
    keeps: float
    worst: float


class _Drawn(NamedTuple):
    """A score drawn towards the common mean, in points, the standard error that is left, and the share it keeps."""

    shrunken: float
    error: float
    keeps: float


def combined(scores: Sequence[Score]) -> tuple[Homogeneity, float, float]:
    """The test of one true score for all; the common mean in points, and the variance of true scores round it.

    Written out, as statsmodels' `combine_effects` lets that variance become negative, and divides by it.
    """
    from scipy.stats import chi2

    found, df = [adjusted(score.counts) for score in scores], len(scores) - 1
    weights = [1 / variance for _, variance in found]
    mean = _mean(found, 0.0)
    q = sum(weight * (centre - mean) ** 2 for weight, (centre, _) in zip(weights, found, strict=True))
    spread = max(0.0, (q - df) / (sum(weights) - sum(weight**2 for weight in weights) / sum(weights)))
    return Homogeneity(q, df, float(chi2.sf(q, df))), _mean(found, spread), spread


def ranked(scores: Mapping[str, Score], mean: float, spread: float, confidence: float) -> list[Rank]:
    """The groups from best to worst, their true scores varying by `spread` (squared points) round `mean`."""
    drawn = [_drawn(score, mean, spread) for score in scores.values()]
    z = quantile(confidence)
    ranks = [
        Rank(
            group=group,
            rank=1 + sum(other.shrunken > own.shrunken for other in drawn),
            score=score,
            shrunken=own.shrunken,
            low=own.shrunken - z * own.error,
            high=own.shrunken + z * own.error,
            keeps=own.keeps,
            worst=worst,
        )
        for (group, score), own, worst in zip(scores.items(), drawn, _worst(drawn), strict=True)
    ]
    return sorted(ranks, key=lambda rank: rank.rank)


def _drawn(score: Score, mean: float, spread: float) -> _Drawn:
    centre, variance = adjusted(score.counts)
    keeps = spread / (spread + variance)
    return _Drawn(mean + keeps * (centre - mean), math.sqrt(keeps * variance), keeps)


def _mean(found: Sequence[tuple[float, float]], spread: float) -> float:
    """The mean of scores, each weighted by how little it varies, by chance and by the spread of the true ones."""
    weights = [1 / (variance + spread) for _, variance in found]
    return sum(weight * centre for weight, (centre, _) in zip(weights, found, strict=True)) / sum(weights)


def _worst(drawn: Sequence[_Drawn]) -> list[float]:
    """With which probability each of several independent normal quantities is the smallest."""
    import numpy as np
    from scipy.special import ndtr

    means, errors, _ = np.array(drawn).T
    if not errors.all():  # nothing tells the groups apart
        return [1 / len(drawn)] * len(drawn)
    at = np.linspace(means.min() - 8 * errors.max(), means.max() + 8 * errors.max(), 4001)
    below = ndtr((at[:, None] - means) / errors)
    others_above = 1 - (below[1:] + below[:-1]) / 2
    worst = [
        float(step @ np.prod(np.delete(others_above, own, axis=1), axis=1))
        for own, step in enumerate(np.diff(below, axis=0).T)
    ]
    return [share / sum(worst) for share in worst]
