"""Persons locked, so that what is decided about them is decided once."""

from collections.abc import Collection, Iterable

from contacts.models import Customer
from contacts.records import Record, among, owners_of, read, read_records
from contacts.sharing import sharing_a_number


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
        owners = owners_of(asked)
        persons = set(owners.values())
        concerned = Customer.objects.filter(among("pk", persons | sharing_a_number(owners)))
        locked = read(concerned.select_for_update(no_key=True).order_by("pk"))
        records = [record for record in locked if record.id in persons]
        records += read(Customer.objects.exclude(merged_into=None).filter(among("merged_into", persons)))
        found = {record.id: record.person_id for record in records}
        if all(found.get(pk, pk) == owners[pk] for pk in asked):
            return records


def lock_if_free(customer_ids: Collection[int]) -> list[Record]:
    """Lock persons as `lock_records` does where nobody else holds any of them; else none, without waiting."""
    owners = owners_of(customer_ids)
    persons = set(owners.values())
    concerned = persons | sharing_a_number(owners)
    free = Customer.objects.filter(among("pk", concerned)).select_for_update(no_key=True, skip_locked=True)
    if set(free.order_by("pk").values_list("pk", flat=True)) != concerned:
        return []
    return read_records(customer_ids)
