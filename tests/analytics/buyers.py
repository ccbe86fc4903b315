"""Histories of customers who buy, have problems and fall silent, as frames and as rows."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pandas as pd

from analytics.churn.periods import History, Rule
from contacts.models import Customer, Touchpoint
from tests.analytics.world import days_ago
from tests.surveys.makers import NOON, numbers

RULE = Rule(quiet=timedelta(days=90), leaving=("cancellation",), problems=("unresolved",))
BOUGHT = (280, 200, 110, 20)
Happened = tuple[int, str, str, float]
"""Customer, kind, outcome, days before NOON."""


def touched(*rows: Happened) -> pd.DataFrame:
    """Return touchpoints as a frame."""
    columns = ["customer", "kind", "outcome", "at"]
    made = [(customer, kind, outcome, days_ago(days)) for customer, kind, outcome, days in rows]
    return pd.DataFrame(made, columns=columns).astype({"customer": "int64", "at": "datetime64[us, UTC]"})


def dated(rows: Sequence[tuple[int, float]]) -> pd.DataFrame:
    """Return events of customers, so many days ago, as a frame."""
    made = [(customer, days_ago(days)) for customer, days in rows]
    return pd.DataFrame(made, columns=["customer", "at"]).astype({"customer": "int64", "at": "datetime64[us, UTC]"})


def history(*rows: Happened, **others: Sequence[tuple[int, float]]) -> History:
    """Return a history of touchpoints; `scores` are customer, days ago and score."""
    scores: Any = others.get("scores", ())
    answers = dated([(customer, days) for customer, days, _ in scores])
    return History(
        touchpoints=touched(*rows),
        answers=answers.assign(score=pd.Series([score for *_, score in scores], dtype="float64")),
        unanswered=dated(others.get("unanswered", ())),
        contacts=dated(others.get("contacts", ())),
    )


def bought(customer: int, *days: float) -> list[Happened]:
    """Return purchases so many days ago."""
    return [(customer, "purchase", "", one) for one in days]


def make_buyers(stay: int, leave: int, problems: int = 0, fine: int = 0) -> list[Customer]:
    """Make customers of whom all bought 280 days ago, and `stay` ever since; a third of the leavers in each period.

    So many leavers had an unresolved call 265 days ago, and so many of those who stay a resolved one. The first one
    buys now, so that the records end at NOON.
    """
    made = Customer.objects.bulk_create(
        Customer(source="buyers", external_id=f"b{next(numbers)}", name="Zoe Named", created_at=NOON, updated_at=NOON)
        for _ in range(stay + leave)
    )
    rows: list[Happened] = []
    for place, customer in enumerate(made):
        kept = BOUGHT if place < stay else BOUGHT[: 1 + place % 3]
        rows += bought(customer.pk, *(days - place % 7 for days in kept))
    rows += bought(made[0].pk, 0)
    rows += [(customer.pk, "call", "unresolved", 265) for customer in made[stay : stay + problems]]
    rows += [(customer.pk, "call", "resolved", 265) for customer in made[:fine]]
    make_touched(rows)
    return made


def make_touched(rows: Sequence[Happened]) -> None:
    """Make touchpoints of customers."""
    Touchpoint.objects.bulk_create(
        Touchpoint(
            customer_id=customer,
            source="buyers",
            external_id=f"b{next(numbers)}",
            kind=kind,
            outcome=outcome,
            channel="shop",
            occurred_at=days_ago(days),
            received_at=NOON,
            updated_at=NOON,
        )
        for customer, kind, outcome, days in rows
    )
