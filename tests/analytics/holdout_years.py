"""Simulated years of a holdout: customers who come as they will, rules that ask them, answers that tire."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import expit

from analytics.inclusion import OFTEN
from tests.analytics.worlds import CUTS, GAMMA, Floats, scores_for

DAYS, QUIET, GAP = 455, 90, 30
"""The first 90 days of a share are not compared: a year is."""
SHARE = 0.2


def holdout_year(
    seed: int | Sequence[int], customers: int, *, gamma: float = GAMMA, hidden: bool = False, share: float = SHARE
) -> pd.DataFrame:
    """Draw the invitations of a year, a row each, with `truth`: what its prior contacts take from its score, in points.

    Usual customers are asked once in 30 days, the others of `share` after 90 days without a contact. With `hidden`,
    something that nobody recorded brings experiences, trouble and bad scores at once.
    """
    random = np.random.default_rng(seed)
    cause = random.normal(size=customers) if hidden else np.zeros(customers)
    held = random.random(customers) < share
    visits = random.poisson(random.gamma(2.0, 3.0, customers) * np.exp(0.4 * cause))
    at = np.sort(np.where(np.arange(visits.max()) < visits[:, None], random.uniform(0, DAYS, (customers, 1)), DAYS))
    at = np.sort(np.where(at < DAYS, random.uniform(0, DAYS, at.shape), DAYS), axis=1)
    asked = np.full(at.shape, -np.inf)
    rows = []
    for nth in range(at.shape[1]):
        now = at[:, nth]
        before = now - asked[:, :nth].max(axis=1, initial=-np.inf)
        ask = (now < DAYS) & (before >= np.where(held, QUIET, GAP))
        prior = (asked[:, :nth] > (now - QUIET)[:, None]).sum(axis=1)
        asked[ask, nth] = now[ask]
        compared = ask & (now >= QUIET)
        rows.append(pd.DataFrame({"customer": np.flatnonzero(compared), "prior": prior[compared]}))
    frame = pd.concat(rows, ignore_index=True)
    cause, wanted = cause[frame["customer"]], ((at >= QUIET) & (at < DAYS)).sum(axis=1)[frame["customer"]]
    trouble = random.random(len(frame)) < expit(-1.2 + 0.7 * cause)
    prior = frame["prior"].to_numpy()
    happy = 0.4 - 1.3 * trouble - 0.5 * cause
    responded = random.random(len(frame)) < expit(-0.6 - 0.3 * prior - 0.3 * trouble)
    score = scores_for(happy - gamma * prior, random)
    return frame.assign(
        trouble=trouble.astype(int),
        often=np.array(OFTEN)[np.searchsorted(OFTEN, wanted, side="right") - 1],
        treated=(~held[frame["customer"]]).astype(int),
        responded=responded.astype(int),
        score=np.where(responded, score, np.nan),
        truth=expected_points(happy - gamma * prior) - expected_points(happy),
    )


def true_effect(frame: pd.DataFrame) -> float:
    """Return what contacts take from the score of those who are contacted as usual, in points."""
    return float(frame.loc[frame["treated"] == 1, "truth"].mean())


def expected_points(happy: Floats) -> Floats:
    """Return the mean of -100, 0 and 100 that customers as happy as this would give."""
    return np.asarray(100 * (1 - expit(CUTS[8] - happy) - expit(CUTS[6] - happy)))
