"""Who is asked about what when a past is replayed: what a replay is told, but for what comes in columns."""

from dataclasses import dataclass
from datetime import timedelta

from contacts.frequency.facts import Customer, Request

BY_NUMBER = frozenset({"sms", "phone"})
"""The channels on which those who share a number share what they got there."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How experiences are asked about: `requests`, the preferred channel first, with customer and instants left open.

    The first instant to ask is `delay` after the experience, the last `worth` after it. `addressed`: only by a channel
    by which the person has an open address.
    """

    requests: tuple[Request, ...]
    delay: timedelta
    worth: timedelta
    priority: int = 0
    addressed: bool = False


@dataclass(frozen=True, slots=True)
class Party:
    """What is known of a person, or of many who are alike, but for what is in the ledger.

    `sharers` are the participants who can be reached at the same phone number, `reachable` the channels with an
    open address.
    """

    facts: Customer
    accounts: frozenset[int] = frozenset()
    sharers: frozenset[int] = frozenset()
    reachable: frozenset[str] = frozenset()
    preferred: str = ""
