"""The panel of customer-months at risk, with what was known of each customer at the start of the month.

Nothing of the month itself is a fact of it: not the call in which somebody gave notice, nor the score that was given
on the way out.
"""

from datetime import datetime, timedelta, tzinfo
from typing import Any

import numpy as np
import pandas as pd

from analytics.churn.before import in_order, last_before, within
from analytics.churn.losses import check_moments

RECENT = timedelta(days=90)
"""How far back touchpoints and problems are counted."""
DAY = 86_400


def customer_months(
    customers: pd.DataFrame, answers: pd.DataFrame, touchpoints: pd.DataFrame, *, observed_until: datetime
) -> pd.DataFrame:
    """A row per customer and month from joining to leaving, for `fit`.

    `customers`: customer, joined_at, left_at (NaT: still there), optional notice_at, and whatever is known of the
    customer for good (a fact each). `answers`: customer, at, score. `touchpoints`: customer, at, and optional problem
    (bool). All moments are aware; months are those of the zone of `observed_until`, and only whole ones before it are
    there. Whoever gave notice left then: what comes after (also a score) is no fact, and no month at risk.

    Columns: customer, month (its first day), churn (1: left in it), tenure (months since that of joining), score (the
    last one; NaN: none), score_age (days), never_answered (0 or 1), touchpoints and problems (in the 90 days before),
    quiet_days (since the last touchpoint; NaN: none) and the customer's own. All as known when the month starts, or
    when the customer joins in it.

    Raises ValueError for a customer who is there twice, left before joining, or leaves after the end of the records
    without a notice; and for rows without customer or moment, or after that end.
    """
    people = _people(customers, observed_until)
    check_moments(answers, "answers", observed_until)
    check_moments(touchpoints, "touchpoints", observed_until)
    rows = _at_risk(people, observed_until).sort_values("start")
    rows = _with_answers(rows, answers)
    rows = _with_touchpoints(rows, touchpoints)
    own = people.drop(columns=["joined_at", "left_at", "gone_at", "notice_at"], errors="ignore")
    rows = rows.drop(columns="start").merge(own, on="customer", how="left")
    return rows.sort_values(["customer", "month"], ignore_index=True)


def _people(customers: pd.DataFrame, observed_until: datetime) -> pd.DataFrame:
    """The customers, checked, with `gone_at`: notice or leaving, whichever came first."""
    check_moments(customers, "customers", observed_until, column="joined_at")
    if "left_at" not in customers:
        raise ValueError("the customers have no column 'left_at': leave its places empty where they are still there")
    if (twice := customers["customer"].duplicated()).any():
        raise ValueError(f"customer {customers.loc[twice, 'customer'].iloc[0]} is there twice")
    gone = pd.to_datetime(customers["left_at"], utc=True)
    if "notice_at" in customers:
        notice = pd.to_datetime(customers["notice_at"], utc=True)
        gone = notice.where(notice < gone, gone.fillna(notice))
    if (early := gone < customers["joined_at"]).any():
        raise ValueError(f"customer {customers.loc[early, 'customer'].iloc[0]} left before joining")
    if (late := gone > observed_until).any():
        raise ValueError(
            f"customer {customers.loc[late, 'customer'].iloc[0]} leaves after the end of the records and has given "
            "notice before: say when in notice_at, or leave the date out"
        )
    return customers.assign(gone_at=gone)


def _at_risk(people: pd.DataFrame, observed_until: datetime) -> pd.DataFrame:
    """Columns customer, month, churn, tenure, and start: from when on the customer is at risk in the month."""
    zone = observed_until.tzinfo
    joined, gone = _month(people["joined_at"], zone), _month(people["gone_at"], zone)
    last_whole = observed_until.year * 12 + observed_until.month - 2
    last = np.where(gone.isna(), last_whole, np.minimum(gone.fillna(0), last_whole))
    count = np.maximum(last - joined.to_numpy() + 1, 0).astype(np.int64)
    place = np.repeat(np.arange(len(people)), count)
    tenure = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    month = joined.to_numpy()[place].astype(np.int64) + tenure
    first_day = pd.to_datetime(
        pd.Series((month // 12).astype(str)) + "-" + pd.Series((month % 12 + 1).astype(str)) + "-1"
    )
    # Where clocks change at that midnight, the month starts with the first of two, or right after the one left out.
    summer = np.ones(len(first_day), dtype=np.bool_)
    local = first_day.dt.tz_localize(zone, ambiguous=summer, nonexistent="shift_forward")
    start = local.dt.as_unit("us").dt.tz_convert("UTC")
    joined_at = people["joined_at"].dt.tz_convert("UTC").dt.as_unit("us").iloc[place].reset_index(drop=True)
    return pd.DataFrame(
        {
            "customer": people["customer"].to_numpy()[place],
            "month": first_day,
            "churn": (month == gone.to_numpy()[place]).astype(np.int64),
            "tenure": tenure,
            "start": start.where(start > joined_at, joined_at),
        }
    )


def _month(moments: "pd.Series[Any]", zone: tzinfo | None) -> "pd.Series[Any]":
    """Months since the year 0; NaN of no moment."""
    local = moments.dt.tz_convert(zone)
    months: pd.Series[Any] = local.dt.year * 12 + local.dt.month - 1
    return months


def _with_answers(rows: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    given = in_order(answers, ["score"]).rename(columns={"at": "answered_at"})
    found = last_before(rows, given, "answered_at")
    age = (found["start"] - found["answered_at"]).dt.total_seconds() / DAY
    never = found["answered_at"].isna().astype(np.int64)
    return found.drop(columns="answered_at").assign(score_age=age, never_answered=never)


def _with_touchpoints(rows: pd.DataFrame, touchpoints: pd.DataFrame) -> pd.DataFrame:
    counted = {"touchpoints": in_order(touchpoints, [])}
    if "problem" in touchpoints:
        counted["problems"] = in_order(touchpoints[touchpoints["problem"].eq(other=True)], [])
    for name, events in counted.items():
        rows = rows.assign(**{name: within(rows, events, RECENT)})
    found = last_before(rows, counted["touchpoints"].rename(columns={"at": "touched_at"}), "touched_at")
    quiet = (found["start"] - found["touched_at"]).dt.total_seconds() / DAY
    return found.drop(columns="touched_at").assign(quiet_days=quiet)
