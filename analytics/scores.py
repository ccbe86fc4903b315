"""The Net Promoter Score of a group of answers, its interval, and whether it may be shown.

Which answers are promoters, passives and detractors is `surveys.scale`.
"""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal, TypedDict

SHOWN_FROM = 10
"""Answers (or customers) a group needs before anything but its size is shown."""

WIDEST_MARGIN = 20.0
"""Points; an interval with a larger margin is called wide, drawn grey and not ranked."""

ADJUSTED_WALD_FROM = 30

Method = Literal["adjusted_wald", "score"]
State = Literal["ok", "wide", "withheld"]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Score:
    """A score in points (-100 to 100) with its two-sided interval. For computing; readers get `published`."""

    nps: float
    low: float
    high: float
    n: int
    method: Method
    state: State


class PublishedScore(TypedDict):
    """What a reader may see: of a withheld group only `n` and `state`. Points are rounded to one decimal."""

    n: int
    promoters: int | None
    passives: int | None
    detractors: int | None
    nps: float | None
    low: float | None
    high: float | None
    state: State


def nps(promoters: int, passives: int, detractors: int, *, confidence: float = 0.95) -> Score:
    """The score of n >= 1 answers, in points.

    The estimate is the raw score; the interval lies round it, not symmetrically. Adjusted Wald; below 30
    answers or with an empty category, where that one is unreliable, the score interval. Clipped to -100..100.

    Raises ValueError for a count that is negative or no whole number, for no answers at all, and for a
    confidence that does not lie between 0 and 1.
    """
    counts = _whole(promoters), _whole(passives), _whole(detractors)
    n = sum(counts)
    if n == 0:
        raise ValueError("there is no score of 0 answers: leave the group out")
    method: Method = "score" if n < ADJUSTED_WALD_FROM or 0 in counts else "adjusted_wald"
    interval = score_interval if method == "score" else adjusted_wald
    low, high = (max(-100.0, min(100.0, bound)) for bound in interval(*counts, confidence=confidence))
    estimate = 100 * (counts[0] - counts[2]) / n
    return Score(estimate, low, high, n, method, state(n, low, high))


def published(promoters: int, passives: int, detractors: int) -> PublishedScore:
    """The only form in which a score leaves the query layer, for report, page, API and export alike.

    A period without any answer is a row too (withheld). Raises ValueError as `nps` does.
    """
    n = promoters + passives + detractors
    score = nps(promoters, passives, detractors) if n else None
    if score is None or score.state == "withheld":
        return PublishedScore(
            n=n,
            promoters=None,
            passives=None,
            detractors=None,
            nps=None,
            low=None,
            high=None,
            state="withheld",
        )
    return PublishedScore(
        n=n,
        promoters=promoters,
        passives=passives,
        detractors=detractors,
        nps=round(score.nps, 1),
        low=round(score.low, 1),
        high=round(score.high, 1),
        state=score.state,
    )


def state(n: int, low: float, high: float) -> State:
    """Whether an estimate from `n` answers or customers is hidden, wide or ok; bounds in points."""
    if n < SHOWN_FROM:
        return "withheld"
    return "wide" if (high - low) / 2 > WIDEST_MARGIN else "ok"


def adjusted_wald(promoters: int, passives: int, detractors: int, *, confidence: float = 0.95) -> Interval:
    """Lower and upper bound in points, not clipped, with pseudo-answers 0.75/1.5/0.75.

    Source: Rocks, "Interval Estimation for the Net Promoter Score", The American Statistician 70(4), 2016.
    """
    happy, unhappy, n = promoters + 0.75, detractors + 0.75, promoters + passives + detractors + 3
    centre = (happy - unhappy) / n
    margin = _quantile(confidence) * math.sqrt(((happy + unhappy) / n - centre**2) / n)
    return 100 * (centre - margin), 100 * (centre + margin)


def score_interval(promoters: int, passives: int, detractors: int, *, confidence: float = 0.95) -> Interval:
    """Lower and upper bound in points: every true score that the likelihood score test does not reject.

    Promoters and detractors are to the score what the two kinds of discordant pairs are to a matched
    difference, so the algebra is that of Tango, "Equivalence test and confidence interval for the difference
    in proportions for the paired-sample design", Statistics in Medicine 17, 1998.
    """
    n, z = promoters + passives + detractors, _quantile(confidence)
    high = _largest(lambda truth: not _rejects(truth, promoters, detractors, n, z), (promoters - detractors) / n)
    low = -_largest(lambda truth: not _rejects(truth, detractors, promoters, n, z), (detractors - promoters) / n)
    return 100 * low, 100 * high


def _rejects(truth: float, promoters: int, detractors: int, n: int, z: float) -> bool:
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


def _quantile(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def _whole(count: int) -> int:
    try:
        whole = operator.index(count)
    except TypeError:
        raise ValueError(f"a count of answers is a whole number, not {count!r}") from None
    if whole < 0:
        raise ValueError(f"a count of answers is not negative, as {whole} is")
    return whole
