"""A made-up service whose customers leave with a known hazard, to judge models of leaving by."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from analytics.churn.months import customer_months

START = datetime(2025, 1, 1, tzinfo=UTC)
UNTIL = datetime(2026, 4, 1, tzinfo=UTC)
"""15 months later."""


def dated_panel(seed: int, *, customers: int = 5000, shift: float = 0.0, from_month: str = "2026-01") -> pd.DataFrame:
    """The panel of 15 months, with the column `truth`: the logit of leaving, less a noise that nothing tells.

    The level moves by `shift` logits with `from_month`. What happens to a customer does not depend on whether she is
    about to leave, so everything is drawn first, for customers who stay, and the leaving then.
    """
    random = np.random.default_rng(seed)
    panel = customer_months(*events(random, customers), observed_until=UNTIL)
    truth = true_logit(panel) + shift * (panel["month"] >= from_month)
    left = (random.random(len(panel)) < expit(truth + random.normal(0, 0.4, len(panel)))).astype(int)
    known = panel.assign(churn=left, truth=truth)
    gone_before = known.groupby("customer")["churn"].cumsum() - left
    kept: pd.DataFrame = known[gone_before == 0].reset_index(drop=True)
    return kept


def true_logit(panel: pd.DataFrame) -> "pd.Series[Any]":
    """Newcomers leave, and the silent, and the unhappy while they remember it; problems count from the second on."""
    fresh = panel["score_age"] <= 120
    return (
        -4.3
        + 1.3 * (panel["tenure"] < 3)
        + 0.6 * panel["tenure"].between(3, 5)
        + 1.5 * (panel["problems"] >= 2)
        + 1.5 * ((panel["score"] <= 6) & fresh)
        - 1.0 * ((panel["score"] >= 9) & fresh)
        + 0.7 * panel["never_answered"]
        + 0.3 * (panel["plan"] == "monthly")
    )


def events(random: np.random.Generator, customers: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Customers who stay, their answers and their touchpoints."""
    days = (UNTIL - START).days
    people = pd.DataFrame({"customer": np.arange(customers), "joined_at": START - timedelta(days=200)})
    people["joined_at"] += pd.to_timedelta(random.uniform(0, days + 150, customers).round(3), unit="D")
    people["left_at"], people["plan"] = pd.NaT, random.choice(["monthly", "yearly"], customers)
    trouble = random.gamma(0.6, 1.0, customers)
    touched = happenings(random, people, rate=0.006 + 0.008 * trouble)
    touched["problem"] = random.random(len(touched)) < 0.25 + 0.35 * (trouble[touched["customer"]] > 1)
    answered = happenings(random, people, rate=np.where(random.random(customers) < 0.35, 0.0, 0.012))
    answered["score"] = np.clip(
        np.round(8.2 - trouble[answered["customer"]] + random.normal(0, 2, len(answered))), 0, 10
    )
    return people, answered, touched


def happenings(random: np.random.Generator, people: pd.DataFrame, *, rate: Any) -> pd.DataFrame:
    """Events of each customer at a rate a day, evenly from joining on."""
    length = (UNTIL - people["joined_at"]).dt.total_seconds().to_numpy() / 86_400
    count = random.poisson(np.broadcast_to(rate, len(people)) * length)
    place = np.repeat(np.arange(len(people)), count)
    after = pd.to_timedelta((random.random(len(place)) * length[place] * 86_400).round(), unit="s")
    joined = people["joined_at"].iloc[place].reset_index(drop=True)
    return pd.DataFrame({"customer": place, "at": joined + after})
