"""What is known of everybody who was invited, as terms of a model: words and few numbers as groups, many as a curve."""

import numpy as np
import pandas as pd
from pandas.api import types

from analytics.points import Bools, Floats

GROUPS_UP_TO = 10
"""Different numbers up to which each is a group of its own; more become a curve."""
WORDS_UP_TO = 50
"""Different words that a column may hold; more are names of persons or things, not groups of them."""
BY_CHANCE = 1e-6
KNOTS = (0.05, 0.35, 0.65, 0.95)
"""Quantiles between which a curve bends: Harrell, Regression Modeling Strategies, 2nd edition 2015, table 2.3."""


def terms(column: pd.Series) -> Floats:
    """A row per row and a column per term, none for a column with one value.

    Raises ValueError for a column that is empty in places, holds dates, infinite numbers or too many words.
    """
    _refuse_what_is_no_covariate(column)
    values = column.nunique()
    if types.is_numeric_dtype(column) and values > GROUPS_UP_TO:
        return _curve(column.to_numpy(dtype=float))
    return pd.get_dummies(column, drop_first=True, dtype=float).loc[:, lambda made: made.any()].to_numpy()


def tells(column: pd.Series, happened: Bools) -> bool:
    """Whether the column alone says for every row what happened: perfect separation, of which no model can be made."""
    if types.is_numeric_dtype(column) and column.nunique() > GROUPS_UP_TO:
        values = column.to_numpy(dtype=float)
        yes, no = values[happened], values[~happened]
        return bool(len(yes) and len(no) and (yes.min() > no.max() or no.min() > yes.max()))
    shares = pd.Series(happened).groupby(column.to_numpy()).mean()
    return bool(shares.isin([0, 1]).all() and shares.nunique() == 2)


def all_of_them(column: pd.Series, happened: Bools) -> list[object]:
    """The groups of a column to all of which it happened, where chance alone would do that once in a million times."""
    if column.empty or (types.is_numeric_dtype(column) and column.nunique() > GROUPS_UP_TO):
        return []
    told = pd.Series(happened).groupby(column.to_numpy()).agg(["mean", "size"])
    return list(told.index[(told["mean"] == 1) & (happened.mean() ** told["size"] < BY_CHANCE)])


def independent(design: Floats) -> Bools:
    """Which columns of a design say something that those before them do not: the others change no prediction."""
    distances = np.abs(np.diagonal(np.linalg.qr(design, mode="r")))
    kept = np.zeros(design.shape[1], dtype=bool)
    kept[: len(distances)] = distances > 1e-9 * np.linalg.norm(design, axis=0)[: len(distances)]
    return kept


def _refuse_what_is_no_covariate(column: pd.Series) -> None:
    empty = int(column.isna().sum())
    if empty:
        raise ValueError(
            f"the column {column.name!r} is empty in {empty} of {len(column)} rows: fill them in "
            "(a word such as 'unknown' will do) or leave the column out"
        )
    if types.is_datetime64_any_dtype(column) or types.is_timedelta64_dtype(column):
        raise ValueError(f"the column {column.name!r} holds dates: give a number instead, such as days since then")
    if types.is_numeric_dtype(column):
        if not np.isfinite(column.to_numpy(dtype=float)).all():
            raise ValueError(f"the column {column.name!r} holds an infinite number")
    elif column.nunique() > WORDS_UP_TO:
        raise ValueError(
            f"the column {column.name!r} has {column.nunique()} different values: "
            f"group them into {WORDS_UP_TO} or fewer, or leave the column out"
        )


def _curve(values: Floats) -> Floats:
    """A restricted cubic spline: a cubic between the knots, a line beyond them (Harrell 2015, equation 2.25)."""
    scaled = (values - values.mean()) / values.std()
    knots = np.unique(np.quantile(scaled, KNOTS))
    if len(knots) < 3:
        return np.column_stack([scaled])
    last, before = knots[-1], knots[-2]

    def above(knot: float) -> Floats:
        cubed: Floats = np.maximum(scaled - knot, 0.0) ** 3
        return cubed

    bends = [
        above(knot) - (above(before) * (last - knot) - above(last) * (before - knot)) / (last - before)
        for knot in knots[:-2]
    ]
    return np.column_stack([scaled, *(bend / (last - knots[0]) ** 2 for bend in bends)])
