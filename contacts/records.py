"""The customer records of a person."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.expressions import Combinable

from contacts.copying import among_ids, around_ids, as_list
from contacts.models import Customer


class Record(NamedTuple):
    """What of a customer record the gate needs; `person_id` is the record that stands for the whole person."""

    id: int
    person_id: int
    account_id: int | None
    time_zone: str
    country: str


FIELDS = ("id", "merged_into_id", "account_id", "time_zone", "country")
"""What is read of a customer for a record."""

Whom = tuple[str, list[str]]
"""Which records are asked about: a condition for SQL on `asked`, and its parameters."""


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


def by_id(customer_ids: Collection[int]) -> Whom:
    """The records with these ids."""
    return among_ids("asked.id", customer_ids)


def by_name(source: str, external_id: str) -> Whom:
    """The record of the customer with this id in this source."""
    return "asked.source = %s AND asked.external_id = %s", [source, external_id]


def read_records(customer_ids: Collection[int]) -> list[Record]:
    """All records of the persons behind these records, without a lock: one statement."""
    return read_persons_records(by_id(customer_ids))


def read_persons_records(whom: Whom) -> list[Record]:
    """All records of the persons behind those asked about, in one statement."""
    of_persons, parameters = _of_persons(whom)
    with connection.cursor() as cursor:
        cursor.execute(of_persons, parameters)
        return [_record(*values) for values in cursor.fetchall()]


def read_household(whom: Whom) -> tuple[list[Record], dict[int, set[int]]]:
    """All records of the persons behind those asked about, and who belongs to their accounts, in one statement.

    The latter as account id -> ids of the persons: each belongs to the accounts of all records.
    """
    of_persons, parameters = _of_persons(whom)
    fields = ", ".join(FIELDS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH own AS ({of_persons}) SELECT 1, {fields} FROM own UNION ALL SELECT 0, {fields} "
            "FROM contacts_customer WHERE account_id IN (SELECT account_id FROM own)",
            parameters,
        )
        found = [(own, _record(*values)) for own, *values in cursor.fetchall()]
    members: dict[int, set[int]] = defaultdict(set)
    for own, record in found:
        if not own and record.account_id:
            members[record.account_id].add(record.person_id)
    return [record for own, record in found if own], members


def read(customers: QuerySet[Customer]) -> list[Record]:
    """These records, in one statement."""
    return [_record(*values) for values in customers.values_list(*FIELDS)]


def _of_persons(whom: Whom) -> Whom:
    """SQL for all records of the persons behind those asked about; a person whom several lead to is there once."""
    condition, parameters = whom
    fields, person = ", ".join(f"record.{name}" for name in FIELDS), "coalesce(asked.merged_into_id, asked.id)"
    both = f"contacts_customer asked JOIN contacts_customer record ON record.id = {person}"
    return f"SELECT DISTINCT {fields} FROM {both} OR record.merged_into_id = {person} WHERE {condition}", parameters


def _record(*values: Any) -> Record:
    pk, merged_into, account, zone, country = values
    return Record(pk, merged_into or pk, account, zone, country)
