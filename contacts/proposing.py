"""Two records that may be one person, put before a person; what was decided about them is not asked again."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from contacts.models import Proposal


class Pair(NamedTuple):
    """Two customer records, why they may be one person, and why they were not merged by themselves."""

    one: int
    other: int
    why: str
    held: str


def propose(pairs: Iterable[Pair], at: datetime) -> None:
    """Ask about each pair once; one that was asked about before, or decided, stays as it is."""
    rows = {
        (min(pair[:2]), max(pair[:2])): Proposal(
            first_id=min(pair[:2]), second_id=max(pair[:2]), why=pair.why, held=pair.held, found_at=at
        )
        for pair in pairs
    }
    Proposal.objects.bulk_create([rows[key] for key in sorted(rows)], ignore_conflicts=True)
