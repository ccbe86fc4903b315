"""The only crossing from the tables to data frames: columns with fixed types, whatever the rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from analytics.scope import Scope
from contacts.models import Decision, Touchpoint
from contacts.models.customers import PERSON
from contacts.models.words import RELEASED, Purpose

PURCHASE = "purchase"
"""The kind of touchpoint that proves that a customer has stayed."""

MOMENT = "datetime64[us, UTC]"
TYPES = {
    "customer": "int64",
    "kind": "category",
    "at": MOMENT,
    "decision": "int64",
    "touchpoint": "int64",
    "customer_id": "str",
    "program": "category",
    "design": "float64",
    "sampled": "bool",
    "eligible": "bool",
    "asked": "bool",
}


def touchpoints(scope: Scope) -> pd.DataFrame:
    """All touchpoints of the scope: columns customer, kind, at. Merged records are one customer."""
    rows = scope.touchpoints().values_list(PERSON, "kind", "occurred_at")
    return _typed(rows.iterator(chunk_size=5000), ("customer", "kind", "at"))


def purchases(at: datetime) -> pd.DataFrame:
    """All purchases up to a moment, whatever the period: columns customer, at."""
    bought = Touchpoint.objects.filter(occurred_at__lte=at, kind=PURCHASE).values_list(PERSON, "occurred_at")
    return _typed(bought.iterator(chunk_size=5000), ("customer", "at"))


def planned(scope: Scope) -> pd.DataFrame:
    """All decisions of planning about touchpoints in the scope, a row each.

    Columns: decision, touchpoint, customer (the person), customer_id (in the system that they came from), program,
    kind, at, design, sampled, eligible (false: refused, or no address), asked (a place that was not given back, or a
    case for interviewers, who take a place with each call).
    """
    decisions = scope.decisions().filter(stage=Decision.Stage.PLAN, touchpoint__isnull=False)
    columns = ("decision", "touchpoint", "customer", "customer_id", "program", "kind", "at", "design")
    rows = decisions.order_by("decided_at", "pk").values_list(
        *("pk", "touchpoint", PERSON, "customer__external_id", "program", "touchpoint__kind", "decided_at"),
        *("probability", "reasons", "contact__outcome", "purpose", "result"),
    )
    known = len(columns)
    told = ((*row[:known], *_fate(*row[known:])) for row in rows.iterator(chunk_size=5000))
    return _typed(told, (*columns, "sampled", "eligible", "asked"))


def _fate(
    reasons: Sequence[Mapping[str, str]], outcome: str | None, purpose: str, result: str
) -> tuple[bool, bool, bool]:
    """Whether the touchpoint was drawn, whether any channel was open to the customer, and whether we asked."""
    channels = {reason["channel"] for reason in reasons}
    refused = {reason["channel"] for reason in reasons if reason["kind"] == "consent"}
    drawn = all(reason["kind"] != "sampling" for reason in reasons)
    to_be_called = purpose == Purpose.CALL and result != Decision.Result.SKIP
    asked = to_be_called or (outcome is not None and outcome not in RELEASED)
    return drawn, not reasons or channels > refused, asked


def of_rows(rows: Sequence[Mapping[str, Any]], columns: Iterable[str]) -> pd.DataFrame:
    """The report's rows as a frame for the charts; the columns are there without rows too."""
    return pd.DataFrame(rows, columns=list(columns))


def as_rows(frame: pd.DataFrame, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The rows of a frame as plain Python values, in the order of the columns; None where there is no number."""
    plain = frame[list(columns)].astype(object)
    yield from plain.where(plain.notna(), None).itertuples(index=False, name=None)


def _typed(rows: Iterable[tuple[Any, ...]], columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame.from_records(list(rows), columns=list(columns))
    return frame.astype({column: TYPES[column] for column in columns})
