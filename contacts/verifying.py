"""Who showed that an address or an id is the customer's, and when: kept with it, once it is known.

What we sent there was answered (`surveys.verifying`), or a system that we believe says so (`EventSource.vouches`). It
says that the customer reads what goes there today, and not that nobody else does.
"""

from collections.abc import Iterable
from datetime import datetime

from contacts.models import Identifier

BY_ANSWER = "an answer to what we sent there"
LOT = 1000
"""Rows of one statement."""


def verify(identifiers: Iterable[int], *, by: str, at: datetime) -> int:
    """Note of these identifiers that they are their customers' own; what was verified before stays. Return how many."""
    ids, noted = sorted(set(identifiers)), 0
    for start in range(0, len(ids), LOT):
        new = Identifier.objects.filter(pk__in=ids[start : start + LOT], verified_at=None)
        noted += new.update(verified_at=at, verified_by=by[:60])
    return noted
