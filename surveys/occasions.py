"""Who comes with what: customers who are interchangeable, counted from occasions of the past and those of now.

An occasion is what a customer has within a day: who came to the app and called within it may be asked about either, and
is asked about one. What she comes with after that day is later: nobody knows of it when the occasion is decided about.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

DAY = timedelta(days=1)


class Came(NamedTuple):
    """One touchpoint that counts for a target, and what is known of its customer before it.

    `standing`: how she took earlier invitations, see `Kind`. `earlier`: she had another such touchpoint in the four
    weeks before that day.
    """

    customer: int
    at: datetime
    target: str
    standing: str
    earlier: bool


class Kind(NamedTuple):
    """What customers who are interchangeable have in common when they are decided about.

    `targets` are those that the occasion counts for, in order; `standing` is `new` (never invited), `silent` (invited,
    never answered) or `answers`.
    """

    targets: tuple[str, ...]
    standing: str
    earlier: bool

    def __str__(self) -> str:
        return " ".join((*self.targets, self.standing, "again" if self.earlier else "first"))


@dataclass(slots=True)
class Counts:
    """How many occasions there were of a kind, and of how many of them each target came later."""

    occasions: int = 0
    later: Counter[str] = field(default_factory=Counter)


def count(came: Iterable[Came], until: datetime, span: timedelta) -> dict[Kind, Counts]:
    """Cut the time before `until` into spans and count each customer once in each: by her first occasion there."""
    found: dict[Kind, Counts] = defaultdict(Counts)

    def place(one: Came) -> tuple[int, int]:
        return one.customer, (until - one.at) // span

    for _, rows in groupby(sorted(came, key=lambda one: (*place(one), one.at)), place):
        ones = list(rows)
        first = [one for one in ones if one.at <= ones[0].at + DAY]
        counts = found[kind_of(first)]
        counts.occasions += 1
        counts.later.update({one.target for one in ones[len(first) :]})
    return dict(found)


def kind_of(occasion: Sequence[Came]) -> Kind:
    """The kind of what a customer has at once, the oldest first."""
    return Kind(tuple(sorted({one.target for one in occasion})), occasion[0].standing, occasion[0].earlier)


def at_once(came: Iterable[Came]) -> Iterator[list[Came]]:
    """Each customer's touchpoints that are decided about together, the oldest first."""
    ordered = sorted(came, key=lambda one: (one.customer, one.at))
    for _, rows in groupby(ordered, lambda one: one.customer):
        yield list(rows)
