"""Two records that may be one person, put before a person; what was decided about them is not asked again."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from contacts.brands import visible_to
from contacts.models import Proposal
from contacts.readers import EVERYTHING, Reader


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


def settle(records: Collection[int], *, at: datetime, by_id: int | None) -> None:
    """Note of all that was asked about these records of one person that they are one now."""
    among = Proposal.objects.filter(first__in=records, second__in=records).exclude(state=Proposal.State.MERGED)
    among.update(state=Proposal.State.MERGED, decided_at=at, by=by_id)


def keep_apart(record: int, others: Iterable[int], *, at: datetime, by_id: int | None) -> None:
    """Remember that a record is not the person of these others: nobody is asked again, and nothing merges them."""
    decided = {"state": Proposal.State.DIFFERENT, "decided_at": at, "by_id": by_id}
    Proposal.objects.bulk_create(
        (
            Proposal(
                first_id=min(record, other),
                second_id=max(record, other),
                why=Proposal.Why.SPLIT,
                found_at=at,
                **decided,
            )
            for other in sorted(others)
        ),
        update_conflicts=True,
        unique_fields=["first", "second"],
        update_fields=["state", "decided_at", "by"],
    )


def to_decide(reader: Reader = EVERYTHING) -> int:
    """Return how many pairs that somebody may read wait for a decision."""
    return visible_to(reader, Proposal.objects.filter(state=Proposal.State.OPEN)).count()
