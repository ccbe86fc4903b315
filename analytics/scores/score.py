"""The Net Promoter Score of a group of answers, its interval, and whether it may be shown.

Which answers are promoters, passives and detractors is `surveys.scale`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Literal, TypedDict

from analytics.scores.intervals import adjusted_wald, score_interval
from analytics.scores.shown import State, state

ADJUSTED_WALD_FROM = 30

Method = Literal["adjusted_wald", "score"]
Counts = tuple[float, float, float]
"""Promoters, passives, detractors."""


@dataclass(frozen=True, slots=True)
class Score:
    """A score in points (-100 to 100) with its two-sided interval. For computing; readers get `published`.

    `n`: what was counted: answers, or the sum of their weights. `n_eff`: as many equally weighted answers of
    different customers would tell as much. `counts`: what the interval counts, scaled to `n_eff`.
    """

    nps: float
    low: float
    high: float
    n: float
    n_eff: float
    method: Method
    state: State
    counts: Counts


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


def nps(
    promoters: float,
    passives: float,
    detractors: float,
    *,
    weights_sq: float | None = None,
    confidence: float = 0.95,
) -> Score:
    """The score of at least one answer, in points: 100 (promoters - detractors) / n.

    The estimate is the raw score; the interval lies round it, not symmetrically. Adjusted Wald; below 30
    answers or with an empty category, where that one is unreliable, the score interval. Clipped to -100..100.

    Weighted answers: give the sum of the weights in each category and, as `weights_sq`, the sum of the squared
    weights of all answers. They count as n_eff = (sum of w)^2 / (sum of w^2) answers in the interval and in the state,
    on whatever scale the weights are (Kish, "Survey Sampling", Wiley 1965, 11.7). Without it every answer weighs 1
    and counts are whole.

    Raises ValueError for a count that is negative or no (without weights: no whole) number, for no answers at all,
    for squared weights that no answers can have, and for a confidence that does not lie between 0 and 1.
    """
    counts = promoters, passives, detractors = numbers(
        (promoters, passives, detractors), weighted=weights_sq is not None
    )
    n = sum(counts)
    n_eff = n if weights_sq is None else effective(n, weights_sq)
    scaled = counts[0] * n_eff / n, counts[1] * n_eff / n, counts[2] * n_eff / n
    method: Method = "score" if n_eff < ADJUSTED_WALD_FROM or 0 in counts else "adjusted_wald"
    interval = score_interval if method == "score" else adjusted_wald
    low, high = (max(-100.0, min(100.0, bound)) for bound in interval(*scaled, confidence=confidence))
    return Score(100 * (promoters - detractors) / n, low, high, n, n_eff, method, state(n_eff, low, high), scaled)


def published(promoters: int, passives: int, detractors: int, *, hidden: bool = False) -> PublishedScore:
    """The only form in which a score leaves the query layer, for report, page, API and export alike.

    `hidden`: the group stands in a table beside its total, and `withheld` names it. A period without any answer is a
    row too (withheld). Raises ValueError as `nps` does.
    """
    n = promoters + passives + detractors
    score = nps(promoters, passives, detractors) if n else None
    if score is None or hidden or score.state == "withheld":
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


def effective(total: float, weights_sq: float) -> float:
    """As how many equal answers weighted ones count, from the sum of their weights and of the squared weights.

    Raises ValueError where no weights have these sums: squares that are not above 0, or above the squared sum.
    """
    if not 0 < weights_sq <= total**2 * (1 + 1e-9):
        raise ValueError(f"weights that sum to {total:g} cannot have {weights_sq:g} as the sum of their squares")
    return max(1.0, total**2 / weights_sq)


def numbers(counts: Sequence[object], *, weighted: bool) -> tuple[float, ...]:
    """The counts as numbers of Python, which know no overflow; whole ones where answers are not weighted.

    Raises ValueError unless they are numbers from 0 on, not all 0, and whole where answers are not weighted.
    """
    found: list[float] = []
    for count in counts:
        if not isinstance(count, Real) or not (math.isfinite(count) and (weighted or count == math.floor(count))):
            kind = "sum of weights is a" if weighted else "count of answers is a whole"
            raise ValueError(f"a {kind} number, not {count!r}")
        if count < 0:
            raise ValueError(f"a count of answers is not negative, as {count} is")
        found.append(float(count) if weighted else int(float(count)))
    if not any(found):
        raise ValueError("there is no score of 0 answers: leave the group out")
    return tuple(found)
