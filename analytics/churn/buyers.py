"""Buyers without a contract: who is still a customer, and how much more will they buy, by the BG/NBD model.

Each customer buys at a rate of her own (gamma over customers: `r`, `alpha`, per unit of time) and may be gone after
any purchase with a chance of her own (beta over customers: `a`, `b`). Three figures of each are enough: `repeats`,
purchases after the first; `last`, when the newest was, since the first; `observed`, how long since the first.

Source: Fader, Hardie and Lee, "Counting Your Customers the Easy Way: An Alternative to the Pareto/NBD Model",
Marketing Science 24, 2005.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1

from analytics.churn.losses import check_moments
from analytics.churn.table import Real
from analytics.scores import SHOWN_FROM

WEEK = timedelta(days=7)
GAP = 1e-6
"""How near to 1 `a` may come, where the expected purchases are 0 / 0, though they meet from both sides."""
LARGEST = 7.0
"""Logarithm of the parameters at which the search ends: a likelihood that still grows there has no top."""


@dataclass(frozen=True, slots=True)
class Buyers:
    """A fitted model; time is in the unit of the histories that it was fitted on. `n`: customers."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    n: int


def histories(purchases: pd.DataFrame, *, observed_until: datetime, unit: timedelta = WEEK) -> pd.DataFrame:
    """One row per customer, as index: repeats, last, observed (both in units).

    `purchases`: columns customer and at, all from the first on; those of one moment (or one day, where only days are
    known) are one purchase. Raises ValueError for purchases without customer or moment, or after the records end, and
    for a unit that is no time.
    """
    if unit <= timedelta(0):
        raise ValueError("the unit of time has to be longer than nothing")
    check_moments(purchases, "purchases", observed_until)
    bought = purchases[["customer", "at"]].drop_duplicates().groupby("customer")["at"].agg(["min", "max", "size"])
    return pd.DataFrame(
        {
            "repeats": bought["size"] - 1,
            "last": (bought["max"] - bought["min"]).dt.total_seconds() / unit.total_seconds(),
            "observed": (observed_until - bought["min"]).dt.total_seconds() / unit.total_seconds(),
        }
    )


def fit_buyers(of: pd.DataFrame) -> Buyers:
    """The model with the greatest likelihood of these histories.

    Raises ValueError for histories that cannot be, for fewer than 10 customers with a repeat purchase or fewer than 10
    without, and where no likelihood is the greatest: then the histories are too short to tell leaving from rare buying.
    """
    repeats, last, observed = _checked(of)
    again = int((repeats > 0).sum())
    if min(again, len(of) - again) < SHOWN_FROM:
        raise ValueError(
            f"{again} of {len(of)} customers bought again: at least {SHOWN_FROM} have to, and {SHOWN_FROM} others not"
        )
    unit = float(observed.mean())

    def loss(logarithms: Real) -> float:
        return -float(_log_likelihoods(np.exp(logarithms), repeats, last / unit, observed / unit).mean())

    found = minimize(
        loss, np.zeros(4), method="L-BFGS-B", bounds=[(-LARGEST, LARGEST)] * 4, options={"ftol": 1e-13, "gtol": 1e-8}
    )
    if np.abs(found.x).max() >= LARGEST:
        raise ValueError("no model fits best: the customers were watched too briefly to tell leaving from rare buying")
    at = np.exp(found.x) * [1, unit, 1, 1]
    total = float(_log_likelihoods(at, repeats, last, observed).sum())
    r, alpha, a, b = at.tolist()
    return Buyers(r, alpha, a, b, log_likelihood=total, n=len(of))


def alive(model: Buyers, of: pd.DataFrame) -> "pd.Series[float]":
    """The probability that each customer is still one. Nobody can be gone before a repeat purchase, by the model."""
    repeats, last, observed = _checked(of)
    rest = np.log(model.a) - np.log(model.b + np.maximum(repeats, 1) - 1)
    odds = rest + (model.r + repeats) * (np.log(model.alpha + observed) - np.log(model.alpha + last))
    return pd.Series(np.where(repeats > 0, 1 / (1 + np.exp(odds)), 1.0), index=of.index)


def expected_purchases(model: Buyers, of: pd.DataFrame, *, ahead: float) -> "pd.Series[float]":
    """How many purchases each customer will make in the `ahead` units of time to come.

    Equation 10 of the paper, with Euler's transformation of the series (Abramowitz and Stegun, 15.3.3), which stays
    small where somebody bought a thousand times. Raises ValueError for histories that cannot be, and unless `ahead` is
    positive and has an end.
    """
    if not 0 < ahead < np.inf:
        raise ValueError("expected purchases need a time to come, and an end of it")
    repeats, _, observed = _checked(of)
    r, alpha, b = model.r, model.alpha, model.b
    a = model.a if abs(model.a - 1) > GAP else 1 + GAP
    share = ahead / (alpha + observed + ahead)
    series = (1 - share) ** (a - 1) * hyp2f1(a + b - 1 - r, a - 1, a + b + repeats - 1, share)
    while_there = (a + b + repeats - 1) / (a - 1) * (1 - series)
    return pd.Series(while_there * alive(model, of).to_numpy(), index=of.index)


def _checked(of: pd.DataFrame) -> tuple[Real, Real, Real]:
    missing = [name for name in ("repeats", "last", "observed") if name not in of]
    if missing:
        raise ValueError(f"the histories have no column {missing[0]!r}: `histories` makes them of purchases")
    repeats, last, observed = (of[name].to_numpy(np.float64) for name in ("repeats", "last", "observed"))
    possible = (
        (repeats >= 0)
        & (repeats % 1 == 0)
        & (last >= 0)
        & (last <= observed)
        & (observed < np.inf)
        & ((last > 0) == (repeats > 0))
    )
    if not possible.all():
        wrong = of.index[~possible][0]
        raise ValueError(f"the history of customer {wrong} cannot be: 0 <= last <= observed, last 0 without repeats")
    return repeats, last, observed


def _log_likelihoods(at: Real, repeats: Real, last: Real, observed: Real) -> Real:
    """Equation 6 of the paper, in logarithms: still there after the last purchase, or gone after it.

    `at`: r, alpha, a and b.
    """
    r, alpha, a, b = at
    buying = gammaln(r + repeats) - gammaln(r) + r * np.log(alpha)
    staying = gammaln(a + b) + gammaln(b + repeats) - gammaln(b) - gammaln(a + b + repeats)
    there = -(r + repeats) * np.log(alpha + observed)
    gone = np.log(a) - np.log(b + np.maximum(repeats, 1) - 1) - (r + repeats) * np.log(alpha + last)
    found: Real = buying + staying + np.logaddexp(there, np.where(repeats > 0, gone, -np.inf))
    return found
