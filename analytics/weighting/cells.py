"""Response weights where the database has counted who was asked and who answered, so that no row of theirs is read."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM

from analytics.weighting.response import SURE, TELLS_ALL, Floats, coded, independent
from analytics.weighting.weights import check_columns

COUNTS = ("asked", "answered")
OTHER = "other"
FEWEST_ASKED = 100
"""Asked, from which on a value is told apart; rarer ones, and those of which nobody answered, are taken together."""

Part = tuple[float, float, float, float]
"""Answers of one weight: how many, how many of them count for a score, how many against it, and the weight."""


@dataclass(frozen=True, slots=True)
class WeightedCounts:
    """The sums of the weights of answers that count for a score, neither, and against it; of `n` answers.

    `n_eff`: as many equal answers would tell as much.
    """

    top: float
    middle: float
    bottom: float
    n: int
    n_eff: float

    @property
    def weights_sq(self) -> float:
        """What `scores.nps` and its like take for these answers."""
        return (self.top + self.middle + self.bottom) ** 2 / self.n_eff


def cell_weights(cells: pd.DataFrame) -> pd.Series:
    """The weight of an answer in each cell: 1 / p(answered | what is known of all), as `response_weights` has it.

    `cells`: a row per cell, columns asked and answered (how many), and the known ones, all words. p is the same
    logistic regression. A value of which fewer than 100 were asked, or nobody answered, counts as "other", so that
    weights need no trimming. Raises ValueError for gaps, for counts that are none, where nobody answered, and as
    `response_weights` does for what still cannot be weighted for.
    """
    known = [str(column) for column in cells if column not in COUNTS]
    check_columns(cells, [*COUNTS, *known])
    asked, answered = (cells[column].astype(float) for column in COUNTS)
    if not ((answered >= 0) & (answered <= asked) & (answered % 1 == 0) & (asked % 1 == 0)).all():
        raise ValueError("answered: expected a count from 0 to those asked in every cell")
    if not asked.all():
        raise ValueError("asked: nobody was asked in some cells: leave them out")
    if not answered.any():
        raise ValueError("answered: nobody answered, so there is nothing to weight")
    told = pd.DataFrame({column: _pooled(cells[column], asked, answered) for column in known}, index=cells.index)
    design = np.column_stack([np.ones(len(cells)), *(coded(told[column], answered, asked) for column in known)])
    return pd.Series(1 / _chances(independent(design), answered, asked), index=cells.index)


def weighted_counts(parts: Iterable[Part]) -> WeightedCounts:
    """The weighted counts of answers that weigh as their cells do; response weights are taken as fixed.

    n_eff is the variance of one answer (1, 0 or -1) by that of the weighted mean, linearised as in
    `weighting.standard_error`, and never more than n: it is that of `weighted_nps`, from counts. Raises ValueError for
    no answers, and for what are no counts or weights.
    """
    n, top, bottom, weight = np.array(list(parts), dtype=float).reshape(-1, 4).T
    if not (np.minimum.reduce([top, bottom, n - top - bottom, weight], initial=0) >= 0).all():
        raise ValueError("a part has answers, of which some count for the score and others against it, and a weight")
    total = float(weight @ n)
    if not total > 0:
        raise ValueError("there are no weighted answers")
    happy, unhappy = float(weight @ top), float(weight @ bottom)
    mean = (happy - unhappy) / total
    squares = top * (1 - mean) ** 2 + bottom * (1 + mean) ** 2 + (n - top - bottom) * mean**2
    answers = float(n.sum())
    error_sq = answers / max(answers - 1, 1) * float(weight**2 @ squares) / total**2
    variance = (happy + unhappy) / total - mean**2
    kish = total**2 / float(weight**2 @ n)
    n_eff = min(answers, variance / error_sq) if error_sq > 0 else kish
    return WeightedCounts(happy, max(0.0, total - happy - unhappy), unhappy, int(answers), max(1.0, n_eff))


def _pooled(column: pd.Series, asked: pd.Series, answered: pd.Series) -> pd.Series:
    words = column.astype(object)
    rare = (asked.groupby(words).transform("sum") < FEWEST_ASKED) | (answered.groupby(words).transform("sum") == 0)
    return words.mask(rare, OTHER)


def _chances(design: Floats, answered: pd.Series, asked: pd.Series) -> Floats:
    """The fitted probability of each cell to have been answered."""
    if (answered == asked).all():
        return np.ones(len(asked))
    outcome = np.column_stack([answered, asked - answered])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of cells fitted exactly, which is no fault; a wrong fit is refused below
            found = GLM(outcome, design, family=Binomial()).fit(maxiter=100)
    except np.linalg.LinAlgError as error:
        raise ValueError(TELLS_ALL) from error
    chances = np.asarray(found.fittedvalues, dtype=np.float64)
    if not found.converged or chances.min() < SURE or chances.max() > 1 - SURE:
        raise ValueError(TELLS_ALL)
    return chances
