"""What customers said about aspects, and what they scored: checked columns as numbers, before anything is computed."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api import types

from analytics.points import Floats, Whole
from analytics.scores import SHOWN_FROM

Aspects = pd.DataFrame | npt.ArrayLike
"""A row per answer and a column per aspect; without names they are numbered from 0."""

CUSTOMER = "customer"
"""Column of the aspects that is none: whose rows are one piece of evidence."""


@dataclass(frozen=True, slots=True)
class Ratings:
    """A row per answer: the aspects as numbers, the outcome, and the customer, numbered from 0."""

    names: tuple[str, ...]
    aspects: Floats
    outcome: npt.NDArray[np.object_]
    customer: Whole


def read(X: Aspects, y: pd.Series | npt.ArrayLike) -> Ratings:  # noqa: N803 - the names of statistics
    """The columns as arrays. Raises ValueError naming the column that cannot be used, and why."""
    aspects, scores = side_by_side(X, y)
    names = [str(name) for name in aspects.columns if name != CUSTOMER]
    if not names:
        raise ValueError("there are no aspects: give a column for each")
    if len(aspects) < len(names) + 2:
        raise ValueError(f"{len(aspects)} rows are too few for {len(names)} aspects: leave some out")
    if scores.isna().any():
        raise ValueError(f"the outcome is empty in {int(scores.isna().sum())} rows: leave them out")
    if scores.nunique() < 2:
        raise ValueError("the outcome is the same in all rows: nothing can drive it")
    numbers = [_numbers(aspects[name]) for name in aspects.columns if name != CUSTOMER]
    customer = _customers(aspects)
    if customer.max() + 1 < SHOWN_FROM:
        raise ValueError(f"the answers are those of {customer.max() + 1} customers: {SHOWN_FROM} are needed")
    ratings = Ratings(tuple(names), np.column_stack(numbers), scores.to_numpy(dtype=object), customer)
    _refuse_what_cannot_be_told_apart(ratings)
    return ratings


def side_by_side(X: Aspects, y: pd.Series | npt.ArrayLike) -> tuple[pd.DataFrame, pd.Series]:  # noqa: N803
    """Aspects and outcome with one index. Raises ValueError where their rows differ, or two columns have one name."""
    aspects = (X if isinstance(X, pd.DataFrame) else pd.DataFrame(np.asarray(X))).infer_objects()
    if aspects.columns.has_duplicates:
        raise ValueError(f"two columns are named {aspects.columns[aspects.columns.duplicated()][0]!r}")
    if np.ndim(y) != 1:
        raise ValueError("the outcome is one column: a value for each row of the aspects")
    scores = y if isinstance(y, pd.Series) else pd.Series(y)
    if len(scores) != len(aspects):
        raise ValueError(f"there are {len(aspects)} rows of aspects and {len(scores)} of the outcome")
    if not isinstance(y, pd.Series):
        scores = scores.set_axis(aspects.index)
    if not scores.index.equals(aspects.index):
        raise ValueError("the rows of the outcome are not those of the aspects: their indexes differ")
    return aspects, scores.infer_objects()


def _numbers(column: pd.Series) -> Floats:
    empty = int(column.isna().sum())
    if empty:
        raise ValueError(
            f"the column {column.name!r} is empty in {empty} of {len(column)} rows. Customers rate only what they had: "
            "`by_exposure` takes those together who had the same"
        )
    if not (types.is_numeric_dtype(column) or types.is_bool_dtype(column)):
        raise ValueError(f"the column {column.name!r} holds no numbers: make a column of 0 and 1 for each value")
    numbers = column.to_numpy(dtype=float)
    if not np.isfinite(numbers).all():
        raise ValueError(f"the column {column.name!r} holds an infinite number")
    if numbers.min() == numbers.max() or not numbers.std() > 0:
        raise ValueError(f"the column {column.name!r} is the same in all rows: leave it out")
    return numbers


def _customers(aspects: pd.DataFrame) -> Whole:
    if CUSTOMER not in aspects:
        return np.arange(len(aspects))
    if aspects[CUSTOMER].isna().any():
        raise ValueError(f"the column 'customer' is empty in {int(aspects[CUSTOMER].isna().sum())} rows")
    return np.asarray(pd.factorize(aspects[CUSTOMER])[0], dtype=np.intp)


def _refuse_what_cannot_be_told_apart(ratings: Ratings) -> None:
    centred = ratings.aspects - ratings.aspects.mean(axis=0)
    scaled = centred / centred.std(axis=0)
    distances = np.abs(np.diagonal(np.linalg.qr(scaled, mode="r"))) / np.sqrt(len(scaled))
    for name, distance in zip(ratings.names, distances, strict=True):
        if distance < 1e-7:
            raise ValueError(f"the column {name!r} follows from those before it: leave it or one of them out")
