"""Whether what the model calls fatigue is proven: by customers whom nothing but chance kept from being contacted."""

from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np

from analytics.estimates import QUANTILE, Estimate
from analytics.fatigue.chances import drawn_at_random
from analytics.fatigue.invited import ANSWERS_PER_TERM, ENOUGH, Invited
from analytics.scores import WIDEST_MARGIN

CONTAMINATED = 0.1
"""Up to this share of the holdout's invitations may come after a contact all the same: they stay, as drawn."""

Verdict = Literal["supported", "not supported", "unproven"]


class Referee(NamedTuple):
    """What the holdout says, in points: its fatigue, the model's score less its own; and how many answers it has."""

    fatigue: Estimate
    gap: Estimate
    answers: int


def unusable(invited: Invited) -> str:
    """Why the holdout cannot be the referee, as a sentence; empty where it can."""
    held = invited.holdout
    if not held.any():
        return (
            "there is no randomised holdout, so something that nobody recorded may have caused both the contacts and "
            "the scores. Keep 5 to 10% of the customers, drawn at random, free of contacts for 90 days to find out"
        )
    contacted = int((held & ~invited.new).sum())
    if contacted > CONTAMINATED * held.sum():
        return f"{contacted} of {int(held.sum())} invitations of the holdout went to customers contacted before"
    answers = held & invited.answered
    needed = max(ENOUGH, ANSWERS_PER_TERM * (invited.terms.shape[1] + 1))
    if answers.sum() < needed:
        return f"the holdout has {int(answers.sum())} answers, and {needed} are needed. Pool several quarters"
    if len(np.unique(invited.points[answers])) == 1:
        return "all answers of the holdout are of one kind (promoters, passives or detractors)"
    if not drawn_at_random(invited):
        return "the holdout differs from the others in what was known before: it was not drawn at random"
    return ""


def too_wide(score: Estimate) -> str:
    """Why the holdout's standardised score cannot be the referee; empty where it can."""
    if (score.high - score.low) / 2 <= WIDEST_MARGIN:
        return ""
    return f"the holdout's margin is over {WIDEST_MARGIN:.0f} points. Pool several quarters"


def judged(model: Estimate, referee: Referee) -> tuple[Verdict, str]:
    """The verdict on fatigue, and the reason as a sentence; `model`: the fatigue that the model finds.

    Unproven: model and holdout differ beyond noise. Supported: they agree, and the holdout alone shows fatigue; the
    model is no witness here, as a holdout that is small agrees with much. Not supported: they agree, and it does not.
    """
    gap, shown = referee.gap, referee.fatigue
    if gap.excludes_zero:
        return "unproven", (
            f"Unproven: the model and the holdout differ by {_told(gap)}, more than chance explains. "
            "Something that nobody recorded is at work; the figures are those of the holdout."
        )
    agreed = f"the model and the randomised holdout agree within noise (they differ by {_told(gap)})"
    if shown.excludes_zero:
        return "supported", f"Supported: {agreed}, and the holdout alone shows fatigue of {_told(shown)}."
    if not model.excludes_zero:
        return "not supported", f"Not supported: {agreed}, and neither shows fatigue. The holdout's is {_told(shown)}."
    return "not supported", (
        f"Not supported: {agreed}, but only the model shows fatigue. The holdout's is {_told(shown)}; "
        f"about {_needed(model, referee):,} answers would show the model's {model.estimate:.1f} points. Pool quarters."
    )


def _told(difference: Estimate) -> str:
    points, low, high = (round(value, 1) + 0.0 for value in difference)  # adding 0 makes a 0 of -0
    return f"{points} points, 95% interval {low} to {high}"


def _needed(model: Estimate, referee: Referee) -> int:
    """Answers, to two digits, with which a holdout would show the model's fatigue in four of five times."""
    error = (referee.fatigue.high - referee.fatigue.low) / 2 / QUANTILE
    needed = referee.answers * ((QUANTILE + NormalDist().inv_cdf(0.8)) * error / model.estimate) ** 2
    return int(float(f"{needed:.1e}"))
