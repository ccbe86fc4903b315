"""Answer rate and score by the number of contacts before: as they are, and what each further contact costs."""

from typing import NamedTuple, TypedDict

import numpy as np
import pandas as pd

from analytics import scores, shares
from analytics.estimates import Estimate, of_influence
from analytics.fatigue.chances import SMALLEST, chance_of, supported
from analytics.fatigue.estimating import Estimated, doubly_robust
from analytics.fatigue.invited import ENOUGH, Invited, groups, outcomes, read
from analytics.points import Floats, points
from analytics.scores import PublishedScore
from analytics.shares import PublishedShare


class ContactsRow(TypedDict):
    """Invitations to customers with so many contacts in the 90 days before (`0`, `1`, `2 to 3`, `4+`).

    As measured, so nothing is said about causes: who had a problem is contacted more often, and is less happy.
    """

    contacts: str
    answer_rate: PublishedShare
    score: PublishedScore


class Cost(NamedTuple):
    """What the last contact changes, customers being alike: the step from the class below, in points and in percent.

    `score`, `answer_rate`: if everybody invited had had so many contacts. None where fewer than 30 answers stand
    behind a class, or where some customers could hardly have had so many contacts.
    """

    contacts: str
    score: Estimate | None
    score_step: Estimate | None
    answer_rate: Estimate | None
    answer_rate_step: Estimate | None


def by_contacts(frame: pd.DataFrame) -> list[ContactsRow]:
    """A row per class of prior contacts, fewest first; `frame` and errors as for `standardise`.

    Classes with fewer than 10 answers are joined to the one below. Intervals: Wilson's, and that of the score.
    """
    prior, answered, score = outcomes(frame)
    bounds = groups(prior, answered)
    group = np.searchsorted(bounds, prior, side="right") - 1
    rows = []
    for number, name in enumerate(_names(bounds, int(prior.max(initial=0)))):
        worth = points(score[answered & (group == number)])
        happy, fine, unhappy = (int((worth == value).sum()) for value in (100, 0, -100))
        rate = shares.published(len(worth), int((group == number).sum()))
        rows.append(ContactsRow(contacts=name, answer_rate=rate, score=scores.published(happy, fine, unhappy)))
    return rows


def cost_of_contacts(frame: pd.DataFrame) -> list[Cost]:
    """A row per class of prior contacts, fewest first; `frame` and errors as for `standardise`.

    Estimated as the standardised score is (AIPW), once for each class. Without a randomised holdout that is as unproven
    as there: ask `standardise` for the verdict.
    """
    invited, chances = supported(read(frame))
    names = _names(invited.bounds, int(outcomes(frame)[0].max()))
    levels = [_if_everybody_had(invited, number, chances.answering_by_group[:, number]) for number in range(len(names))]
    rows = []
    for name, here, below in zip(names, levels, [None, *levels[:-1]], strict=True):
        score, rate = here or (None, None)
        score_below, rate_below = below or (None, None)
        rows.append(
            Cost(
                contacts=name,
                score=_estimate(score, invited),
                score_step=_step(score, score_below, invited),
                answer_rate=_estimate(rate, invited),
                answer_rate_step=_step(rate, rate_below, invited),
            )
        )
    return rows


def _if_everybody_had(invited: Invited, group: int, answering: Floats) -> tuple[Estimated, Estimated] | None:
    """Score and answer rate, both in points of a hundred; None where there is too little to tell."""
    had = invited.group == group
    seen = had & invited.answered
    chance = chance_of(had, invited.terms, np.ones(len(had), dtype=bool))
    if seen.sum() < ENOUGH or chance.min() < SMALLEST or answering.min() < SMALLEST * invited.answered.mean():
        return None
    score = doubly_robust(invited.points, invited.terms, seen, chance * answering, invited.customer)
    return score, doubly_robust(np.where(invited.answered, 100.0, 0.0), invited.terms, had, chance, invited.customer)


def _estimate(estimated: Estimated | None, invited: Invited) -> Estimate | None:
    return estimated and of_influence(estimated.score, estimated.influence, invited.customer, limit=100)


def _step(here: Estimated | None, below: Estimated | None, invited: Invited) -> Estimate | None:
    if here is None or below is None:
        return None
    return of_influence(here.score - below.score, here.influence - below.influence, invited.customer, limit=200)


def _names(bounds: tuple[int, ...], most: int) -> list[str]:
    ends = [*(bound - 1 for bound in bounds[1:]), None]
    names = [str(low) if high == low else f"{low} to {high}" for low, high in zip(bounds, ends, strict=True)]
    return [*names[:-1], str(bounds[-1]) if most <= bounds[-1] else f"{bounds[-1]}+"]
