"""Rows as frames with fixed types, and back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

import pandas as pd

MOMENT = "datetime64[us, UTC]"
AT_ONCE = 5000
"""Rows that a query hands over at once."""
A_PART = 100_000
"""Rows that are Python's objects at the same time, which take many times the memory of a frame's."""
TYPES = {
    "customer": "int64",
    "kind": "category",
    "outcome": "str",
    "at": MOMENT,
    "answered_at": MOMENT,
    "decision": "int64",
    "touchpoint": "int64",
    "response": "int64",
    "customer_id": "str",
    "program": "category",
    "design": "float64",
    "sampled": "bool",
    "eligible": "bool",
    "asked": "bool",
    "own": MOMENT,
    "responded": "bool",
    "score": "float64",
    "what": "str",
    "team": "str",
    "channel": "str",
    "aspect": "str",
    "rating": "float64",
}


def typed(rows: Iterable[tuple[Any, ...]], columns: Sequence[str]) -> pd.DataFrame:
    """The rows as a frame whose columns have the types of `TYPES`, also without rows."""
    types = {column: TYPES[column] for column in columns}
    rows = iter(rows)
    first, *others = (
        pd.DataFrame.from_records(part, columns=list(columns)).astype(types)
        for part in chain([list(islice(rows, A_PART))], iter(lambda: list(islice(rows, A_PART)), []))
    )
    # Parts with other categories become texts when they are put together.
    return pd.concat([first, *others], ignore_index=True).astype(types) if others else first


def of_rows(rows: Sequence[Mapping[str, Any]], columns: Iterable[str]) -> pd.DataFrame:
    """The report's rows as a frame for the charts; the columns are there without rows too."""
    return pd.DataFrame(rows, columns=list(columns))


def as_rows(frame: pd.DataFrame, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The rows of a frame as plain Python values, in the order of the columns; None where there is no number."""
    plain = frame[list(columns)].astype(object)
    yield from plain.where(plain.notna(), None).itertuples(index=False, name=None)
