"""Weights for who did not answer, from what is known of all who were asked."""

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import qr
from scipy.special import expit
from statsmodels.discrete.discrete_model import Logit
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from analytics.weighting.weights import Weights, check_columns, finished

Floats = NDArray[np.floating[Any]]

NOT_KNOWN_OF_ALL = ("responded", "score", "customer", "holdout")
"""Columns that are no reason to answer: the answer itself, who the customer is, and the draw of the holdout."""

CATEGORIES_UP_TO = 6
"""A column of numbers with so few different ones is taken as categories, not as a straight line."""

SURE = 1e-6
"""A fitted probability this close to 0 or 1 means that the columns tell exactly who answers."""

TELLS_ALL = "the known columns tell exactly who answers: leave some out, or put categories together"


def response_weights(
    frame: pd.DataFrame,
    *,
    answered: str = "responded",
    known: Sequence[str] | None = None,
    trim: float | None = 5.0,
) -> Weights:
    """Weights of the answers that make them stand for all who were asked: 1 / p(answered | what is known of all).

    `frame`: a row per invitation, answered or not. `answered`: the column that says so (0 or 1). `known`: the columns
    of what was known before (touchpoint, segment, channel, earlier contacts ...); by default all but
    `NOT_KNOWN_OF_ALL`. Words, yes or no, and few different numbers are categories; other numbers count linearly in the
    log odds. p is a logistic regression. `trim`: the largest weight, as a multiple of their mean.
    Source: Little, "Survey Nonresponse Adjustments for Estimates of Means", International Statistical Review 54, 1986.

    Raises ValueError, naming the column, for missing columns and values, dates, a category in which nobody answered (it
    cannot be weighted for: put it together with another) or everybody, and where the columns tell exactly who answers.
    """
    columns = [column for column in frame if column not in {answered, *NOT_KNOWN_OF_ALL}] if known is None else known
    check_columns(frame, [answered, *columns])
    responded = pd.to_numeric(frame[answered].astype(object), errors="coerce").astype(float)
    if not responded.isin((0, 1)).all():
        raise ValueError(f"{answered}: expected 0 or 1 in every row")
    if not responded.any():
        raise ValueError(f"{answered}: nobody answered, so there is nothing to weight")
    each = pd.Series(1.0, index=frame.index)
    design = np.column_stack([np.ones(len(frame)), *(coded(frame[column], responded, each) for column in columns)])
    given = responded == 1
    weights = pd.Series(1 / _probabilities(design, responded.to_numpy())[given], index=frame.index[given])
    return finished(weights, base=weights, fitted_to=pd.DataFrame(index=weights.index), trim=trim)


def coded(column: pd.Series, answered: pd.Series, asked: pd.Series) -> Floats:
    """A known column as regressors: one for each category but the first, or the standardised number.

    `answered`, `asked`: for how many each row stands. Raises ValueError for dates, and for a category in which nobody
    answered, or everybody while others did not.
    """
    if column.dtype.kind in "mM" or isinstance(column.dtype, pd.DatetimeTZDtype):
        raise ValueError(f"{column.name}: these are dates: give a number instead, such as days since then")
    column = column.infer_objects()
    if pd.api.types.is_numeric_dtype(column.dtype) and column.nunique() > CATEGORIES_UP_TO:
        numbers = column.to_numpy(dtype=float)
        standardised: Floats = (numbers - numbers.mean())[:, None] / numbers.std()
        return standardised
    categories = column.astype(object)
    told = pd.DataFrame({"answered": answered.groupby(categories).sum(), "asked": asked.groupby(categories).sum()})
    eager = told["answered"] == (told["asked"] if (answered < asked).any() else math.nan)
    for who, wrong in (("nobody", told[told["answered"] == 0]), ("everybody", told[eager])):
        if len(wrong):
            category, invited = wrong.index[0], wrong["asked"].iloc[0]
            raise ValueError(
                f"{column.name}: {who} answered of {category} ({invited:.0f} invited): put it together with another "
                "category"
            )
    return np.asarray(pd.get_dummies(categories, drop_first=True, dtype=float), dtype=np.float64)


def independent(design: Floats) -> Floats:
    """The regressors without those that say what others said."""
    triangle, order = qr(design, mode="r", pivoting=True)
    sizes = np.abs(np.diag(triangle))
    return design[:, np.sort(order[: int((sizes > sizes[0] * 1e-9).sum())])]


def _probabilities(design: Floats, responded: Floats) -> Floats:
    """The fitted probability of each row to have been answered."""
    if responded.all():
        return np.ones(len(responded))
    told = independent(design)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a fit that went wrong is refused below
            warnings.simplefilter("error", PerfectSeparationWarning)
            found = Logit(responded, told).fit(disp=0, maxiter=100)
    except (PerfectSeparationWarning, np.linalg.LinAlgError) as error:
        raise ValueError(TELLS_ALL) from error
    probabilities: Floats = expit(told @ found.params)
    if not found.mle_retvals["converged"] or probabilities.min() < SURE or probabilities.max() > 1 - SURE:
        raise ValueError(TELLS_ALL)
    return probabilities
