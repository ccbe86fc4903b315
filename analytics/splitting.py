"""The measured score of a scope taken apart, as readers may see it: what the survey did to it, and what is proven."""

from typing import TypedDict

import pandas as pd

from analytics import fatigue
from analytics.estimates import Estimate
from analytics.scores import PublishedScore
from analytics.shares import PublishedShare

PARTS = {
    "measured": "As measured",
    "weighted": "If everybody had answered",
    "standardised": "And if nobody had been contacted before",
    "fatigue": "Fatigue: what contacts before did to the score",
    "nonresponse": "Non-response: what silence does to it",
}


NOT_KNOWN = (None, None, None)


class PartRow(TypedDict):
    """A score or a difference of scores in points with its 95% interval; `part` is the name in `analytics.fatigue`."""

    part: str
    estimate: float
    low: float
    high: float


class Split(TypedDict):
    """The parts, the verdict of the holdout and its reason; without parts, `why` says what is missing.

    `refereed`: the holdout could judge, and the parts are its own.
    """

    verdict: str
    why: str
    invited: int
    answers: int
    left_out: int
    refereed: bool
    parts: list[PartRow]


class RateRow(PublishedShare):
    """The answer rate of invitations to customers who had been contacted so often in the 90 days before."""

    value: str


class ScoreRow(PublishedScore):
    """Their score."""

    value: str


class CostRow(TypedDict):
    """What one more contact changes, customers being alike: in points of the NPS and in percent of answers."""

    contacts: str
    points: float | None
    points_low: float | None
    points_high: float | None
    answers: float | None
    answers_low: float | None
    answers_high: float | None


def split(invited: pd.DataFrame) -> Split:
    """Take the score of an invited frame (`analytics.frames.invited`) apart."""
    try:
        found = fatigue.standardise(invited)
    except ValueError as refusal:
        return Split(
            verdict="unproven",
            why=f"Unproven: {refusal}.",
            invited=len(invited),
            answers=int(invited["responded"].sum()),
            left_out=0,
            refereed=False,
            parts=[],
        )
    return Split(
        verdict=found.verdict,
        why=found.why,
        invited=found.invited,
        answers=found.answers,
        left_out=found.left_out,
        refereed=found.holdout is not None,
        parts=[_part(part, getattr(found, part)) for part in PARTS],
    )


def by_contacts(invited: pd.DataFrame) -> tuple[list[RateRow], list[ScoreRow]]:
    """Answer rate and score by number of contacts before, as measured; nothing where nobody was invited."""
    rows = fatigue.by_contacts(invited) if len(invited) else []
    rates = [RateRow(value=row["contacts"], **row["answer_rate"]) for row in rows]
    return rates, [ScoreRow(value=row["contacts"], **row["score"]) for row in rows]


def cost_rows(invited: pd.DataFrame) -> list[CostRow]:
    """What each further contact costs; nothing where the frame cannot tell."""
    try:
        costs = fatigue.cost_of_contacts(invited)
    except ValueError:
        return []  # `split` says why
    return [_cost(cost) for cost in costs if cost.score_step or cost.answer_rate_step]


def _cost(cost: fatigue.Cost) -> CostRow:
    points, points_low, points_high = _rounded(cost.score_step) if cost.score_step else NOT_KNOWN
    answers, answers_low, answers_high = _rounded(cost.answer_rate_step) if cost.answer_rate_step else NOT_KNOWN
    return CostRow(
        contacts=cost.contacts,
        points=points,
        points_low=points_low,
        points_high=points_high,
        answers=answers,
        answers_low=answers_low,
        answers_high=answers_high,
    )


def _part(part: str, estimate: Estimate) -> PartRow:
    value, low, high = _rounded(estimate)
    return PartRow(part=part, estimate=value, low=low, high=high)


def _rounded(estimate: Estimate) -> Estimate:
    return Estimate(*(round(bound, 1) for bound in estimate))
