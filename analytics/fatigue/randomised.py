"""What a draw shows: the score of those who were treated in one way less that of those who were not (docs/holdout.md).

By intention to treat: an arm is who was drawn for it, whatever was done to them.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from analytics.estimates import Estimate, of_influence
from analytics.fatigue.chances import SMALLEST, chance_of
from analytics.fatigue.estimating import Estimated, doubly_robust
from analytics.fatigue.invited import ANSWERS_PER_TERM, ENOUGH, Invited, read
from analytics.points import Bools, Floats

TARGET_MARGIN = 6.0
"""Points to each side within which the effect of surveys should be known."""


class Chance(NamedTuple):
    """A number per invitation: the chance that its customer is of an arm, and that she answers in it."""

    of_arm: Floats
    answering: Floats


@dataclass(frozen=True, slots=True)
class Arm:
    """One of the two arms: its invitations and answers, and its score and answer rate if everybody had been in it.

    `score` in points, `answer_rate` in percent of the invited.
    """

    invited: int
    answers: int
    score: Estimate
    answer_rate: Estimate


@dataclass(frozen=True, slots=True)
class Randomised:
    """Both arms, and the treated less the others: in points, and in percent of the invited.

    `left_out`: invitations of which nothing alike is in one of the arms, and which are in no figure.
    """

    treated: Arm
    others: Arm
    effect: Estimate
    rate_effect: Estimate
    left_out: int

    @property
    def margin(self) -> float:
        """Half the width of the interval of the effect, in points."""
        return (self.effect.high - self.effect.low) / 2


def compare(frame: pd.DataFrame) -> Randomised:
    """Compare two arms that were drawn at random, in score and in answer rate.

    `frame`: a row per invitation, answered or not, in the columns of `standardise`, and `treated` (0 or 1): the arm of
    the customer. Raises ValueError, saying how many answers are missing, where an arm has too few, and as `standardise`
    does for columns that cannot be used.
    """
    everybody = read(frame.rename(columns={"treated": "holdout"}))
    for drawn, whose in ((everybody.holdout, "one arm"), (~everybody.holdout, "the other arm")):
        check_answers(everybody, drawn, whose)
    invited, chances = _comparable(everybody)
    treated, others = (
        _estimates(invited, drawn, chance) for drawn, chance in zip(_arms(invited), chances, strict=True)
    )
    return Randomised(
        treated=_told(invited, invited.holdout, *treated),
        others=_told(invited, ~invited.holdout, *others),
        effect=_difference(treated[0], others[0], invited),
        rate_effect=_difference(treated[1], others[1], invited),
        left_out=len(frame) - len(invited.group),
    )


def score_of_arm(invited: Invited, drawn: Bools, chance: Chance | None = None) -> Estimated:
    """The score of all invitations, had every customer been in this arm and answered (AIPW)."""
    of_arm, answering = chance or chance_in(invited, drawn)
    return doubly_robust(invited.points, invited.terms, drawn & invited.answered, of_arm * answering, invited.customer)


def chance_in(invited: Invited, drawn: Bools) -> Chance:
    """The chances of an arm, by what is known: who comes often has fewer invitations where fewer are allowed.

    The chance to answer is also by the contacts before, which the arm has brought: the tired are silent more often.
    """
    everybody = np.ones(len(drawn), dtype=bool)
    contacts = invited.group[:, None] == np.arange(1, len(invited.bounds))
    known = np.column_stack([invited.terms, contacts])
    return Chance(
        of_arm=chance_of(drawn, invited.terms, everybody), answering=chance_of(invited.answered, known, drawn)
    )


def check_answers(invited: Invited, drawn: Bools, whose: str) -> None:
    """Raise ValueError where an arm has too few answers, or answers of one kind only."""
    given = drawn & invited.answered
    answers, needed = int(given.sum()), max(ENOUGH, ANSWERS_PER_TERM * (invited.terms.shape[1] + 1))
    if answers < needed:
        raise ValueError(f"{whose} has {answers} answers, and {needed} are needed")
    if len(np.unique(invited.points[given])) == 1:
        raise ValueError(f"all answers of {whose} are of one kind (promoters, passives or detractors)")


def more_months(margin: float, months: float, *, target: float = TARGET_MARGIN) -> int:
    """How many more months, rounded up, until a margin (points) that took so many months is down to the target.

    A margin shrinks with the root of the answers, which come at the same pace: months x ((margin / target)^2 - 1).
    Source: Cochran, "Sampling Techniques", 3rd edition, Wiley 1977, 4.4.
    """
    return max(0, math.ceil(round(months * ((margin / target) ** 2 - 1), 9)))


def _arms(invited: Invited) -> tuple[Bools, Bools]:
    return invited.holdout, ~invited.holdout


def _comparable(invited: Invited) -> tuple[Invited, list[Chance]]:
    """The invitations that could well have been in either arm and answered there, with the chances of both.

    Raises ValueError where fewer than half are: the arms were not drawn, or they differ in more than chance explains.
    """
    chances = [chance_in(invited, drawn) for drawn in _arms(invited)]
    sound = np.ones(len(invited.group), dtype=bool)
    for drawn, chance in zip(_arms(invited), chances, strict=True):
        sound &= chance.of_arm >= SMALLEST * drawn.mean()
        sound &= chance.answering >= SMALLEST * invited.answered[drawn].mean()
    if sound.all():
        return invited, chances
    if sound.mean() < 0.5:
        raise ValueError("the two arms have hardly any customers who are alike: they were not drawn at random")
    return _comparable(invited.only(sound))


def _estimates(invited: Invited, drawn: Bools, chance: Chance) -> tuple[Estimated, Estimated]:
    answered = np.where(invited.answered, 100.0, 0.0)
    rate = doubly_robust(answered, invited.terms, drawn, chance.of_arm, invited.customer)
    return score_of_arm(invited, drawn, chance), rate


def _told(invited: Invited, drawn: Bools, score: Estimated, rate: Estimated) -> Arm:
    return Arm(
        invited=int(drawn.sum()),
        answers=int((drawn & invited.answered).sum()),
        score=of_influence(score.score, score.influence, invited.customer, limit=100),
        answer_rate=of_influence(rate.score, rate.influence, invited.customer, limit=100),
    )


def _difference(one: Estimated, other: Estimated, invited: Invited) -> Estimate:
    return of_influence(one.score - other.score, one.influence - other.influence, invited.customer, limit=200)
