"""A panel taken apart: who left, whose row it is, of which month, and the facts; refused where it cannot be right.

A panel has a row per customer and month at risk; a plain table, without months, has a row per customer.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_hashable

from analytics.scores import SHOWN_FROM

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]

OUTCOMES = {"yes": 1, "no": 0, "true": 1, "false": 0, "1": 1, "0": 0, "1.0": 1, "0.0": 0}
"""What may stand in the column of the outcome, in small letters -> whether the customer left."""

DIFFERENT = 0.2
"""Different rows a row from which on equal ones are taken for copies; with a few coarse facts many are equal anyway."""

ISO_MONTH = r"\d{4}-\d{2}(-\d{2})?"
"""How a month is written as text, so that the order of texts is that of time."""

IDENTIFYING = 0.5
"""Different values a row from which on a column of texts says who a customer is, and nothing about others."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the columns of a panel that are no facts."""

    outcome: str = "churn"
    customer: str = "customer"
    month: str = "month"

    def facts(self, rows: pd.DataFrame) -> pd.DataFrame:
        """What is left of the rows: the facts."""
        return rows.drop(columns=[self.outcome, self.customer, self.month], errors="ignore")


@dataclass(frozen=True, slots=True)
class Table:
    """A checked panel. `customer`: a number per customer; `month`: a number per month in their order, or None."""

    outcome: Whole
    customer: Whole
    month: Whole | None
    months: tuple[str, ...]
    facts: pd.DataFrame

    def part(self, rows: npt.NDArray[np.bool_]) -> "Table":
        """The rows for which the mask is true."""
        month = None if self.month is None else self.month[rows]
        return Table(self.outcome[rows], self.customer[rows], month, self.months, self.facts[rows])

    def span(self) -> tuple[str, ...]:
        """The first and the last month; nothing of a plain table."""
        return () if self.month is None else (self.months[self.month.min()], self.months[self.month.max()])


def table(panel: pd.DataFrame, columns: Columns) -> Table:
    """The panel, checked.

    In a plain table without a column of customers, rows with equal facts count as one customer: copies of leavers, made
    to have more of them, would otherwise be learned from in one fold and recognised in another.

    Raises ValueError where a column is missing, an outcome or month is not known, a customer is there twice (in a
    month) or after having left, or a fact is a moment, infinite, or no value at all.
    """
    if panel.columns.has_duplicates:
        raise ValueError(f"two columns have one name: {_named(panel.columns[panel.columns.duplicated()])}")
    if columns.outcome not in panel:
        raise ValueError(f"there is no column {columns.outcome!r} that says who left: name it with outcome=")
    outcome, facts = _outcome(panel[columns.outcome]), as_read(columns.facts(panel)).reset_index(drop=True)
    dated = columns.month in panel
    if dated and columns.customer not in panel:
        raise ValueError(f"months without a column {columns.customer!r}: name the one that says whose row it is")
    customer = _customers(panel[columns.customer]) if columns.customer in panel else _alike(facts)
    month, months = _months(panel[columns.month]) if dated else (None, ())
    if columns.customer in panel:
        _check_once(customer, month, panel[columns.customer])
    if month is not None:
        _check_at_risk(customer, month, outcome, panel[columns.customer])
    return Table(outcome, customer, month, months, facts)


def check_both_happen(outcome: Whole, what: str) -> None:
    """Raise ValueError where too few left, or too few stayed, to learn or judge anything; `what`: for the message."""
    left, stayed = int(outcome.sum()), int((1 - outcome).sum())
    if not len(outcome):
        raise ValueError(f"{what} is empty: there is nobody to learn from")
    if min(left, stayed) < SHOWN_FROM:
        raise ValueError(
            f"in {what} {left} of {len(outcome)} rows end with leaving and {stayed} do not: "
            f"at least {SHOWN_FROM} of each are needed, so take a longer time or more customers"
        )


