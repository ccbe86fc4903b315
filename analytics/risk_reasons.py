"""What a customer's risk consists of, in plain words."""

import math
from collections.abc import Mapping
from typing import Any, TypedDict

from analytics.churn.periods import MOST, OTHER, PAIR
from contacts.names import in_words

IN_DAYS = "in 90 days"


class Told(TypedDict):
    """A fact of a customer in words, and by what it multiplies the odds of leaving."""

    text: str
    times: float


def told(reason: Mapping[str, Any]) -> Told:
    """Return a reason (`analytics.churn.Reason`) of the hazard model, whose reasons are of one fact each."""
    [fact], [value] = reason["facts"], reason["values"]
    return Told(text=in_plain_words(fact, value), times=math.exp(reason["contribution"]))


def in_sentence(reason: Mapping[str, Any]) -> str:
    """Return the same as a part of a sentence."""
    one = told(reason)
    return f"{one['text']} (odds x {one['times']:.2f})"


def in_plain_words(fact: str, value: Any) -> str:
    """Return what a fact of `analytics.churn.periods` says of a customer."""
    if fact in UNKNOWN and value is None:
        return UNKNOWN[fact]
    if fact in SAID:
        return SAID[fact][bool(value)]
    if fact in MEASURED:
        return MEASURED[fact].format(_number(fact, value))
    return f"{_experience(fact)} {IN_DAYS}: {_count(value)}"


UNKNOWN = {
    "purchase_age": "no purchase on record",
    "score": "has never given a score",
    "score_age": "no score that could be old",
}
SAID = {
    "returned": ("was never lost before", "came back after being lost"),
    "recurring": (f"no recurring problems {IN_DAYS}", f"recurring problems: two or more {IN_DAYS}"),
}
MEASURED = {
    "tenure": "months since the first purchase: {}",
    "purchase_age": "days since the last purchase: {}",
    "purchases": "purchases so far: {}",
    "score": "last score: {}",
    "score_age": "days since the last score: {}",
    "unanswered": f"invitations left unanswered {IN_DAYS}: {{}}",
    "contacts": f"contacts by us {IN_DAYS}: {{}}",
}
COUNTS = ("purchases", "unanswered", "contacts")


def _number(fact: str, value: float) -> str:
    return _count(value) if fact in COUNTS else f"{value:.0f}"


def _count(value: float) -> str:
    return f"{MOST} or more" if value >= MOST else f"{value:.0f}" if value else "none"


def _experience(fact: str) -> str:
    """The kind of a touchpoint with its outcome."""
    if fact == OTHER:
        return "Rare touchpoints"
    kind, _, outcome = fact.partition(PAIR)
    return f"{in_words(kind)}, {in_words(outcome, inside=True)}" if outcome else in_words(kind)
