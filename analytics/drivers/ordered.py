"""In which direction, and by how many NPS points, an aspect moves the answers: proportional odds.

Source: McCullagh, "Regression models for ordinal data", Journal of the Royal Statistical Society B 42, 1980. Points per
unit are average marginal effects (Williams, "Using the margins command to estimate and interpret adjusted predictions
and marginal effects", The Stata Journal 12, 2012), with intervals by the delta method.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api import types
from scipy.special import expit, logit
from scipy.stats import rv_continuous
from statsmodels.miscmodels.ordinal_model import OrderedModel
from statsmodels.tools.numdiff import approx_fprime
from statsmodels.tools.sm_exceptions import ConvergenceWarning, HessianInversionWarning

from analytics.drivers.ratings import Aspects, Ratings, read, side_by_side
from analytics.estimates import QUANTILE, Estimate
from analytics.points import Floats, Whole, points

ANSWERS_PER_ASPECT = 5
"""As for `analytics.fatigue`: Vittinghoff and McCulloch, American Journal of Epidemiology 165, 2007."""
BOUNDLESS = 10.0
"""Standard error, in log odds over the whole range of a column, from which on the data do not bound its effect."""


class Logistic(rv_continuous):
    """SciPy's logistic distribution without the checks of its arguments, which take three quarters of a fit."""

    def cdf(self, x: Any, *args: Any, **kwds: Any) -> Any:
        return expit(x)

    def pdf(self, x: Any, *args: Any, **kwds: Any) -> Any:
        return expit(x) * expit(-x)

    def ppf(self, q: Any, *args: Any, **kwds: Any) -> Any:
        return logit(q)


LOGISTIC = Logistic(name="logistic")


@dataclass(frozen=True, slots=True)
class OrderedLogit:
    """P(answer up to a level) = logistic(cut - sum of coefficient x aspect): more of a positive one is for the better.

    `coef`, `se`: log odds per unit of the aspect; `cuts`: named `lower|higher` level. `points`: how many NPS points one
    unit more is worth (of a column with two values: the higher one instead of the lower), with its 95% interval, on
    average over these answers; None where the outcome is no 0 to 10 score with more than one of the NPS's groups.
    """

    coef: pd.Series
    se: pd.Series
    cuts: pd.Series
    points: dict[str, Estimate] | None
    deviance: float
    answers: int
    customers: int


def ordered_logit(X: Aspects, y: pd.Series | npt.ArrayLike) -> OrderedLogit:  # noqa: N803 - the names of statistics
    """The effects of the columns of `X` on the ordered answers `y`. They are associations.

    `X`: a row per answer and a column per aspect, numbers; optional `customer`, whose rows are one piece of evidence
    (clustered errors). `y`: scores, or an ordered `pandas.Categorical`. Everybody must have had every touchpoint:
    `by_exposure` sees to that. Raises ValueError, naming the column, for one that is empty in places, constant, follows
    from the others or separates the answers by itself; and for fewer than 5 answers for each aspect.
    """
    ratings = read(X, y)
    codes, levels = _levels(side_by_side(X, y)[1])
    _refuse_what_has_no_bounded_effect(ratings, codes)
    centre, scale = ratings.aspects.mean(axis=0), ratings.aspects.std(axis=0)
    fitted = _fit(ratings, codes, (ratings.aspects - centre) / scale)
    aspects, parameters = len(ratings.names), np.asarray(fitted.params)
    coefficients = parameters[:aspects] / scale
    cuts = _cuts(fitted.model, parameters) + coefficients @ centre
    between = [f"{low}|{high}" for low, high in pairwise(levels)]
    return OrderedLogit(
        coef=pd.Series(coefficients, index=ratings.names),
        se=pd.Series(np.asarray(fitted.bse)[:aspects] / scale, index=ratings.names),
        cuts=pd.Series(cuts, index=between),
        points=_points(fitted, ratings, levels),
        deviance=float(-2 * fitted.llf),
        answers=len(codes),
        customers=int(ratings.customer.max()) + 1,
    )


def _levels(outcome: pd.Series) -> tuple[Whole, list[object]]:
    """Each answer as the number of its level, counted from 0, and the levels in their order."""
    if isinstance(outcome.dtype, pd.CategoricalDtype):
        if not outcome.dtype.ordered:
            raise ValueError("the outcome's categories have no order: give an ordered Categorical")
        used = outcome.cat.remove_unused_categories()
        return np.asarray(used.cat.codes, dtype=np.intp), list(used.cat.categories)
    if not types.is_numeric_dtype(outcome):
        raise ValueError("the outcome holds words: give scores, or an ordered Categorical")
    levels, codes = np.unique(outcome.to_numpy(dtype=float), return_inverse=True)
    if not np.isfinite(levels).all():
        raise ValueError("the outcome holds an infinite number")
    if len(levels) > len(codes) / 2:
        raise ValueError("the outcome has nearly as many levels as answers: give a score or ordered categories")
    return np.asarray(codes, dtype=np.intp), [int(level) if level.is_integer() else float(level) for level in levels]


