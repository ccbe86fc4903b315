"""The customer records of a person: found, and locked."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from contacts.models import Customer, Identifier
from contacts.models.customers import PERSON


class Record(NamedTuple):
    """What of a customer record the gate needs; `person_id` is the record that stands for the whole person."""

    id: int
    person_id: int
    account_id: int | None
    time_zone: str
    country: str


def records_of(persons: Collection[int]) -> QuerySet[Customer]:
    """All records of the persons with these ids."""
    return Customer.objects.filter(Q(pk__in=persons) | Q(merged_into_id__in=persons))


def records_of_one(person: Combinable) -> QuerySet[Customer]:
    """All records of the person whose id an outer query gives."""
    return Customer.objects.filter(Q(pk=person) | Q(merged_into=person))


def owners_of(customer_ids: Collection[int]) -> dict[int, int]:
    """Record id -> person id, for all records of the persons behind these; in one statement unless one was merged.

    Only what was merged is read: every other record is a person of its own.
    """
    merged = Customer.objects.exclude(merged_into=None).values_list("pk", "merged_into_id")
    owners = dict(merged.filter(Q(pk__in=customer_ids) | Q(merged_into__in=customer_ids)))
    persons = {owners.get(pk, pk) for pk in customer_ids}
    if elsewhere := persons.difference(customer_ids):
        owners |= dict(merged.filter(merged_into__in=elsewhere))
    return owners | {person: person for person in persons}


def read_records(customer_ids: Collection[int]) -> list[Record]:
    """All records of the persons behind these records, without a lock: in one statement unless one was merged."""
    records = _read(customer_ids)
    persons = {record.person_id for record in records}
    return records if persons.issubset(customer_ids) else _read(persons)


def lock_records(customer_ids: Iterable[int]) -> list[Record]:
    """Lock the persons behind these records until the transaction ends, and return all their records.

    A person is locked by the record that stands for them, and whoever has a phone number of theirs too is locked with
    them, because the caps of a number are shared. PostgreSQL locks row by row in the order of the ids, so that two
    transactions that lock once each cannot wait for each other; the lock leaves the keys alone, so that others can go
    on adding touchpoints to the customer. Where a merge or a split is committed while this waits, it locks once more.
    SQLite ignores the lock: there a transaction holds the whole file from its first statement on (mode IMMEDIATE).
    """
    asked = set(customer_ids)
    while True:
        owners = dict(Customer.objects.filter(pk__in=asked).values_list("pk", Coalesce("merged_into", "pk")))
        persons = set(owners.values())
        concerned = Customer.objects.filter(pk__in=persons | _reached_at_their_numbers(persons))
        list(concerned.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        records = _read(persons)
        if owners.items() <= {record.id: record.person_id for record in records}.items():
            return records


def _read(persons: Collection[int]) -> list[Record]:
    found = records_of(persons).values_list("pk", "merged_into_id", "account_id", "time_zone", "country")
    return [Record(pk, merged_into or pk, account, zone, country) for pk, merged_into, account, zone, country in found]


def _reached_at_their_numbers(persons: Collection[int]) -> set[int]:
    """Ids of all persons who have a phone number of these."""
    numbers = Identifier.objects.filter(type=Identifier.Type.PHONE, issuer="")
    own = numbers.filter(customer__in=records_of(persons).values("pk")).values("value")
    return set(numbers.filter(value__in=own).values_list(PERSON, flat=True))
