"""Who is one person, and what the rules have to know of them: read in bulk, and locked."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import DateTimeField, IntegerField, Q, QuerySet, Value

from contacts import frequency
from contacts.models import Customer, Identifier, OptOut, Wish
from contacts.models.words import Channel

ADDRESS_TYPES = {
    Channel.EMAIL: Identifier.Type.EMAIL,
    Channel.SMS: Identifier.Type.PHONE,
    Channel.PHONE: Identifier.Type.PHONE,
}
"""What a message by each channel is addressed to."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the gate sees one: `records` are all customer records that are theirs.

    `addresses`: channel -> the open address seen last. `preferred` is a channel or empty.
    """

    id: int
    records: tuple[int, ...]
    account_id: int | None
    facts: frequency.Customer
    addresses: Mapping[str, Identifier]
    preferred: str

    def reached_at(self, channel: str, address: Identifier | None) -> "Person":
        """The person as reached by this channel at this address only."""
        usable = {channel: address} if address and address.closed_at is None else {}
        closed = frozenset({channel}) if address and address.closed_at else frozenset()
        return replace(self, addresses=usable, facts=replace(self.facts, closed=closed))


@dataclass(frozen=True, slots=True)
class _Word:
    """An open opt-out or wish, whichever of its values it has."""

    kind: str
    channel: str
    until: datetime | None
    days: int | None


def lock_records(customer_ids: Iterable[int]) -> list[Customer]:
    """Lock the persons behind these records until the transaction ends, and return all their records.

    PostgreSQL locks row by row in the order of the ids, so that two transactions that lock once each cannot wait for
    each other; the lock leaves the keys alone, so that others can go on adding touchpoints to the customer.
    SQLite ignores it: there a transaction holds the whole file from its first statement on (mode IMMEDIATE).
    """
    owners = Customer.objects.filter(pk__in=set(customer_ids)).values_list("pk", "merged_into_id")
    return list(_records_of({merged_into or pk for pk, merged_into in owners}).select_for_update(no_key=True))


def read_records(customer_ids: Collection[int]) -> list[Customer]:
    """All records of the persons behind these records, without a lock: in one statement unless one was merged."""
    records = list(_records_of(customer_ids))
    persons = {record.person_id for record in records}
    return records if persons.issubset(customer_ids) else list(_records_of(persons))


def read_persons(records: Sequence[Customer]) -> dict[int, Person]:
    """Record id -> the person that it belongs to; `records` hold all records of each. Two statements."""
    ids = [record.pk for record in records]
    identifiers, words = _identifiers(ids), _words(ids)
    together = defaultdict(list)
    for record in records:
        together[record.person_id].append(record)
    persons: dict[int, Person] = {}
    for person_id, own in together.items():
        own.sort(key=lambda record: record.pk != person_id)
        person = _person(
            own,
            [identifier for record in own for identifier in identifiers[record.pk]],
            [word for record in own for word in words[record.pk]],
        )
        persons |= dict.fromkeys(person.records, person)
    return persons


def _records_of(person_ids: Collection[int]) -> QuerySet[Customer]:
    records = Customer.objects.filter(Q(pk__in=person_ids) | Q(merged_into_id__in=person_ids))
    return records.only("merged_into_id", "account_id", "time_zone", "country").order_by("pk")


def _identifiers(record_ids: Collection[int]) -> dict[int, list[Identifier]]:
    found = defaultdict(list)
    types = set(ADDRESS_TYPES.values())
    for identifier in Identifier.objects.filter(customer_id__in=record_ids, type__in=types):
        found[identifier.customer_id].append(identifier)
    return found


def _words(record_ids: Collection[int]) -> dict[int, list[_Word]]:
    refusals = OptOut.objects.filter(customer_id__in=record_ids, reopened_at=None).annotate(
        kind=Value("opt_out"), until=Value(None, DateTimeField()), days=Value(None, IntegerField())
    )
    wishes = Wish.objects.filter(customer_id__in=record_ids, withdrawn_at=None)
    found = defaultdict(list)
    for customer_id, *values in refusals.values_list("customer_id", "kind", "channel", "until", "days").union(
        wishes.values_list("customer_id", "kind", "channel", "pause_until", "once_in_days"), all=True
    ):
        found[customer_id].append(_Word(*values))
    return found


def _person(own: Sequence[Customer], identifiers: Iterable[Identifier], words: Sequence[_Word]) -> Person:
    """One person of its records, the one that stands for all first; of several wishes the strictest holds."""
    addresses, closed = _addresses(identifiers)
    phone = addresses.get(Channel.PHONE)
    facts = frequency.Customer(
        id=str(own[0].pk),
        timezone=next((record.time_zone for record in own if record.time_zone), None),
        country=next((record.country for record in own if record.country), None),
        phone=phone.value if phone else None,
        opt_outs=frozenset(word.channel or "all" for word in words if word.kind == "opt_out"),
        pause_until=max((word.until for word in words if word.until), default=None),
        once_in_days=max((word.days for word in words if word.days), default=None),
        closed=frozenset(closed),
    )
    return Person(
        id=own[0].pk,
        records=tuple(record.pk for record in own),
        account_id=own[0].account_id,
        facts=facts,
        addresses=addresses,
        preferred=next((word.channel for word in words if word.kind == Wish.Kind.CHANNEL), ""),
    )


def _addresses(identifiers: Iterable[Identifier]) -> tuple[dict[str, Identifier], set[str]]:
    """Channel -> open address, and the channels that have closed addresses only."""
    by_type: dict[str, Identifier] = {}
    types = set()
    for identifier in sorted(identifiers, key=lambda identifier: (identifier.last_seen_at, identifier.pk)):
        types.add(identifier.type)
        if identifier.closed_at is None:
            by_type[identifier.type] = identifier
    addresses: dict[str, Identifier] = {
        channel: by_type[type_] for channel, type_ in ADDRESS_TYPES.items() if type_ in by_type
    }
    return addresses, {channel for channel, type_ in ADDRESS_TYPES.items() if type_ in types - by_type.keys()}
