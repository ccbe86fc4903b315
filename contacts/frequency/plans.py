"""Who is asked about what when a past is replayed: what a replay is told, but for the experiences themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from contacts.frequency.facts import Customer, Request, Row

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
    """A person with the rows that count whatever is replayed, and the channels with an open address.

    `sharers` are the places among the parties of those who can be reached at the same phone number.
    """

    facts: Customer
    rows: Sequence[Row] = ()
    accounts: frozenset[int] = frozenset()
    sharers: frozenset[int] = frozenset()
    reachable: frozenset[str] = frozenset()
    preferred: str = ""
