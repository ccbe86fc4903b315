"""The persons of a past that a policy is tried on: as they are known today, with the contacts that count anyhow."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import islice

from django.db.models import Q

from contacts import frequency
from contacts.frequency.plans import Party
from contacts.frequency.zones import is_zone
from contacts.ledger import BEGINNING, per_account, read_counting
from contacts.models import Contact, Customer, Identifier, OptOut, Wish
from contacts.models.words import OURS, Channel, Purpose
from contacts.persons import Person, read_persons
from contacts.records import Record, read, read_records
from contacts.sharing import ADDRESS_TYPES, addresses, on_another_record

AT_ONCE = 2000
NOWHERE: frozenset[str] = frozenset()
NO_ACCOUNT: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Everybody:
    """The persons of a past: those asked for, and all whose contacts can count for them.

    `places`: id of a customer record -> place of its person in `parties`.
    """

    places: Mapping[int, int]
    parties: Sequence[Party]


def read_everybody(customer_ids: Iterable[int], policies: Collection[frequency.Policy], since: datetime) -> Everybody:
    """The persons behind these records, and what counts of them under any of the policies whatever we do from `since`.

    That is every contact before `since`, and from then on those that another system made. Consent, wishes, addresses
    and zones are those of today. Most persons are one record with a known zone that never said anything about being
    contacted: only the others are read as the gate reads them, which takes longer.
    """
    records = {record.id: record for record in read(Customer.objects.all())}
    owners = {record.id: record.person_id for record in records.values()}
    unusual = {owners[id_] for id_ in _unusual(records.values())}
    asked = {owners[id_] for id_ in customer_ids}
    persons = {person.id: person for person in _read(asked & unusual)}
    fellows = _fellows(asked, records.values()) if any(per_account(policy) for policy in policies) else set()
    sharers = {other for person in persons.values() for others in person.sharers.values() for other in others}
    persons |= {person.id: person for person in _read((fellows | sharers) & unusual - asked)}
    everybody = asked | fellows | sharers
    rows = _rows(owners, since - min(_reach(policies, persons.values()), since - BEGINNING), since)
    reachable = _reachable(owners)
    places = {id_: place for place, id_ in enumerate(sorted(everybody))}
    parties = [
        _party(persons[id_], rows.get(id_, ()), places)
        if id_ in persons
        else _plain_party(records[id_], rows.get(id_, ()), reachable.get(id_, NOWHERE))
        for id_ in places
    ]
    return Everybody({record: places[owner] for record, owner in owners.items() if owner in places}, parties)


def _fellows(asked: Collection[int], records: Iterable[Record]) -> set[int]:
    """The persons in the accounts of those asked for."""
    records = list(records)
    accounts = {record.account_id for record in records if record.person_id in asked} - {None}
    return {record.person_id for record in records if record.account_id in accounts}


def _unusual(records: Iterable[Record]) -> Iterator[int]:
    """Ids of records of whose person more has to be known than the record's zone and country and open addresses."""
    yield from (
        addresses().annotate(shared=on_another_record()).filter(shared=True).values_list("customer_id", flat=True)
    )
    numbers = Identifier.objects.filter(type=Identifier.Type.PHONE, closed_at=None)
    called = set(numbers.filter(customer__time_zone="").values_list("customer_id", flat=True))
    for record in records:
        unknown = not is_zone(record.time_zone)
        if record.person_id != record.id or (unknown and (record.time_zone or record.id in called)):
            yield record.id
    for model, state in ((OptOut, "reopened_at"), (Wish, "withdrawn_at")):
        yield from model.objects.filter(**{state: None}).values_list("customer_id", flat=True)
    yield from Identifier.objects.exclude(closed_at=None).values_list("customer_id", flat=True)


def _read(person_ids: Collection[int]) -> Iterator[Person]:
    left = iter(sorted(person_ids))
    while ids := list(islice(left, AT_ONCE)):
        yield from {person.id: person for person in read_persons(read_records(ids)).values()}.values()


def _reach(policies: Iterable[frequency.Policy], persons: Iterable[Person]) -> timedelta:
    """How far back a contact can lie that still counts."""
    wished = max((person.facts.once_in_days or 0 for person in persons), default=0)
    return max([timedelta(days=wished + 2), *(cap.window.longest for policy in policies for cap in policy.caps)])


def _rows(owners: Mapping[int, int], oldest: datetime, since: datetime) -> dict[int, list[frequency.Row]]:
    """Person id -> rows; calls are read however old, as a refusal on the phone holds for good."""
    rows: dict[int, list[frequency.Row]] = defaultdict(list)
    counting = Q(at__gt=oldest) | Q(purpose=Purpose.CALL)
    made = Q(at__lt=since) | ~Q(source=OURS)
    for customer_id, row in read_counting(Contact.objects.filter(counting, made)):
        rows[owners[customer_id]].append(row)
    return rows


def _reachable(owners: Mapping[int, int]) -> dict[int, frozenset[str]]:
    """Person id -> the channels with an open address."""
    opened = Identifier.objects.filter(closed_at=None, type__in=set(ADDRESS_TYPES.values()))
    types: dict[int, frozenset[str]] = defaultdict(frozenset)
    for customer_id, type_ in opened.values_list("customer_id", "type").iterator():
        types[owners[customer_id]] |= {type_}
    return {id_: _channels(known) for id_, known in types.items()}


@cache
def _channels(types: frozenset[str]) -> frozenset[str]:
    return frozenset(channel for channel, type_ in ADDRESS_TYPES.items() if type_ in types)


def _party(person: Person, rows: Sequence[frequency.Row], places: Mapping[int, int]) -> Party:
    phone = person.addresses.get(Channel.PHONE)
    sharers = person.sharers.get(phone.value, {}) if phone else {}
    return Party(
        person.facts,
        rows,
        person.account_ids,
        frozenset(places[other] for other in sharers if other in places),
        frozenset(person.addresses),
        person.preferred,
    )


def _plain_party(record: Record, rows: Sequence[frequency.Row], reachable: frozenset[str]) -> Party:
    accounts = frozenset({record.account_id}) if record.account_id else NO_ACCOUNT
    return Party(_facts(record.time_zone, record.country), rows, accounts, NO_ACCOUNT, reachable)


@cache
def _facts(time_zone: str, country: str) -> frequency.Customer:
    """What the rules know of everybody of whom nothing but this is known."""
    return frequency.Customer("", time_zone or None, country or None)
