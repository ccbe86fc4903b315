"""Reasons in plain words."""

import math
from typing import Any

import pytest

from analytics.risk_reasons import in_plain_words, in_sentence, told


@pytest.mark.parametrize(
    ("fact", "value", "text"),
    [
        ("tenure", 7.4, "months since the first purchase: 7"),
        ("purchase_age", 61.6, "days since the last purchase: 62"),
        ("purchase_age", None, "no purchase on record"),
        ("purchases", 3, "purchases so far: 3"),
        ("purchases", 11, "purchases so far: 11 or more"),
        ("returned", True, "came back after being lost"),
        ("returned", False, "was never lost before"),
        ("recurring", True, "recurring problems: two or more in 90 days"),
        ("recurring", False, "no recurring problems in 90 days"),
        ("score", 10.0, "last score: 10"),
        ("score", 0.0, "last score: 0"),
        ("score", None, "has never given a score"),
        ("score_age", 40.2, "days since the last score: 40"),
        ("unanswered", 0, "invitations left unanswered in 90 days: none"),
        ("contacts", 2, "contacts by us in 90 days: 2"),
        ("service_call: unresolved", 1, "Service call, unresolved in 90 days: 1"),
        ("post", 0, "Post in 90 days: none"),
        ("other", 1, "Rare touchpoints in 90 days: 1"),
    ],
)
def test_every_fact_is_told(fact: str, value: Any, text: str) -> None:
    assert in_plain_words(fact, value) == text


def test_a_reason_multiplies_the_odds() -> None:
    reason = {"facts": ("score",), "values": (3.0,), "contribution": math.log(2)}
    assert told(reason) == {"text": "last score: 3", "times": pytest.approx(2)}
    assert in_sentence(reason) == "last score: 3 (odds x 2.00)"
