"""Drivers among customers who had the same touchpoints: what somebody did not have, nobody should make up."""

from dataclasses import dataclass

import numpy.typing as npt
import pandas as pd

from analytics.drivers.ordered import OrderedLogit, ordered_logit
from analytics.drivers.ratings import CUSTOMER, Aspects, side_by_side
from analytics.drivers.shapley import Shares, shares
from analytics.scores import ADJUSTED_WALD_FROM

NEEDED = ADJUSTED_WALD_FROM
"""Answers from which on a pattern is modelled."""


@dataclass(frozen=True, slots=True)
class Exposed:
    """Customers who had the touchpoints `aspects` and no others; `why` says what keeps them from being modelled."""

    aspects: tuple[str, ...]
    answers: int
    effects: OrderedLogit | None
    shares: Shares | None
    why: str


def by_exposure(X: Aspects, y: pd.Series | npt.ArrayLike) -> list[Exposed]:  # noqa: N803 - the names of statistics
    """Both models for each pattern of exposure, the most frequent first.

    `X`: as for `ordered_logit`, but empty where a customer did not have the touchpoint; `y`: scores. A pattern that
    cannot be modelled is there too, with the reason. Raises ValueError where the rows of `X` and `y` differ.
    """
    aspects, scores = side_by_side(X, y)
    had = aspects.drop(columns=CUSTOMER, errors="ignore").notna()
    patterns = had.value_counts().index
    return [
        _exposed(aspects, scores, list(had.columns[list(pattern)]), (had == list(pattern)).all(axis=1))
        for pattern in patterns
    ]


def _exposed(everything: pd.DataFrame, scores: pd.Series, had: list[str], rows: pd.Series) -> Exposed:
    names, answers = tuple(str(name) for name in had), int(rows.sum())
    if not had:
        return Exposed(names, answers, None, None, "they had none of the touchpoints")
    if answers < NEEDED:
        return Exposed(names, answers, None, None, f"{answers} answers, and {NEEDED} are needed")
    kept = had + [CUSTOMER] * (CUSTOMER in everything)
    theirs, outcome = everything.loc[rows, kept], scores[rows]
    try:
        return Exposed(names, answers, ordered_logit(theirs, outcome), shares(theirs, outcome), "")
    except ValueError as refusal:
        return Exposed(names, answers, None, None, str(refusal))
