"""What a replay is told of the past and what it answers. Instants in arrays are int64 microseconds in UTC."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contacts.frequency.facts import Kind
from contacts.frequency.zone_arrays import NEVER, Bools, Ints, Places

HOLDING: tuple[Kind, ...] = ("consent", "cap", "wish", "holiday", "hours", "expiry")
"""The kinds of rules in the order in which the first that holds a request back is named."""
NOTHING = len(HOLDING)
"""Held by nothing: one that is asked about when it is due."""


@dataclass(frozen=True, slots=True)
class Experiences:
    """What n persons went through, in any order: whose (a place in the parties), when, and by which of the plans.

    Of equal ones the smaller `draw` is asked about first.
    """

    party: Places
    occurred_at: Ints
    plan: Places
    draw: NDArray[np.float64]

    def take(self, places: Places) -> "Experiences":
        """Those at the places."""
        return Experiences(self.party[places], self.occurred_at[places], self.plan[places], self.draw[places])


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
