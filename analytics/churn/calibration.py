"""Whether predicted probabilities come true, and the straight line through the logits that makes them.

Source: Cox, "Two Further Applications of a Model for Binary Regression", Biometrika 45, 1958; the terms are those of
Van Calster et al., "Calibration: the Achilles heel of predictive analytics", BMC Medicine 17, 2019.
"""

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from analytics.churn.table import Real, Whole

FURTHEST = 30.0
"""Logits between which every level is looked for."""
STEPS = 50
ENOUGH = 1e-9


def in_the_large(logit: Real, outcome: Whole, weight: Real | None = None, *, level_sd: float = np.inf) -> float:
    """What has to be added to every logit so that as many leave as predicted: 0 is right, below 0 too many predicted.

    `level_sd`: how far from 0 it is thought to lie beforehand (a normal prior), which decides where the rows say
    little. Without it, infinite where nobody left, or everybody.
    """
    weight = np.ones(len(logit)) if weight is None else weight
    left, everybody, prior = float(weight @ outcome), float(weight.sum()), level_sd**-2
    if prior == 0 and not 0 < left < everybody:
        return np.inf if left else -np.inf
    wide = FURTHEST + float(np.abs(logit).max())
    return float(brentq(lambda level: left - weight @ expit(logit + level) - prior * level, -wide, wide))


def line(
    logit: Real, outcome: Whole, weight: Real | None = None, *, slope_sd: float = np.inf
) -> tuple[float, float] | None:
    """Level and slope of the logistic regression of leaving on the predicted logit: 0 and 1 are right.

    A slope below 1: the predictions are too bold, above: too shy. `slope_sd`: how far from 1 the slope is thought to
    lie beforehand (a normal prior), which decides where the rows say little. None where the prediction separates
    leavers from the rest, so that no slope is steep enough.
    """
    weight = np.ones(len(logit)) if weight is None else weight
    design, prior = np.column_stack([np.ones_like(logit), logit]), np.array([0.0, slope_sd**-2])
    found, loss = np.array([0.0, 1.0]), _loss(np.array([0.0, 1.0]), design, outcome, weight, prior)
    for _ in range(STEPS):
        p = expit(design @ found)
        slope = design.T @ (weight * (outcome - p)) - prior * (found - [0, 1])
        bend = (design * (weight * p * (1 - p))[:, None]).T @ design + np.diag(prior)
        if np.linalg.cond(bend) > 1 / ENOUGH**1.5:
            return None
        step = np.linalg.solve(bend, slope)
        while (new := _loss(found + step, design, outcome, weight, prior)) > loss + ENOUGH:
            step /= 2
        found, gained, loss = found + step, loss - new, new
        if gained < ENOUGH and np.abs(step).max() < ENOUGH**0.5:
            return float(found[0]), float(found[1])
    return None


def _loss(at: Real, design: Real, outcome: Whole, weight: Real, prior: Real) -> float:
    logit = design @ at
    away = at - [0, 1]
    return float(weight @ (np.logaddexp(0, logit) - outcome * logit) + (prior * away**2).sum() / 2)
