"""What had happened to a customer before a moment: events joined to rows that have one, and nothing later than it.

Rows: columns customer and start (aware). Events: customer and at, and their values.
"""

from datetime import timedelta

import numpy as np
import pandas as pd

from analytics.churn.table import Whole


def in_order(events: pd.DataFrame, values: list[str]) -> pd.DataFrame:
    """Events in order of time, in UTC: customer, the values, at."""
    moment = pd.to_datetime(events["at"], utc=True).dt.as_unit("us")
    return events[["customer", *values]].assign(at=moment).sort_values("at", kind="stable")


def last_before(rows: pd.DataFrame, events: pd.DataFrame, at: str) -> pd.DataFrame:
    """The rows, which are in order of `start`, with the newest event of the customer before it; `at`: when that was."""
    events = events.astype({"customer": rows["customer"].dtype})
    return pd.merge_asof(rows, events, left_on="start", right_on=at, by="customer", allow_exact_matches=False)


def so_far(rows: pd.DataFrame, events: pd.DataFrame) -> Whole:
    """How many of the ordered events each customer had before the start of each row."""
    numbered = events.assign(so_far=events.groupby("customer").cumcount() + 1).rename(columns={"at": "happened_at"})
    found = last_before(rows, numbered, "happened_at")["so_far"]
    return found.fillna(0).to_numpy(np.int64)


def within(rows: pd.DataFrame, events: pd.DataFrame, span: timedelta) -> Whole:
    """How many of the ordered events each customer had in the time `span` before the start of each row."""
    return so_far(rows, events) - so_far(rows.assign(start=rows["start"] - span), events)
