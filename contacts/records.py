"""The customer records of a person."""

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.expressions import Combinable

from contacts.copying import around_ids, as_list
from contacts.models import Customer


class Record(NamedTuple):
    """What of a customer record the gate needs; `person_id` is the record that stands for the whole person."""

    id: int
    person_id: int
    account_id: int | None
    time_zone: str
    country: str


def among(column: str, ids: Collection[int]) -> Func:
    """Whether a column holds one of the ids: a single parameter, where `in` would check thousands one by one."""
    before, behind = around_ids()
    given = Value(as_list(ids))
    return Func(F(column), given, template=f"%(expressions)s{behind}", arg_joiner=before, output_field=BooleanField())


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
    owners = dict(merged.filter(Q(among("pk", customer_ids)) | Q(among("merged_into", customer_ids))))
    persons = {owners.get(pk, pk) for pk in customer_ids}
    if elsewhere := persons.difference(customer_ids):
        owners |= dict(merged.filter(merged_into__in=elsewhere))
    return owners | {person: person for person in persons}


def read_records(customer_ids: Collection[int]) -> list[Record]:
    """All records of the persons behind these records, without a lock: in one statement unless one was merged."""
    records = read(records_of(customer_ids))
    persons = {record.person_id for record in records}
    return records if persons.issubset(customer_ids) else read(records_of(persons))


def read(customers: QuerySet[Customer]) -> list[Record]:
    """These records, in one statement."""
    found = customers.values_list("pk", "merged_into_id", "account_id", "time_zone", "country")
    return [Record(pk, merged_into or pk, account, zone, country) for pk, merged_into, account, zone, country in found]
