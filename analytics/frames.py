"""The only crossing from the tables to data frames: columns with fixed types, whatever the rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from analytics.period import Period
from contacts.models import Touchpoint
from contacts.models.customers import PERSON

PURCHASE = "purchase"
"""The kind of touchpoint that proves that a customer has stayed."""

MOMENT = "datetime64[us, UTC]"
TYPES = {
    "customer": "int64",
    "kind": "category",
    "at": MOMENT,
}


def touchpoints(period: Period) -> pd.DataFrame:
    """All touchpoints of the period: columns customer, kind, at. Merged records are one customer."""
    rows = Touchpoint.objects.filter(period.holds("occurred_at")).values_list(PERSON, "kind", "occurred_at")
    return _typed(rows.iterator(chunk_size=5000), ("customer", "kind", "at"))


def purchases(at: datetime) -> pd.DataFrame:
    """All purchases up to a moment, whatever the period: columns customer, at."""
    bought = Touchpoint.objects.filter(occurred_at__lte=at, kind=PURCHASE).values_list(PERSON, "occurred_at")
    return _typed(bought.iterator(chunk_size=5000), ("customer", "at"))


def of_rows(rows: Sequence[Mapping[str, Any]], columns: Iterable[str]) -> pd.DataFrame:
    """The report's rows as a frame for the charts; the columns are there without rows too."""
    return pd.DataFrame(rows, columns=list(columns))


def _typed(rows: Iterable[tuple[Any, ...]], columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame.from_records(list(rows), columns=list(columns))
    return frame.astype({column: TYPES[column] for column in columns})
