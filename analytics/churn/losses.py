"""When a customer without a contract counts as lost: by a stated rule, as nobody gives notice."""

from datetime import datetime, timedelta

import pandas as pd


def lost_by_silence(purchases: pd.DataFrame, *, quiet: timedelta, observed_until: datetime) -> pd.DataFrame:
    """One row per customer: customer, joined_at (the first purchase), left_at (NaT: still there).

    `purchases`: columns customer and at (aware). A customer is lost at the moment at which `quiet` has passed since a
    purchase without another one; a purchase exactly then is in time. Who comes back later was lost all the same, and
    is won back: only the first loss counts. `observed_until` is when the records end, so whoever bought later than
    `quiet` before it is still there. That everybody gets lost this way who lives long enough is the rule's doing: say
    it beside the number.

    Raises ValueError for a purchase without customer or moment, or after the records end, and for no time of silence.
    """
    if quiet <= timedelta(0):
        raise ValueError("the time of silence after which a customer is lost has to be longer than nothing")
    check_moments(purchases, "purchases", observed_until)
    bought = purchases[["customer", "at"]].drop_duplicates().sort_values(["customer", "at"])
    by_customer = bought.groupby("customer")["at"]
    over = bought["at"] + quiet
    followed = by_customer.shift(-1) <= over
    lost = over.where(~followed & (over <= observed_until))
    found = pd.DataFrame({"joined_at": by_customer.min(), "left_at": lost.groupby(bought["customer"]).min()})
    return found.rename_axis("customer").reset_index()


def silence_after(
    touchpoints: pd.DataFrame, purchases: pd.DataFrame, *, observed_until: datetime, horizon: timedelta
) -> pd.DataFrame:
    """The touchpoints whose horizon has been observed in full, oldest first; `lost`: whether no purchase followed.

    `touchpoints`: customer, at, and whatever else is kept. `purchases`: customer, at. A purchase follows when it comes
    after the touchpoint and at most `horizon` later.
    """
    followed = pd.merge_asof(
        touchpoints[touchpoints["at"] + horizon <= observed_until].sort_values("at"),
        purchases[["customer", "at"]].drop_duplicates().sort_values("at").assign(bought=True),
        on="at",
        by="customer",
        direction="forward",
        allow_exact_matches=False,
        tolerance=pd.Timedelta(horizon),
    )
    return followed.assign(lost=followed["bought"].isna()).drop(columns="bought")


def check_moments(rows: pd.DataFrame, what: str, observed_until: datetime, column: str = "at") -> None:
    """Raise ValueError where a row does not say whose, when and in which zone, or lies after the end of the records."""
    if missing := [name for name in ("customer", column) if name not in rows]:
        raise ValueError(f"the {what} have no column {missing[0]!r}")
    if observed_until.tzinfo is None:
        raise ValueError("the end of the records needs a time zone, as every moment does")
    if unknown := int(rows[["customer", column]].isna().any(axis=1).sum()):
        raise ValueError(f"{unknown} {what} do not say whose they are, or when")
    if len(rows) and not isinstance(rows[column].dtype, pd.DatetimeTZDtype):
        raise ValueError(
            f"{column} of the {what} are no moments with a zone: make them by pd.to_datetime(..., utc=True)"
        )
    if late := int((rows[column] > observed_until).sum()):
        raise ValueError(f"{late} {what} lie after {observed_until:%Y-%m-%d %H:%M}, the end of the records")
