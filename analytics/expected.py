"""What asking so many would bring: answers and the margin of the score, from what has been observed so far."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from analytics.asking import answer_rates
from analytics.nps import nps_rows
from analytics.period import Period
from analytics.scores import SHOWN_FROM, PublishedScore, nps


class ExpectedRow(TypedDict):
    """Of `asked` customers so many answer, at the observed rate (percent); None where that is withheld.

    `nps_margin`: half the width of the 95% interval of the score that so many answers give, in points; None where
    fewer than 10 are expected, or the observed ones are withheld.
    """

    kind: str
    asked: int
    answer_rate: float | None
    expected_answers: float | None
    nps_margin: float | None


@dataclass(frozen=True, slots=True)
class Observed:
    """How customers answered so far, by touchpoint kind; kinds that are withheld in the report have no rate."""

    rates: Mapping[str, float]
    scores: Mapping[str, PublishedScore]


def observed(period: Period) -> Observed:
    """The answer rates and scores of a period."""
    rates = {row["value"]: row["count"] / row["n"] for row in answer_rates("kind", period) if row["count"] is not None}
    return Observed(rates, {row["value"]: row for row in nps_rows("kind", period)})


def expected(kind: str, asked: int, so_far: Observed) -> ExpectedRow:
    """What asking so many about a kind would bring, as if they answered as those who were asked so far."""
    rate, score = so_far.rates.get(kind), so_far.scores.get(kind)
    answers = None if rate is None else asked * rate
    return ExpectedRow(
        kind=kind,
        asked=asked,
        answer_rate=None if rate is None else round(100 * rate, 1),
        expected_answers=None if answers is None else round(answers, 1),
        nps_margin=_margin(score, round(answers)) if score and answers is not None else None,
    )


def _margin(score: PublishedScore, answers: int) -> float | None:
    """The margin of so many answers that fall as the observed ones do."""
    happy, unhappy = score["promoters"], score["detractors"]
    if happy is None or unhappy is None or answers < SHOWN_FROM:
        return None
    promoters, detractors = round(answers * happy / score["n"]), round(answers * unhappy / score["n"])
    found = nps(promoters, max(0, answers - promoters - detractors), detractors)
    return round((found.high - found.low) / 2, 1)
