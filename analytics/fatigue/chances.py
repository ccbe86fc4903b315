"""How likely each customer was to be new to us, and to answer: logistic regressions on what is known."""

import warnings
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import expit
from scipy.stats import chi2
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from analytics.fatigue.covariates import independent
from analytics.fatigue.invited import Invited, check_enough
from analytics.points import Bools, Floats, Whole

SMALLEST = 0.02
"""Chance below which a customer stands for so many others that nothing holds the estimate."""


@dataclass(frozen=True, slots=True)
class Chances:
    """A number per invitation: the chance of no contact before, and of answering as it was."""

    new: Floats
    answering: Floats
    answering_by_group: Floats
    """A column per class of prior contacts: the chance of answering after so many."""
    known: Floats
    """What the chance of answering is made of: the terms of its model, a row per invitation."""

    @property
    def answering_new(self) -> Floats:
        """The chance of answering, had nobody contacted the customer before."""
        return self.answering_by_group[:, 0]


class SeparatedError(ValueError):
    """The columns leave no doubt about any row, so that no chance can be estimated."""


def supported(invited: Invited) -> tuple[Invited, Chances]:
    """The invitations that can be compared with others, and their chances.

    Left out are those of customers who hardly could have been without contacts (a chance below .02) or hardly ever
    answer (below .02 of the average): there is nobody to learn from how they would have answered. What remains is
    modelled anew. Raises ValueError where fewer than half remain, and as `check_enough` does.
    """
    remaining = invited
    while True:
        check_enough(remaining)
        chances = _chances(remaining)
        seldom = SMALLEST * remaining.answered.mean()
        sound = (chances.new >= SMALLEST) & (np.minimum(chances.answering, chances.answering_new) >= seldom)
        if sound.all():
            return remaining, chances
        remaining = remaining.only(sound)
        if len(remaining.group) < len(invited.group) / 2:
            raise ValueError(
                "more than half of the invitations went to customers who could hardly have been without contacts, or "
                "who hardly ever answer, as far as the columns tell: leave columns out or take a longer period"
            )


def drawn_at_random(invited: Invited) -> bool:
    """Whether the holdout has the covariates of the others, by a likelihood ratio test at .001, a row each.

    Differences are adjusted for, and among many thousands small ones are sure: the rules ask whom they hold out less
    often about the second experience of a week. So a holdout is refused only where the chance to be in it is also more
    than twice as large for some (the top twentieth) as for others (the lowest).
    """
    first = np.unique(invited.customer, return_index=True)[1]
    try:
        design = _design(invited.terms[first])
        fitted = _fit(design, invited.holdout[first])
    except SeparatedError:
        return False
    if fitted.freedom == 0 or float(chi2.sf(fitted.ratio, fitted.freedom)) >= 0.001:
        return True
    low, high = np.quantile(fitted.chance(design), [0.05, 0.95])
    return bool(high <= 2 * low)


def chance_of(happened: Bools, terms: Floats, rows: Bools) -> Floats:
    """For every row, the chance by a logistic regression that is fitted to the chosen rows."""
    if happened[rows].all() or not happened[rows].any():
        return np.full(len(rows), float(happened[rows].all()))
    design = _design(terms)
    return _fit(design[rows], happened[rows]).chance(design)


def _chances(invited: Invited) -> Chances:
    known = _after(invited, invited.group)
    answering = _fit(known, invited.answered)
    same = [np.full_like(invited.group, group) for group in range(len(invited.bounds))]
    by_group = np.column_stack([answering.chance(_after(invited, group)) for group in same])
    return Chances(
        new=chance_of(invited.new, invited.terms, ~invited.holdout),
        answering=by_group[np.arange(len(known)), invited.group],
        answering_by_group=by_group,
        known=known[:, independent(known)],
    )


def _after(invited: Invited, group: Whole) -> Floats:
    """The covariates and, as a term for each class but none, how often the customer had been contacted before."""
    contacts = group[:, None] == np.arange(1, len(invited.bounds))
    return _design(np.column_stack([invited.terms, contacts]))


def _design(terms: Floats) -> Floats:
    return np.column_stack([np.ones(len(terms)), terms])


class Fit(NamedTuple):
    """A logistic regression: its coefficients, and its likelihood ratio to a model without covariates."""

    coefficients: Floats
    ratio: float
    freedom: int

    def chance(self, design: Floats) -> Floats:
        return np.asarray(expit(design @ self.coefficients))


def _fit(design: Floats, happened: Bools) -> Fit:
    kept = independent(design)
    with warnings.catch_warnings(), np.errstate(over="ignore"):  # far out the chance is 0 or 1, as it should
        warnings.simplefilter("error", PerfectSeparationWarning)
        try:
            fitted = GLM(happened.astype(float), design[:, kept], family=Binomial()).fit(tol=1e-12)
            ratio = 2 * (fitted.llf - fitted.llnull)
        except PerfectSeparationWarning:
            raise SeparatedError(
                "the columns together say who was contacted or who answered: leave out what was known only afterwards"
            ) from None
    coefficients = np.zeros(len(kept))
    coefficients[kept] = fitted.params
    return Fit(coefficients, ratio, int(kept.sum()) - 1)
