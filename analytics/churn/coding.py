"""Facts as columns of numbers for the hazard model: bands of tenure, a step for each count, a flag for the unknown.

What a customer never did (answered, complained) is a missing value, and said as such: it has a column of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.churn.table import IDENTIFYING, Real

TENURE = "tenure"
"""The fact, in months, that has bands: leaving is most likely at first, and no straight line says how much."""
BANDS = (1, 2, 3, 4, 6, 9, 12, 18, 24, 36, 48, 60)
"""Months of tenure from which on a customer belongs to the next band."""
MOST_STEPS = 12
"""A fact of whole numbers from 0 on with at most so many different ones is a count, and may act in steps."""
ROWS_OF_A_STEP = 30
"""Rows that a level needs to have an effect of its own; rarer counts join the one below, rarer choices each other."""
RARE = "(rare)"
UNKNOWN = "(not known)"


@dataclass(frozen=True, slots=True)
class Number:
    """A fact that acts in proportion; where it is not known, the mean stands for it beside a flag."""

    name: str
    mean: float

    def columns(self, fact: "pd.Series[Any]") -> Real:
        """Two columns: the number, and whether it is missing."""
        given = numbers(fact)
        missing = np.isnan(given)
        return np.column_stack([np.where(missing, self.mean, given), missing])


@dataclass(frozen=True, slots=True)
class Levels:
    """A fact each level of which has an effect of its own. `cuts`: lower bounds of bands, or none for choices."""

    name: str
    levels: tuple[str, ...]
    cuts: tuple[float, ...] | None

    def columns(self, fact: "pd.Series[Any]") -> Real:
        """A column per level; NaN in all of them where the level was never seen."""
        place = pd.Index(self.levels, dtype=object).get_indexer(pd.Index(labels(fact, self.cuts), dtype=object))
        if RARE in self.levels:
            place[place < 0] = self.levels.index(RARE)
        columns = np.eye(len(self.levels))[place]
        columns[place < 0] = np.nan
        return columns


Code = Number | Levels


def codes(facts: pd.DataFrame) -> tuple[Code, ...]:
    """How each fact becomes columns, as learned from rows of customers."""
    return tuple(_code(facts[name]) for name in facts)


def is_number(fact: "pd.Series[Any]") -> bool:
    """Whether a fact is measured; what only says yes or no is a choice."""
    return pd.api.types.is_numeric_dtype(fact) and not pd.api.types.is_bool_dtype(fact)


def numbers(fact: "pd.Series[Any]") -> Real:
    """The values of a measured fact, also where they are written as text; NaN where there is none.

    Raises ValueError for a word.
    """
    if is_number(fact):
        return np.asarray(fact.to_numpy(np.float64, na_value=np.nan))
    given = pd.to_numeric(fact.astype(object), errors="coerce")
    unread = fact[given.isna() & fact.notna()]
    words = unread[unread.astype(str).str.strip() != ""]
    if len(words):
        raise ValueError(f"{fact.name}: {str(words.iloc[0])!r} is no number")
    return np.asarray(given.to_numpy(np.float64, na_value=np.nan))


def usable(facts: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The facts that can tell customers apart, and a note on each that is left out, or read as numbers."""
    written = [name for name in facts if _names_customers(facts[name]) and _are_numbers(facts[name])]
    facts = facts.assign(**{str(name): numbers(facts[name]) for name in written})
    alike = [name for name in facts if facts[name].nunique(dropna=False) < 2]
    named = [name for name in facts.columns.difference(alike, sort=False) if _names_customers(facts[name])]
    notes = [f"{name} is the same for everybody and left out" for name in alike]
    notes += [f"{name} has a value of its own for nearly every customer and is left out" for name in named]
    notes += [f"{name} is text and read as numbers" for name in written]
    return facts.drop(columns=[*alike, *named]), tuple(notes)


def labels(fact: "pd.Series[Any]", cuts: tuple[float, ...] | None) -> "pd.Series[Any]":
    """The level of each row, in words: the choice itself, or the band such as `4 to 5` or `60 and more`."""
    if cuts is None:
        return fact.astype(object).where(fact.notna(), UNKNOWN).astype(str)
    given = numbers(fact)
    names = np.array(_names(cuts), dtype=object)
    found = names[np.clip(np.searchsorted(cuts, given, side="right") - 1, 0, len(cuts) - 1)]
    return pd.Series(np.where(np.isnan(given), UNKNOWN, found), index=fact.index)


def _code(fact: "pd.Series[Any]") -> Code:
    name = str(fact.name)
    if not is_number(fact):
        return Levels(name, _frequent(labels(fact, None)), None)
    given = numbers(fact)
    known = given[~np.isnan(given)]
    cuts: tuple[float, ...] | None = None
    if name == TENURE:
        cuts = _filled(known, (min(0.0, float(known.min())), *BANDS))
    elif _is_count(known):
        cuts = _filled(known, tuple(np.unique(known).tolist()))
    if cuts is None:
        return Number(name, float(known.mean()))
    return Levels(name, tuple(labels(fact, cuts).unique().tolist()), cuts)


def _is_count(known: npt.NDArray[np.float64]) -> bool:
    different = np.unique(known)
    return 2 < len(different) <= MOST_STEPS and bool((different >= 0).all() and (different % 1 == 0).all())


def _filled(known: npt.NDArray[np.float64], cuts: Sequence[float]) -> tuple[float, ...]:
    """The cuts between which enough rows lie; what is rarer joins the level below it."""
    kept = [cuts[0]]
    for cut in cuts[1:]:
        if (known >= cut).sum() >= ROWS_OF_A_STEP and ((known >= kept[-1]) & (known < cut)).sum() >= ROWS_OF_A_STEP:
            kept.append(cut)
    return tuple(kept)


def _frequent(choices: "pd.Series[Any]") -> tuple[str, ...]:
    counts = choices.value_counts(sort=False)
    kept = counts[(counts >= ROWS_OF_A_STEP) | (counts.index == UNKNOWN)].index.tolist()
    return (*kept, RARE) if len(kept) < len(counts) else tuple(kept)


def _names(cuts: tuple[float, ...]) -> list[str]:
    between = [f"{a:g}" if b - a <= 1 else f"{a:g} to {b - 1:g}" for a, b in pairwise(cuts)]
    return [*between, f"{cuts[-1]:g} and more"]


def _names_customers(fact: "pd.Series[Any]") -> bool:
    return not is_number(fact) and fact.nunique() > max(MOST_STEPS, IDENTIFYING * len(fact))


def _are_numbers(fact: "pd.Series[Any]") -> bool:
    try:
        numbers(fact)
    except ValueError:
        return False
    return True