def _outcome(column: "pd.Series[Any]") -> Whole:
    if missing := int(column.isna().sum()):
        raise ValueError(f"whether the customer left is not known in {missing} rows: leave out what is not over yet")
    known = column.astype(str).str.strip().str.lower().map(OUTCOMES)
    if known.isna().any():
        other = column[known.isna()].iloc[0]
        raise ValueError(f"{str(other)!r} does not say whether a customer left: yes or no, true or false, 1 or 0 does")
    return np.asarray(known, dtype=np.int64)


def as_read(facts: pd.DataFrame) -> pd.DataFrame:
    """The facts with texts as names, and numbers as such where a column could hold anything.

    Raises ValueError where two have one name, or one is a moment, infinite, or holds lists or the like.
    """
    facts = facts.rename(columns=str).infer_objects()
    if facts.columns.has_duplicates:
        raise ValueError(f"two columns have one name: {_named(facts.columns[facts.columns.duplicated()])}")
    _check_facts(facts)
    return facts


def _check_facts(facts: pd.DataFrame) -> None:
    moments = facts.select_dtypes(["datetime", "datetimetz", "timedelta"]).columns
    if len(moments):
        raise ValueError(f"{_named(moments)}: a moment says nothing about the next customer; give its age in days")
    numbers = facts.select_dtypes("number")
    infinite = numbers.columns[np.isinf(numbers.to_numpy(np.float64, na_value=np.nan)).any(axis=0)]
    if len(infinite):
        raise ValueError(f"{_named(infinite)}: infinite; leave the value out where it is not known")
    for name in facts:
        if facts[name].dtype == object and not facts[name].map(is_hashable).all():
            raise ValueError(f"{name}: holds several values in one place; give a column for each")


def _customers(column: "pd.Series[Any]") -> Whole:
    if missing := int(column.isna().sum()):
        raise ValueError(f"{missing} rows do not say whose they are")
    return np.asarray(pd.factorize(column)[0], dtype=np.int64)


def _alike(facts: pd.DataFrame) -> Whole:
    """Rows with equal facts as one customer; every row as its own where the facts are so few that many are equal."""
    everybody = np.arange(len(facts), dtype=np.int64)
    if facts.columns.empty:
        return everybody
    found, different = pd.factorize(pd.util.hash_pandas_object(facts, index=False))
    return np.asarray(found, dtype=np.int64) if len(different) >= DIFFERENT * len(facts) else everybody


def _months(column: "pd.Series[Any]") -> tuple[Whole, tuple[str, ...]]:
    if missing := int(column.isna().sum()):
        raise ValueError(f"{missing} rows do not say of which month they are")
    if pd.api.types.is_string_dtype(column) and not (written := column.astype(str).str.fullmatch(ISO_MONTH)).all():
        raise ValueError(f"{column[~written].iloc[0]!r} is no month: write 2026-01, or count them")
    codes, months = pd.factorize(column, sort=True)
    if isinstance(months, pd.DatetimeIndex):
        months = months.strftime("%Y-%m")
        if months.has_duplicates:
            raise ValueError(f"{months[months.duplicated()][0]} has two dates: give every row the first of its month")
    return np.asarray(codes, dtype=np.int64), tuple(str(month) for month in months)


def _check_once(customer: Whole, month: Whole | None, names: "pd.Series[Any]") -> None:
    rows = pd.DataFrame({"customer": customer} if month is None else {"customer": customer, "month": month})
    twice = rows.duplicated()
    if twice.any():
        when = "; with a column of months there may be a row for each" if month is None else " in one month"
        raise ValueError(f"customer {names[twice.to_numpy()].iloc[0]} is there twice{when}")


def _check_at_risk(customer: Whole, month: Whole, outcome: Whole, names: "pd.Series[Any]") -> None:
    left_in = pd.Series(np.where(outcome == 1, month, np.inf)).groupby(customer).transform("min").to_numpy()
    if (late := month > left_in).any():
        raise ValueError(f"customer {names[late].iloc[0]} has rows of months after having left: leave them out")


def _named(columns: "pd.Index[Any]") -> str:
    return ", ".join(map(str, columns))
