"""What happened without being asked for here, written into the ledger so that it counts; part of `contacts.gate`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from contacts.models import Contact
from contacts.models.words import Outcome
from contacts.newest import refresh
from contacts.persons import lock_records


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that has happened already and counts: another system's message, an answer, a decline."""

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


@transaction.atomic
def record(entries: Sequence[Entry], *, at: datetime) -> int:
    """Write what has happened into the ledger, without asking the rules; returns the number of new rows.

    An entry whose source and external id the ledger has already is left out.
    """
    lock_records(entry.customer_id for entry in entries)
    named = {(entry.source, entry.external_id): entry for entry in reversed(entries) if entry.external_id}
    sources, ids = {source for source, _ in named}, {external_id for _, external_id in named}
    known = Contact.objects.filter(source__in=sources, external_id__in=ids).values_list("source", "external_id")
    for name in known:
        named.pop(name, None)
    new = [entry for entry in entries if not entry.external_id or named.get((entry.source, entry.external_id)) is entry]
    Contact.objects.bulk_create(Contact(**asdict(entry), recorded_at=at, updated_at=at) for entry in new)
    refresh({entry.customer_id for entry in new})
    return len(new)


def clock_event(
    customer_id: int,
    purpose: str,
    *,
    at: datetime,
    survey: str,
    program: str = "",
    seconds: int = 0,
    source: str = "cxsurvey",
    external_id: str = "",
    simulated: bool = False,
) -> None:
    """Start the clock of a response or a decline: an event that rules read, and no contact."""
    entry = Entry(
        customer_id,
        at,
        purpose,
        source,
        external_id,
        outcome=Outcome.COMPLETED,
        survey=survey,
        program=program,
        seconds=seconds,
        simulated=simulated,
    )
    record([entry], at=at)
