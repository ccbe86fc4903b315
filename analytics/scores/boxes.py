"""Satisfaction (CSAT) and ease (CES): the share of customers who ticked one of the top boxes, with its interval."""

from dataclasses import dataclass
from typing import Literal

from analytics.scores.intervals import wilson
from analytics.scores.score import effective, numbers
from analytics.scores.shown import State, state


@dataclass(frozen=True, slots=True)
class TopBox:
    """A share in percent with its two-sided interval; `n` and `n_eff` as in `Score`."""

    share: float
    low: float
    high: float
    n: float
    n_eff: float
    method: Literal["wilson"]
    state: State


def csat(satisfied: float, n: float, *, weights_sq: float | None = None, confidence: float = 0.95) -> TopBox:
    """The share of satisfied customers in percent: who of `n` answered 4 or 5 on the scale of 1 to 5.

    Which answers are satisfied ones is the caller's to count, and so is another scale's top box; scales are never
    pooled. Interval: Wilson (JASA 22, 1927). Counts, weights and refusals as for `nps`.
    """
    return _top_box(satisfied, n, weights_sq, confidence)


def ces(easy: float, n: float, *, weights_sq: float | None = None, confidence: float = 0.95) -> TopBox:
    """The share of customers in percent who found it easy: who of `n` answered 5 to 7 on the scale of 1 to 7.

    CES 2.0 is the share that at least "somewhat agrees" that the company made it easy (CEB, now Gartner, "What's Your
    Customer Effort Score?", 2019); a mean, which many show, takes the steps of the scale for equally far apart.
    Interval: Wilson (JASA 22, 1927). Counts, weights and refusals as for `nps`.
    """
    return _top_box(easy, n, weights_sq, confidence)


def _top_box(top: float, n: float, weights_sq: float | None, confidence: float) -> TopBox:
    n, top = numbers((n, top), weighted=weights_sq is not None)
    if top > n:
        raise ValueError(f"{top} of {n} is no share")
    n_eff = n if weights_sq is None else effective(n, weights_sq)
    low, high = wilson(top * n_eff / n, n_eff, confidence=confidence)
    return TopBox(100 * top / n, low, high, n, n_eff, "wilson", state(n_eff, low, high))
