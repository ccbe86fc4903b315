"""The three scores that are taken apart, each with what every invitation adds to it (its influence).

Sources: Robins, Rotnitzky and Zhao, "Estimation of regression coefficients when some regressors are not always
observed", JASA 89, 1994 (augmented inverse probability weighting); Lunceford and Davidian, "Stratification and
weighting via the propensity score", Statistics in Medicine 23, 2004 (influence of estimated weights).
"""

from typing import NamedTuple

import numpy as np

from analytics.fatigue.covariates import independent
from analytics.points import Bools, Floats, Whole


class Estimated(NamedTuple):
    """A score in points, and per invitation the influence: with mean 0, its mean of squares is n times the variance."""

    score: float
    influence: Floats


def measured(points: Floats, answered: Bools) -> Estimated:
    """The plain score of those who answered."""
    score = float(points[answered].mean())
    return Estimated(score, answered * (points - score) / answered.mean())


def response_weighted(points: Floats, answered: Bools, chance: Floats, known: Floats) -> Estimated:
    """The score of everybody invited as they were: each answer stands for 1/chance invitations.

    `chance`: of answering, by a logistic regression on `known`. As it is estimated from the same rows, the influence
    is less than that of known weights: what the answers' shares already balance is not left to luck.
    """
    weights = answered / chance
    score = float((weights * points).sum() / weights.sum())
    own = weights * (points - score)
    slope = known.T @ (-own * (1 - chance))
    information = (known * (chance * (1 - chance))[:, None]).T @ known
    through_the_weights = ((answered - chance)[:, None] * known) @ (np.linalg.pinv(information) @ slope)
    return Estimated(score, (own + through_the_weights) / weights.mean())


def doubly_robust(points: Floats, terms: Floats, seen: Bools, chance: Floats, customer: Whole) -> Estimated:
    """The score if everybody had been as those `seen`, and had answered (AIPW).

    `seen`: who was in that state and answered; `chance`: of both, for everybody. Everybody's answer is predicted by a
    linear model of the points on the terms, fitted to those seen; the mean of the predictions is corrected by the
    weighted mean of what the model misses. Right where either the chances or the predictions are; an ordered logit
    instead of the line moves the score by .01 points on average and takes a thousand times as long.
    """
    design = np.column_stack([np.ones(len(terms)), terms])
    predicted = design @ np.linalg.lstsq(design[seen], points[seen])[0]
    missed = np.where(seen, (points - predicted) / chance, 0.0)
    score = float((predicted + missed).mean())
    influence = predicted + missed / _left_to_others(design, seen, customer)
    return Estimated(score, influence - influence.mean())


def _left_to_others(design: Floats, seen: Bools, customer: Whole) -> Floats:
    """Which part of a row's prediction the customer's own rows do not make, at least half; 1 where it is not seen.

    What a row misses, divided by that, is what a model made without the customer would miss (HC3: MacKinnon and White,
    Journal of Econometrics 29, 1985; the rows of a customer add up). Without it intervals of few answers for many terms
    would be too short.
    """
    known = design[seen][:, independent(design[seen])]
    own = np.zeros(len(design))
    own[seen] = np.square(np.linalg.qr(known)[0]).sum(axis=1)
    return np.where(seen, np.maximum(1 - np.bincount(customer, weights=own)[customer], 0.5), 1.0)


def spread(estimated: Estimated, rows: Bools) -> Floats:
    """The influence of an estimate from some rows on the scale of all rows, 0 in the others."""
    influence = np.zeros(len(rows))
    influence[rows] = estimated.influence * len(rows) / rows.sum()
    return influence
