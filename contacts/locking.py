"""Persons locked, so that what is decided about them is decided once."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import OperationalError, connection, transaction

from contacts.models import Customer
from contacts.records import Record, among, owners_of, read, read_records
from contacts.sharing import sharing_a_number

OVERTAKEN = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_SNAPSHOT}
"""Somebody writes just now, or has written since this transaction's first read (sqlite.org/rescode.html)."""


class Overtaken(Exception):  # noqa: N818 - it is what happened
    """Another transaction wrote while this one was reading what it decides by; nothing of this one is kept."""


@contextmanager
def reading_first() -> Iterator[None]:
    """On SQLite alone: a transaction that reads without holding up writers, and holds the file from its first write on.

    What it writes was decided by what is still true: SQLite lets a transaction write only if nobody has written since
    it first read. Raises Overtaken otherwise; `transaction.atomic` then waits for its turn before it reads.
    """
    database: Any = connection
    usual = database.transaction_mode
    try:
        with ExitStack() as ended:
            database.transaction_mode = "DEFERRED"
            try:
                ended.enter_context(transaction.atomic())
            finally:
                database.transaction_mode = usual
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlite_errorcode", None) in OVERTAKEN:
            raise Overtaken from error
        raise


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
