"""How much each aspect explains of the score: its share of R2, fair to aspects that move together.

Source: Lindeman, Merenda and Gold, Introduction to Bivariate and Multivariate Analysis, 1980 (LMG), which is Shapley's
value of R2; Groemping, "Relative importance for linear regression in R", Journal of Statistical Software 17, 2006.
"""

from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.drivers.ratings import Aspects, Ratings, read
from analytics.estimates import Estimate
from analytics.points import Floats

DRAWS = 2000
SEED = 1
"""Of the bootstrap: the same rows give the same interval."""
MOST = 15
"""Aspects at once: each more doubles the number of models, 32,768 with 15."""
KNOWN = 0.95
"""Of the draws in which the outcome has to differ at all, as without that nothing is there to explain."""
VARIES = 1e-10
"""Variance of the standardised outcome from which on a draw has more than one value of it."""
AT_ONCE = 4_000_000
"""Models of one step of the bootstrap, which bounds its memory."""


@dataclass(frozen=True, slots=True)
class Shares:
    """What each aspect explains of the variance of the outcome, largest first; the shares add up to `r2`.

    A share has no sign: `coefficient` says whether more of the aspect goes with a better outcome (units of the outcome
    per unit of the aspect, all others the same). `low` and `high` are percentiles of a bootstrap over customers.
    `tied`: the aspects whose order is not known, because the interval of one spans the share of the other.
    `johnson`: Johnson's relative weights, another way to the same end; far from the shares, look at the data.
    `draws`: the shares of each draw of the bootstrap, a row per draw in which the outcome was not always the same.
    """

    shares: pd.Series
    low: pd.Series
    high: pd.Series
    coefficient: pd.Series
    johnson: pd.Series
    tied: dict[str, tuple[str, ...]]
    r2: Estimate
    draws: pd.DataFrame
    answers: int
    customers: int


def shares(X: Aspects, y: pd.Series | npt.ArrayLike) -> Shares:  # noqa: N803 - the names of statistics
    """The share of each column of `X` in the variance of `y`, with 95% intervals. They are associations.

    `X`: a row per answer and a column per aspect, numbers; optional `customer`, whose rows are drawn together. `y`: the
    outcome as numbers, such as the score. Raises ValueError, naming the column, for one that is empty in places,
    constant, no number, or follows from the others; for more columns than rows, and for more than 15; and where so few
    rows, or customers, differ that nothing says how sure the shares are.
    """
    ratings = read(X, y)
    if len(ratings.names) > MOST:
        raise ValueError(f"{len(ratings.names)} aspects are more than {MOST}: leave some out or take means of groups")
    outcome = _as_numbers(ratings.outcome)
    table = np.column_stack([ratings.aspects, outcome])
    table = (table - table.mean(axis=0)) / table.std(axis=0)
    whole = _covariances(table, np.ones((1, len(table))))
    named = pd.Series(lmg(whole)[0], index=ratings.names).sort_values(ascending=False, kind="stable")
    draws = pd.DataFrame(_bootstrap(table, ratings), columns=ratings.names)[named.index]
    low, high = draws.quantile(0.025), draws.quantile(0.975)
    total = draws.sum(axis=1)
    return Shares(
        shares=named,
        low=low,
        high=high,
        coefficient=pd.Series(_coefficients(ratings.aspects, outcome), index=ratings.names)[named.index],
        johnson=pd.Series(johnson(whole[0]), index=ratings.names)[named.index],
        tied=_ties(named, low, high),
        r2=Estimate(float(named.sum()), float(total.quantile(0.025)), float(total.quantile(0.975))),
        draws=draws,
        answers=len(table),
        customers=int(ratings.customer.max()) + 1,
    )


