"""The touchpoints of a past that would be asked about, as columns."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from contacts.columns import micros_in, read_alike
from contacts.frequency.zone_arrays import Ints, Places
from contacts.models import Touchpoint
from surveys.candidates import draw
from surveys.replaying import Inquiry


class Lived(NamedTuple):
    """Touchpoints as columns: customer ids, instants in microseconds since the epoch, places in `kinds`, draws.

    A draw is from 0 to below 1, and always the same for a program and a touchpoint.
    """

    customer: Ints
    at: Ints
    kind: Places
    kinds: Sequence[str]
    draw: NDArray[np.float64]


def lived(inquiry: Inquiry, since: datetime, until: datetime) -> Lived:
    """The touchpoints from `since` on and before `until`."""
    key = ("source", "external_id") if inquiry.program else ()
    instant = micros_in("contacts_touchpoint.occurred_at")
    # By their ids, so that SQLite reads them in the order in which they lie: else by time, in twice as long.
    touchpoints = Touchpoint.objects.filter(pk__in=inquiry.inside(since, until).values("pk"))
    found, kind, (customer, at, *names) = read_alike(touchpoints, ("kind",), "customer", instant, *key)
    drawn = [draw(inquiry.program, *name) for name in zip(*names, strict=True)] if names else np.zeros(len(customer))
    return Lived(customer, at, kind, [name for (name,) in found], np.array(drawn, np.float64))
