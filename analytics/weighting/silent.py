"""What the silent could do to a score, whatever the weights."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.scores import Score


@dataclass(frozen=True, slots=True)
class Bound:
    """The score of all who were asked, in points, were the silent `lower_by` points less happy than who answered."""

    lower_by: float
    nps: float
    low: float
    high: float


def bounds(score: Score, *, answered: int, invited: int, lower_by: Sequence[float] = (0, 20, 40)) -> list[Bound]:
    """What the score of all `invited` would be, were the silent so many points less happy than who answered.

    share * score + (1 - share) * (score - lower_by), the silent never below -100; of a weighted score it is the silent
    less like their own kind. No weight can rule it out: only asking some of the silent by another way can.
    Raises ValueError unless 0 < answered <= invited and the points are from 0 to 200.
    """
    if not 0 < answered <= invited < math.inf:
        raise ValueError(f"{answered} of {invited} invited cannot have answered")
    if not all(0 <= points <= 200 for points in lower_by):
        raise ValueError(f"the silent are 0 to 200 points lower, not {list(lower_by)}")
    share = answered / invited

    def of_all(points: float, by: float) -> float:
        return share * points + (1 - share) * max(-100.0, points - by)

    return [
        Bound(by, of_all(score.nps, by), of_all(score.low, by), of_all(score.high, by)) for by in map(float, lower_by)
    ]
