"""Customers who bought nothing more after a touchpoint, compared with the rest: an association, not an effect.

Of each kind a customer counts once, with the first touchpoint of the kind in the period: later ones of the same
customer are no independent evidence. Only touchpoints whose whole horizon has been observed count, so nobody is
called lost whose time is not over.

The rest are first touchpoints of other kinds, of customers who had bought equally often by then: who buys often also
calls, writes and gets parcels often, and without this every kind would look as if it kept customers. The shares of
the rest in the strata are averaged with the weights of the kind (direct standardisation), and count in the interval
as many customers as the weights leave (Kish). Somebody can be on both sides; as people who buy on tend to do so after
either, the interval, which takes the sides as independent, is rather too long than too short.
"""

from datetime import datetime, timedelta
from typing import TypedDict

import numpy as np
import pandas as pd

from analytics.churn.losses import silence_after
from analytics.scores import SHOWN_FROM, State
from analytics.shares import newcombe, published

HORIZON = timedelta(days=90)

STRATA = (1, 2, 3, 5, 9)
"""Purchases so far from which on a customer belongs to the next stratum."""


class Difference(TypedDict):
    """The kind's share less that of the comparable rest, in percentage points, with its 95% interval."""

    rest_n: int
    rest_share: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None


class ChurnRow(Difference):
    """One kind of touchpoint: `lost` of `n` customers, the share in percent with its 95% interval; None is hidden."""

    by: str
    value: str
    horizon_days: int
    n: int
    lost: int | None
    share: float | None
    low: float | None
    high: float | None
    state: State


def churn_by_kind(
    touchpoints: pd.DataFrame, purchases: pd.DataFrame, *, observed_until: datetime, horizon: timedelta = HORIZON
) -> list[ChurnRow]:
    """One row per kind in `touchpoints`, in alphabetical order.

    `touchpoints`: columns customer, kind, at: all of the period. `purchases`: columns customer, at: all that are
    known, also from before. `at` is aware in both. A purchase saves the customer when it comes after the touchpoint
    and at most `horizon` later; `observed_until` is when the records end.
    """
    watched = _watched(touchpoints, purchases, observed_until, horizon)
    return [_row(str(kind), watched, horizon) for kind in sorted(touchpoints["kind"].unique())]


def _watched(
    touchpoints: pd.DataFrame, purchases: pd.DataFrame, observed_until: datetime, horizon: timedelta
) -> pd.DataFrame:
    """The touchpoints with a fully observed horizon, oldest first: `lost` after it, and `stratum` at the time of it."""
    after = silence_after(touchpoints, purchases, observed_until=observed_until, horizon=horizon)
    bought = purchases.drop_duplicates().sort_values("at")
    counted = bought.assign(so_far=bought.groupby("customer").cumcount() + 1)
    before = pd.merge_asof(after, counted, on="at", by="customer")
    return after.assign(stratum=np.searchsorted(STRATA, before["so_far"].fillna(0), side="right"))


def _row(kind: str, watched: pd.DataFrame, horizon: timedelta) -> ChurnRow:
    of_kind = watched["kind"] == kind
    own = watched[of_kind].drop_duplicates("customer")
    share = published(int(own["lost"].sum()), len(own))
    return {
        "by": "kind",
        "value": kind,
        "horizon_days": horizon.days,
        "n": share["n"],
        "lost": share["count"],
        "share": share["share"],
        "low": share["low"],
        "high": share["high"],
        **_difference(own, watched[~of_kind].drop_duplicates(["customer", "stratum"])),
        "state": share["state"],
    }


def _difference(own: pd.DataFrame, rest: pd.DataFrame) -> Difference:
    """Over the strata in which the rest has enough customers; hidden where too few of the kind are in them."""
    strata = rest.groupby("stratum")["lost"].agg(["mean", "size"])
    strata = strata[(strata["size"] >= SHOWN_FROM) & strata.index.isin(own["stratum"])]
    own = own[own["stratum"].isin(strata.index)]
    rest_n = int(rest.loc[rest["stratum"].isin(strata.index), "customer"].nunique())
    n, lost = len(own), int(own["lost"].sum())
    if n < SHOWN_FROM:
        return Difference(rest_n=rest_n, rest_share=None, difference=None, difference_low=None, difference_high=None)
    weights = own["stratum"].value_counts(normalize=True).reindex(strata.index)
    rest_share = float((weights * strata["mean"]).sum())
    effective_n = float(1 / (weights**2 / strata["size"]).sum())
    low, high = newcombe(lost, n, rest_share * effective_n, effective_n)
    return Difference(
        rest_n=rest_n,
        rest_share=round(100 * rest_share, 1),
        difference=round(100 * (lost / n - rest_share), 1),
        difference_low=round(low, 1),
        difference_high=round(high, 1),
    )