def _refuse_what_has_no_bounded_effect(ratings: Ratings, codes: Whole) -> None:
    rows, aspects = ratings.aspects.shape
    if rows < ANSWERS_PER_ASPECT * aspects:
        raise ValueError(f"{rows} answers are too few for {aspects} aspects: {ANSWERS_PER_ASPECT} for each are needed")
    for name, values in zip(ratings.names, ratings.aspects.T, strict=True):
        if _sorted(values, codes) or _sorted(-values, codes):
            raise ValueError(
                f"the column {name!r} separates the answers by itself: its effect has no bound. "
                "Leave it out if it was known only after the answer"
            )


def _sorted(values: Floats, codes: Whole) -> bool:
    """Whether no value at a level is above any at a higher level."""
    by_level = pd.Series(values).groupby(codes)
    return bool((by_level.max().to_numpy()[:-1] <= by_level.min().to_numpy()[1:]).all())


def _fit(ratings: Ratings, codes: Whole, scaled: Floats) -> Any:
    repeated = ratings.customer.max() + 1 < len(codes)
    errors = {"cov_type": "cluster", "cov_kwds": {"groups": ratings.customer}} if repeated else {}
    model = OrderedModel(codes, scaled, distr=LOGISTIC)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a first search may stop short or step too far: the second one judges
        near = model.fit(method="bfgs", maxiter=500, disp=0, skip_hessian=True).params
        for trouble in (ConvergenceWarning, HessianInversionWarning):
            warnings.simplefilter("error", trouble)
        try:
            fitted = model.fit(start_params=near, method="newton", maxiter=50, disp=0, **errors)
            spread = np.asarray(fitted.bse)[: scaled.shape[1]] * np.ptp(scaled, axis=0)
        except (ConvergenceWarning, HessianInversionWarning, np.linalg.LinAlgError):
            raise ValueError("the columns together separate the answers: leave some out") from None
    widest = int(np.argmax(spread))
    if not spread[widest] < BOUNDLESS:
        raise ValueError(f"the column {ratings.names[widest]!r} all but separates the answers: its effect has no bound")
    return fitted


def _cuts(model: OrderedModel, parameters: Floats) -> Floats:
    return np.asarray(model.transform_threshold_params(parameters))[1:-1]


def _points(fitted: Any, ratings: Ratings, levels: list[object]) -> dict[str, Estimate] | None:
    """Average marginal effects of the aspects on the NPS."""
    if not all(isinstance(level, int) and 0 <= level <= 10 for level in levels):
        return None
    worth = points(np.array(levels, dtype=float))
    if len(np.unique(worth)) == 1:
        return None
    effects = _effects(fitted.model, ratings.aspects, np.diff(worth))
    parameters = np.asarray(fitted.params)
    slopes = np.atleast_2d(approx_fprime(parameters, effects, centered=True))
    errors = np.sqrt(np.einsum("ij,jk,ik->i", slopes, np.asarray(fitted.cov_params()), slopes))
    found = effects(parameters)
    return {
        name: Estimate(float(effect), float(effect - QUANTILE * error), float(effect + QUANTILE * error))
        for name, effect, error in zip(ratings.names, found, errors, strict=True)
    }


def _effects(model: OrderedModel, aspects: Floats, steps: Floats) -> Callable[[Floats], Floats]:
    """A function from the model's parameters to the mean effect of a unit of each aspect, in points.

    `steps`: what each level is worth more than the one below it.
    """
    centre, scale = aspects.mean(axis=0), aspects.std(axis=0)

    def effects(parameters: Floats) -> Floats:
        weights = parameters[: aspects.shape[1]] / scale
        cuts, liking = _cuts(model, parameters), (aspects - centre) @ weights
        below = expit(cuts - liking[:, None])
        slope = float((below * (1 - below) @ steps).mean())
        found = []
        for values, weight in zip(aspects.T, weights, strict=True):
            low, high = values.min(), values.max()
            if ((values == low) | (values == high)).all():
                ends = [expit(cuts - (liking + (end - values) * weight)[:, None]) for end in (low, high)]
                found.append(float(((ends[0] - ends[1]) @ steps).mean() / (high - low)))
            else:
                found.append(slope * weight)
        return np.array(found)

    return effects
