"""Who is one person, and what the rules have to know of them: read in bulk, and locked."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import NamedTuple

from django.db.models import DateTimeField, IntegerField, Q, QuerySet, Value

from contacts import frequency
from contacts.frequency.zones import zone
from contacts.models import Customer, Identifier, OptOut, Wish
from contacts.models.words import Channel

ADDRESS_TYPES = {
    Channel.EMAIL: Identifier.Type.EMAIL,
    Channel.SMS: Identifier.Type.PHONE,
    Channel.PHONE: Identifier.Type.PHONE,
}
"""What a message by each channel is addressed to."""


class Record(NamedTuple):
    """What of a customer record the gate needs; `person_id` is the record that stands for the whole person."""

    id: int
    person_id: int
    account_id: int | None
    time_zone: str
    country: str


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


class _Word(NamedTuple):
    """An open opt-out or wish, with whichever values it has."""

    kind: str
    channel: str
    until: datetime | None
    days: int | None


def lock_records(customer_ids: Iterable[int]) -> list[Record]:
    """Lock the persons behind these records until the transaction ends, and return all their records.

    PostgreSQL locks row by row in the order of the ids, so that two transactions that lock once each cannot wait for
    each other; the lock leaves the keys alone, so that others can go on adding touchpoints to the customer.
    SQLite ignores it: there a transaction holds the whole file from its first statement on (mode IMMEDIATE).
    """
    owners = Customer.objects.filter(pk__in=set(customer_ids)).values_list("pk", "merged_into_id")
    persons = {merged_into or pk for pk, merged_into in owners}
    return _records(_of_persons(persons).select_for_update(no_key=True).order_by("pk"))


def read_records(customer_ids: Collection[int]) -> list[Record]:
    """All records of the persons behind these records, without a lock: in one statement unless one was merged."""
    records = _records(_of_persons(customer_ids))
    persons = {record.person_id for record in records}
    return records if persons.issubset(customer_ids) else _records(_of_persons(persons))


def read_persons(records: Sequence[Record]) -> dict[int, Person]:
    """Record id -> the person that it belongs to; `records` hold all records of each. Two statements."""
    owners = {record.id: record.person_id for record in records}
    together: dict[int, list[Record]] = defaultdict(list)
    for record in sorted(records, key=lambda record: record.id != record.person_id):
        together[record.person_id].append(record)
    identifiers, words = _identifiers(owners), _words(owners)
    persons = {id_: _person(own, identifiers[id_], words[id_]) for id_, own in together.items()}
    return {record_id: persons[person_id] for record_id, person_id in owners.items()}


def _of_persons(person_ids: Collection[int]) -> QuerySet[Customer]:
    return Customer.objects.filter(Q(pk__in=person_ids) | Q(merged_into_id__in=person_ids))


def _records(customers: QuerySet[Customer]) -> list[Record]:
    found = customers.values_list("pk", "merged_into_id", "account_id", "time_zone", "country")
    return [Record(pk, merged_into or pk, account, zone, country) for pk, merged_into, account, zone, country in found]


def _identifiers(owners: Mapping[int, int]) -> dict[int, list[Identifier]]:
    """Person id -> addresses, the one seen last at the end."""
    found = defaultdict(list)
    addresses = Identifier.objects.filter(customer_id__in=owners.keys(), type__in=set(ADDRESS_TYPES.values()))
    needed = addresses.only("customer_id", "type", "value", "closed_at").order_by("last_seen_at", "pk")
    for identifier in needed:
        found[owners[identifier.customer_id]].append(identifier)
    return found


def _words(owners: Mapping[int, int]) -> dict[int, list[_Word]]:
    """Person id -> open opt-outs and wishes."""
    refusals = OptOut.objects.filter(customer_id__in=owners.keys(), reopened_at=None).annotate(
        kind=Value("opt_out"), until=Value(None, DateTimeField()), days=Value(None, IntegerField())
    )
    wishes = Wish.objects.filter(customer_id__in=owners.keys(), withdrawn_at=None)
    found = defaultdict(list)
    for customer_id, *values in refusals.values_list("customer_id", "kind", "channel", "until", "days").union(
        wishes.values_list("customer_id", "kind", "channel", "pause_until", "once_in_days"), all=True
    ):
        found[owners[customer_id]].append(_Word(*values))
    return found


def _person(own: Sequence[Record], identifiers: Sequence[Identifier], words: Sequence[_Word]) -> Person:
    """One person of its records, the one that stands for all first; of several wishes the strictest holds."""
    addresses, closed = _addresses(identifiers)
    phone = addresses.get(Channel.PHONE)
    facts = frequency.Customer(
        id=str(own[0].id),
        timezone=next((record.time_zone for record in own if _is_zone(record.time_zone)), None),
        country=next((record.country for record in own if record.country), None),
        phone=phone.value if phone else None,
        opt_outs=frozenset(word.channel or "all" for word in words if word.kind == "opt_out"),
        pause_until=max((word.until for word in words if word.until), default=None),
        once_in_days=max((word.days for word in words if word.days), default=None),
        closed=frozenset(closed),
    )
    return Person(
        id=own[0].id,
        records=tuple(record.id for record in own),
        account_id=own[0].account_id,
        facts=facts,
        addresses=addresses,
        preferred=next((word.channel for word in words if word.kind == Wish.Kind.CHANNEL), ""),
    )


def _addresses(identifiers: Iterable[Identifier]) -> tuple[dict[str, Identifier], set[str]]:
    """Channel -> the last open address, and the channels that have closed addresses only."""
    by_type: dict[str, Identifier] = {}
    types = set()
    for identifier in identifiers:
        types.add(identifier.type)
        if identifier.closed_at is None:
            by_type[identifier.type] = identifier
    addresses: dict[str, Identifier] = {
        channel: by_type[type_] for channel, type_ in ADDRESS_TYPES.items() if type_ in by_type
    }
    return addresses, {channel for channel, type_ in ADDRESS_TYPES.items() if type_ in types - by_type.keys()}


@cache
def _is_zone(name: str) -> bool:
    """Whether the time zone database knows the name; one that it does not know is an unknown zone, and stops nobody."""
    try:
        return bool(zone(name))
    except ValueError:
        return False
