"""What the survey did to its own score: measured NPS, split into fatigue and non-response, and whether it is proven."""

from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from analytics.estimates import Estimate, of_influence
from analytics.fatigue.chances import Chances, supported
from analytics.fatigue.estimating import Estimated, doubly_robust, measured, response_weighted, spread
from analytics.fatigue.invited import Invited, read
from analytics.fatigue.randomised import score_of_arm
from analytics.fatigue.refereeing import Referee, Verdict, judged, too_wide, unusable

LEFT_OUT = " In no figure is {:,} of the invitations: nobody alike had been without contacts, or ever answers."


class Scores(NamedTuple):
    """The scores that the parts are differences of."""

    measured: Estimated
    weighted: Estimated
    model: Estimated


@dataclass(frozen=True, slots=True)
class Standardised:
    """Scores in points (-100 to 100) and differences of them, each with its 95% interval, clustered on the customer.

    `measured` = `standardised` + `fatigue` + `nonresponse`. `weighted`: everybody invited, contacted as they were;
    `standardised`: everybody invited, had nobody contacted them before. By the randomised holdout where there is one
    that can be used, else by the model; `model` and `model_fatigue` are by the model in any case.
    """

    measured: Estimate
    weighted: Estimate
    standardised: Estimate
    fatigue: Estimate
    nonresponse: Estimate
    model: Estimate
    model_fatigue: Estimate
    holdout: Estimate | None
    verdict: Verdict
    why: str
    invited: int
    answers: int
    left_out: int
    """Invitations that cannot be compared with any others, and are in no figure here."""


def standardise(frame: pd.DataFrame) -> Standardised:
    """Take the measured NPS of an invited frame apart.

    `frame`: a row per invitation, answered or not. Columns `prior` (contacts in the 90 days before it, by anything that
    used the customer's attention), `responded` (0 or 1), `score` (0 to 10, empty without an answer); optional `holdout`
    (1: drawn at random to have no contact for 90 days before) and `customer` (whose rows are one piece of evidence).
    Every other column is a covariate, and must have been known before the first of those contacts: segment, tenure,
    touchpoint, whether the problem recurs.

    Method: docs/statistics.md, "Fatigue". Raises ValueError, saying what to do, where the frame cannot bear it: too few
    answers, empty places, a column that tells the outcome by itself, more terms than answers.
    """
    everybody = read(frame)
    invited, chances = supported(everybody)
    scores = Scores(
        measured(invited.points, invited.answered),
        response_weighted(invited.points, invited.answered, chances.answering, chances.known),
        _by_model(invited, chances),
    )
    holdout, refusal = _holdout(invited)
    verdict, why = _refereed(invited, scores, holdout) if holdout else ("unproven", f"Unproven: {refusal}.")
    best, left_out = holdout or scores.model, len(frame) - len(invited.group)
    return Standardised(
        measured=_level(scores.measured, invited),
        weighted=_level(scores.weighted, invited),
        standardised=_level(best, invited),
        fatigue=_difference(scores.weighted, best, invited),
        nonresponse=_difference(scores.measured, scores.weighted, invited),
        model=_level(scores.model, invited),
        model_fatigue=_difference(scores.weighted, scores.model, invited),
        holdout=holdout and _level(holdout, invited),
        verdict=verdict,
        why=why + (LEFT_OUT.format(left_out) if left_out else ""),
        invited=len(frame),
        answers=int(everybody.answered.sum()),
        left_out=left_out,
    )


def _holdout(invited: Invited) -> tuple[Estimated | None, str]:
    """The score by the holdout, or why there is none."""
    refusal = unusable(invited)
    if refusal:
        return None, refusal
    # From those whom chance kept from being contacted.
    found = score_of_arm(invited, invited.holdout)
    refusal = too_wide(_level(found, invited))
    return (None, refusal) if refusal else (found, "")


def _refereed(invited: Invited, scores: Scores, holdout: Estimated) -> tuple[Verdict, str]:
    referee = Referee(
        fatigue=_difference(scores.weighted, holdout, invited),
        gap=_difference(scores.model, holdout, invited),
        answers=int((invited.holdout & invited.answered).sum()),
    )
    return judged(_difference(scores.weighted, scores.model, invited), referee)


def _by_model(invited: Invited, chances: Chances) -> Estimated:
    """From those outside the holdout whom nobody happened to have contacted."""
    rows = ~invited.holdout
    seen = invited.new & invited.answered
    chance = chances.new * chances.answering_new
    found = doubly_robust(invited.points[rows], invited.terms[rows], seen[rows], chance[rows], invited.customer[rows])
    return Estimated(found.score, spread(found, rows))


def _level(estimated: Estimated, invited: Invited) -> Estimate:
    return of_influence(estimated.score, estimated.influence, invited.customer, limit=100)


def _difference(one: Estimated, other: Estimated, invited: Invited) -> Estimate:
    return of_influence(one.score - other.score, one.influence - other.influence, invited.customer, limit=200)
