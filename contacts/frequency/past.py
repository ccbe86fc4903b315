"""What a replay is told of the past and what it answers. Instants in arrays are int64 microseconds in UTC."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from contacts.frequency.facts import Kind, Row
from contacts.frequency.plans import Party
from contacts.frequency.zone_arrays import NEVER, Bools, Ints, Places, instant

HOLDING: tuple[Kind, ...] = ("consent", "cap", "wish", "holiday", "hours", "expiry")
"""The kinds of rules in the order in which the first that holds a request back is named."""
NOTHING = len(HOLDING)
"""Held by nothing: one that is asked about when it is due."""


@dataclass(frozen=True, slots=True)
class Booked:
    """Rows that count whatever is replayed, as columns: whose, when, and which of `kinds` each is but for its instant.

    In the order of the persons, and of each the newest first.
    """

    person: Places
    at: Ints
    kind: Places
    kinds: Sequence[Row]

    def of(self, person: int) -> list[Row]:
        """The rows of a person."""
        own = slice(*np.searchsorted(self.person, (person, person + 1)))
        rows = zip(self.kind[own].tolist(), self.at[own].tolist(), strict=True)
        return [replace(self.kinds[kind], at=instant(at)) for kind, at in rows]


@dataclass(frozen=True, slots=True)
class Participants:
    """n persons: everybody with an experience, and those whose contacts can count for them.

    Most are like many others, so that what is known of them is kept once: `party` is the place of each in `parties`.
    """

    parties: Sequence[Party]
    party: Places
    booked: Booked

    def of(self, person: int) -> Party:
        """What is known of a person."""
        return self.parties[int(self.party[person])]


@dataclass(frozen=True, slots=True)
class Experiences:
    """What n participants went through, in any order: who, when, and by which of the plans they are asked.

    Of equal ones the smaller `draw` is asked about first.
    """

    person: Places
    occurred_at: Ints
    plan: Places
    draw: NDArray[np.float64]

    def take(self, places: Places) -> "Experiences":
        """Those at the places."""
        return Experiences(self.person[places], self.occurred_at[places], self.plan[places], self.draw[places])


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of each experience: when it is asked about, NEVER where it is not.

    `held` is the place in HOLDING of the first rule that did not let it pass when it was due, NOTHING where all did.
    `plan` and `way` say which request was granted: `plans[plan].requests[way]`.
    """

    at: Ints
    held: Places
    way: Places

    @property
    def asked(self) -> Bools:
        """Which are asked about at all."""
        asked: Bools = self.at != NEVER
        return asked


def booked(person: Places, at: Ints, kind: Places, kinds: Sequence[Row]) -> Booked:
    """The rows in their order."""
    order = np.lexsort((-at, person))
    return Booked(person[order], at[order], kind[order], kinds)