def lmg(covariances: Floats) -> Floats:
    """The shares of R2: a row per covariance matrix, whose last row and column are the outcome's.

    Exact, over all 2^p sets of aspects: of each set the variance that it leaves unexplained, by taking one aspect after
    the other out (swept) or leaving it aside.
    """
    draws, aspects = len(covariances), covariances.shape[-1] - 1
    scale = np.einsum("...ii->...i", covariances)[None]
    rest = covariances[None]
    for step in range(aspects):
        pivot, own = rest[..., 0, 0], rest[..., 0, 1:]
        tells = pivot > 1e-10 * scale[..., step]
        by = np.where(tells, 1 / np.where(tells, pivot, 1), 0)
        swept = rest[..., 1:, 1:] - own[..., :, None] * own[..., None, :] * by[..., None, None]
        rest = np.concatenate([rest[..., 1:, 1:], swept])
    total = covariances[:, -1, -1]
    explained = (1 - rest[..., 0, 0] / total).reshape(*[2] * aspects, draws)
    others = np.indices([2] * (aspects - 1)).sum(axis=0)
    weight = (1 / (aspects * np.array([comb(aspects - 1, size) for size in range(aspects)])))[others][..., None]
    axes = range(aspects - 1, -1, -1)  # each step doubled the rows, so that the last one is the first axis
    gains = [np.diff(explained, axis=axis).squeeze(axis) * weight for axis in axes]
    return np.column_stack([gain.reshape(-1, draws).sum(axis=0) for gain in gains])


def johnson(covariance: Floats) -> Floats:
    """Johnson's relative weights, from a covariance matrix as for `lmg`.

    Source: Johnson, "A heuristic method for estimating the relative weight of predictor variables in multiple
    regression", Multivariate Behavioral Research 35, 2000. A check only: Thomas et al., "On Johnson's (2000) relative
    weights method for assessing variable importance", Multivariate Behavioral Research 49, 2014, show where it fails.
    """
    scale = np.sqrt(np.diagonal(covariance))
    correlation = covariance / np.outer(scale, scale)
    values, vectors = np.linalg.eigh(correlation[:-1, :-1])
    root = vectors @ np.diag(np.sqrt(values)) @ vectors.T
    return np.asarray(root**2 @ np.linalg.solve(root, correlation[:-1, -1]) ** 2)


def _as_numbers(outcome: npt.NDArray[np.object_]) -> Floats:
    try:
        numbers = outcome.astype(float)
    except (TypeError, ValueError):
        raise ValueError("the outcome holds no numbers: shares are of a score") from None
    if not np.isfinite(numbers).all():
        raise ValueError("the outcome holds an infinite number")
    return numbers


def _coefficients(aspects: Floats, outcome: Floats) -> Floats:
    design = np.column_stack([np.ones(len(aspects)), aspects])
    return np.asarray(np.linalg.lstsq(design, outcome)[0][1:])


def _covariances(table: Floats, counts: Floats) -> Floats:
    """A covariance matrix per row of `counts`, which say how often each row of the table is drawn."""
    width = table.shape[1]
    products = (table[:, :, None] * table[:, None, :]).reshape(len(table), -1)
    drawn = counts.sum(axis=1)[:, None]
    means = counts @ table / drawn
    squares = (counts @ products / drawn).reshape(-1, width, width)
    return np.asarray(squares - means[:, :, None] * means[:, None, :])


def _bootstrap(table: Floats, ratings: Ratings) -> Floats:
    """The shares of each draw of as many customers, with all their rows; in whichever order these came."""
    order = np.lexsort(table.T)
    table, customer = table[order], pd.factorize(ratings.customer[order])[0]
    customers = int(customer.max()) + 1
    random = np.random.default_rng(SEED)
    step = max(1, min(DRAWS, AT_ONCE // max(2 ** len(ratings.names), len(table))))
    found: list[Floats] = []
    for first in range(0, DRAWS, step):
        drawn = random.multinomial(customers, np.full(customers, 1 / customers), size=min(step, DRAWS - first))
        covariances = _covariances(table, drawn[:, customer].astype(float))
        found.append(lmg(covariances[covariances[:, -1, -1] > VARIES]))
    known = np.concatenate(found)
    if len(known) < KNOWN * DRAWS:
        raise ValueError("the outcome is the same in nearly all rows: too few differ to say how sure the shares are")
    return known


def _ties(found: pd.Series, low: pd.Series, high: pd.Series) -> dict[str, tuple[str, ...]]:
    def tied(one: str, other: str) -> bool:
        return any(low[a] <= found[b] <= high[a] for a, b in ((one, other), (other, one)))

    names = [str(name) for name in found.index]
    return {one: tuple(other for other in names if other != one and tied(one, other)) for one in names}
