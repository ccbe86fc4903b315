"""Customers who bought nothing more after a touchpoint, compared with the rest: an association, not an effect.

Of each kind a customer counts once, with the first touchpoint of the kind in the period: later ones of the same
customer are no independent evidence. Only touchpoints whose whole horizon has been observed count, so nobody is
called lost whose time is not over. The rest is every customer's first touchpoint of any other kind. Somebody who
had both is on both sides; as people who buy on tend to do so after either, the two shares then vary together,
and the interval of their difference, which takes them as independent, is rather too long than too short.
"""

from datetime import datetime, timedelta
from typing import TypedDict

import pandas as pd

from analytics.scores import SHOWN_FROM, State
from analytics.shares import newcombe, published

HORIZON = timedelta(days=90)


class ChurnRow(TypedDict):
    """One kind of touchpoint; shares in percent, differences in percentage points, None where hidden."""

    by: str
    value: str
    horizon_days: int
    n: int
    lost: int | None
    share: float | None
    low: float | None
    high: float | None
    rest_n: int
    rest_share: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    state: State


def churn_by_kind(
    firsts: pd.DataFrame, purchases: pd.DataFrame, *, observed_until: datetime, horizon: timedelta = HORIZON
) -> list[ChurnRow]:
    """One row per kind in `firsts`, in alphabetical order.

    `firsts`: columns customer, kind, at: the first touchpoint of each kind of each customer, one row each.
    `purchases`: columns customer, at: everything bought since. `at` is aware in both. A purchase counts when it
    comes after the touchpoint and at most `horizon` later; `observed_until` is when the records end.
    """
    watched = _watched(firsts, purchases, observed_until, horizon)
    kinds = sorted(firsts["kind"].unique())
    return [_row(kind, watched, horizon) for kind in kinds]


def _watched(
    firsts: pd.DataFrame, purchases: pd.DataFrame, observed_until: datetime, horizon: timedelta
) -> pd.DataFrame:
    """The touchpoints with a fully observed horizon, oldest first, and whether the customer was lost after it."""
    over = firsts[firsts["at"] + horizon <= observed_until].sort_values("at")
    bought = purchases.sort_values("at").assign(bought=True)
    watched = pd.merge_asof(
        over,
        bought,
        on="at",
        by="customer",
        direction="forward",
        allow_exact_matches=False,
        tolerance=pd.Timedelta(horizon),
    )
    return watched.assign(lost=watched["bought"].isna())


def _row(kind: str, watched: pd.DataFrame, horizon: timedelta) -> ChurnRow:
    own = watched[watched["kind"] == kind]
    rest = watched[watched["kind"] != kind].drop_duplicates("customer", keep="first")
    lost, n, rest_lost, rest_n = int(own["lost"].sum()), len(own), int(rest["lost"].sum()), len(rest)
    share, rest_share = published(lost, n), published(rest_lost, rest_n)
    low = high = difference = None
    if min(n, rest_n) >= SHOWN_FROM:
        low, high = (round(bound, 1) for bound in newcombe(lost, n, rest_lost, rest_n))
        difference = round(100 * (lost / n - rest_lost / rest_n), 1)
    return ChurnRow(
        by="kind",
        value=kind,
        horizon_days=horizon.days,
        n=n,
        lost=share["count"],
        share=share["share"],
        low=share["low"],
        high=share["high"],
        rest_n=rest_n,
        rest_share=rest_share["share"] if difference is not None else None,
        difference=difference,
        difference_low=low,
        difference_high=high,
        state=share["state"],
    )
