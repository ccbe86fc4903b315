"""What customers experienced and bought."""

from datetime import datetime

import pandas as pd

from analytics.frames.typed import AT_ONCE, typed
from analytics.scope import Scope
from contacts.brands import visible_to
from contacts.models import Touchpoint
from contacts.models.customers import PERSON
from contacts.readers import EVERYTHING, Reader

PURCHASE = "purchase"
"""The kind of touchpoint that proves that a customer has stayed."""


def touchpoints(scope: Scope) -> pd.DataFrame:
    """All touchpoints of the scope: columns customer, kind, at. Merged records are one customer."""
    rows = scope.touchpoints().values_list(PERSON, "kind", "occurred_at")
    return typed(rows.iterator(chunk_size=AT_ONCE), ("customer", "kind", "at"))


def outcomes(scope: Scope) -> pd.DataFrame:
    """The same of those that say how they ended, with the column outcome."""
    rows = scope.touchpoints().exclude(outcome="").values_list(PERSON, "kind", "outcome", "occurred_at")
    return typed(rows.iterator(chunk_size=AT_ONCE), ("customer", "kind", "outcome", "at"))


def purchases(at: datetime, reader: Reader = EVERYTHING) -> pd.DataFrame:
    """All purchases up to a moment that somebody may read, whatever the period: columns customer, at."""
    made = visible_to(reader, Touchpoint.objects.filter(occurred_at__lte=at, kind=PURCHASE))
    bought = made.values_list(PERSON, "occurred_at")
    return typed(bought.iterator(chunk_size=AT_ONCE), ("customer", "at"))


def recorded_until(purchases: pd.DataFrame) -> datetime:
    """When the records of purchases (not empty) end: with the last one of anybody.

    Nobody is called lost or silent for time after it.
    """
    last: datetime = purchases["at"].max().to_pydatetime()
    return last
