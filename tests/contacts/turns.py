"""Turns at the gate, told one by one."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from contacts.frequency import Reason
from contacts.frequency.zone_arrays import micros
from contacts.gate.customers import lock_customers
from contacts.gate.rounds import Terms, Turns
from contacts.gate.wave import Service, serve

SAMPLING = Reason("sampling", "sampling")


class Turn(NamedTuple):
    """A customer to ask about a touchpoint under the terms of a program, or one outside its sample."""

    terms: Terms
    customer_id: int
    touchpoint_id: int
    expires: datetime
    refused: bool = False
    probability: float = 1.0


def serve_all(turns: Sequence[Turn], *, at: datetime) -> Service:
    """Serve the turns as a wave does."""
    given = _as_turns(turns)
    return serve(given, lock_customers(given.customer), at=at)


def _as_turns(turns: Sequence[Turn]) -> Turns:
    terms = list(dict.fromkeys(turn.terms for turn in turns))
    return Turns(
        terms=terms,
        term=np.array([terms.index(turn.terms) for turn in turns], np.intp),
        customer=np.array([turn.customer_id for turn in turns], np.int64),
        touchpoint=np.array([turn.touchpoint_id for turn in turns], np.int64),
        expires=np.array([micros(turn.expires) for turn in turns], np.int64),
        simulated=np.zeros(len(turns), np.bool_),
        probability=np.array([turn.probability for turn in turns], np.float64),
        refused=np.array([turn.refused for turn in turns], np.bool_),
        refusal=SAMPLING,
    )
