"""Weights that give the answers the known totals of all customers."""

import math
from collections.abc import Hashable, Mapping
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from analytics.weighting.weights import CLOSE, Column, Weights, aligned, check_columns, check_weights, finished

ROUNDS = 1000

Margins = Mapping[str, Mapping[Any, float] | pd.Series]
"""Column -> category -> how many there are in all."""


def rake(
    frame: pd.DataFrame,
    margins: Margins,
    *,
    base: Column | None = None,
    trim: float | None = None,
) -> Weights:
    """Weights of the answers whose totals are those of the margins: each margin is scaled in turn until all fit.

    `frame`: a row per answer, a column per margin. `margins`: column -> category -> known total, such as
    `{"segment": {"mass": 8000, "vip": 2000}}`. For totals of combinations, make one column of both.
    `base`: weights to start from, by default 1 each, such as those for response. `trim`: the largest weight, as a
    multiple of their mean; `off` says what that costs. Source: Deming and Stephan, "On a Least Squares Adjustment of
    a Sampled Frequency Table", Annals of Mathematical Statistics 11, 1940.

    Raises ValueError, naming margin and category, for a margin without its column, categories without answers or
    without a total, totals that are none or that differ between margins, and margins that cannot all be met.
    """
    known_totals = {column: dict(totals) for column, totals in margins.items()}
    _check_margins(frame, known_totals)
    start = pd.Series(1.0, index=frame.index) if base is None else aligned("base", base, frame.index).astype(float)
    check_weights(start)
    codes = {column: pd.factorize(frame[column]) for column in known_totals}
    targets = {
        column: np.array([known_totals[column][category] for category in known]) for column, (_, known) in codes.items()
    }
    weights = start.to_numpy(copy=True)
    for _ in range(ROUNDS):
        furthest = 0.0
        for column, (code, _known) in codes.items():
            factors = targets[column] / np.bincount(code, weights)
            furthest = max(furthest, float(np.abs(factors - 1).max()))
            weights *= factors[code]
        if furthest < CLOSE:
            break
    else:
        raise ValueError(f"{' and '.join(margins)}: no weights fit all of them, as too few combinations were answered")
    fitted_to = pd.get_dummies(frame[list(margins)].astype("category"), dtype=float)
    return finished(pd.Series(weights, index=frame.index), base=start, fitted_to=fitted_to, trim=trim)


def _check_margins(frame: pd.DataFrame, margins: Mapping[str, Mapping[Any, float]]) -> None:
    if not margins:
        raise ValueError("margins: name at least one column with its totals")
    if frame.empty:
        raise ValueError("the frame: there are no answers to weight")
    check_columns(frame, margins)
    for column, totals in margins.items():
        _check_margin(column, totals, set(frame[column]))
    first, *others = margins
    for other in others:
        ours, theirs = sum(margins[first].values()), sum(margins[other].values())
        if abs(ours - theirs) > 1e-6 * ours:
            raise ValueError(f"{first} and {other}: their totals differ, {ours:g} and {theirs:g}")


def _check_margin(column: str, totals: Mapping[Hashable, float], answered: set[Hashable]) -> None:
    for category, total in totals.items():
        if not _is_total(total):
            raise ValueError(f"{column}: {category} needs a total above 0, not {total}")
        if category not in answered:
            raise ValueError(
                f"{column}: nobody answered of {category} ({total:g}): put it together with another category"
            )
    for category in answered - set(totals):
        raise ValueError(f"{column}: there are answers of {category}, but no total")


def _is_total(total: object) -> bool:
    """Whether it is one: what comes from a file may be a word, or nothing."""
    return isinstance(total, Real) and 0 < float(total) < math.inf
