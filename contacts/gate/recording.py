"""What happened without being asked for here, written into the ledger so that it counts; part of `contacts.gate`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import transaction

from contacts.gate.leaves import end_answered
from contacts.models import Contact
from contacts.models.words import OURS, Outcome, Purpose
from contacts.newest import refresh
from contacts.persons import lock_records

SAID = ("at", "channel", "purpose", "outcome", "survey", "program", "seconds")
"""What an entry says of a row that the ledger has already."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that has happened already and counts: another system's message, an answer, a decline.

    `touchpoint_id`: what an answer is about; the ledger does not keep it, but calls about it end.
    """

    customer_id: int
    at: datetime
    purpose: str
    source: str
    external_id: str = ""
    channel: str = ""
    outcome: str = Outcome.DELIVERED
    survey: str = ""
    program: str = ""
    seconds: int = 0
    simulated: bool = False
    touchpoint_id: int | None = None

    def columns(self, at: datetime) -> dict[str, Any]:
        """The columns of its row in the ledger."""
        kept = {name: getattr(self, name) for name in self.__slots__ if name != "touchpoint_id"}
        return kept | {"recorded_at": at, "updated_at": at}

    def as_row(self, at: datetime) -> Contact:
        """A row of the ledger that is not saved yet."""
        return Contact(**self.columns(at))


@dataclass(slots=True)
class Recorded:
    """What became of entries; `held` are the places of those whose id the ledger holds for another customer."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    held: list[int] = field(default_factory=list)


@transaction.atomic
def record(entries: Sequence[Entry], *, at: datetime, keep: Collection[str] = ()) -> Recorded:
    """Write what has happened into the ledger, without asking the rules; once for each source and external id.

    A row of another system that is there already is brought up to date, but for the fields to `keep`; of two entries
    with one id the later holds. Our own rows stay as they are: they are settled, not told of. So does a row of another
    customer, whose entry is left out. Two records of one new id at once are the caller's to keep apart.

    An answer about a touchpoint ends the appointments to call about it that were made before: who logs a call waits
    for the same lock.
    """
    lock_records(entry.customer_id for entry in entries)
    if answered := _answered(entries):
        end_answered(answered, at)
    rows = _known(entries)
    told = [name for name in SAID if name not in keep]
    recorded, new, changed = Recorded(), [], {}
    for place, entry in enumerate(entries):
        name = entry.source, entry.external_id
        row = rows.get(name)
        if row is None:
            new.append(entry.as_row(at))
            recorded.created += 1
            if entry.external_id:
                rows[name] = new[-1]
        elif row.customer_id != entry.customer_id:
            recorded.held.append(place)
        elif entry.source == OURS or all(getattr(row, said) == getattr(entry, said) for said in told):
            recorded.unchanged += 1
        else:
            changed[name] = _retell(row, entry, told, at)
            recorded.updated += 1
    _write(new, [row for row in changed.values() if row.pk], told)
    return recorded


def _answered(entries: Sequence[Entry]) -> dict[int, datetime]:
    """Touchpoint -> when it was answered about, the last time."""
    answers = [entry for entry in entries if entry.purpose == Purpose.RESPONSE]
    return {entry.touchpoint_id: entry.at for entry in sorted(answers, key=attrgetter("at")) if entry.touchpoint_id}


def _known(entries: Sequence[Entry]) -> dict[tuple[str, str], Contact]:
    """The rows that the ledger has already, by source and external id."""
    names = {(entry.source, entry.external_id) for entry in entries if entry.external_id}
    found = Contact.objects.filter(
        source__in={source for source, _ in names}, external_id__in={external_id for _, external_id in names}
    )
    # SQLite takes the index of names only where it is told that none is empty; else it reads the whole ledger.
    return {(row.source, row.external_id): row for row in found.exclude(external_id="")}


def _retell(row: Contact, entry: Entry, told: Collection[str], at: datetime) -> Contact:
    for name in told:
        setattr(row, name, getattr(entry, name))
    row.updated_at = at
    return row


def _write(new: Sequence[Contact], changed: Sequence[Contact], told: Sequence[str]) -> None:
    """Write the rows; every row that is recorded comes through here."""
    if changed:
        Contact.objects.bulk_create(
            changed, update_conflicts=True, unique_fields=["pk"], update_fields=[*told, "updated_at"]
        )
    Contact.objects.bulk_create(new)
    refresh({row.customer_id for row in (*new, *changed)})
