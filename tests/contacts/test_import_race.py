"""The same new rows from two imports at once: every row once, and no import falls over the other.

The imports are forked and meet at a barrier before they begin (the last test shows that rows do collide).
"""

import io
import multiprocessing
from collections.abc import Callable
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from contacts.intake import CONTACTS, CUSTOMERS, TOUCHPOINTS
from contacts.intake.rows import RowReader, Subject, exact_mapping
from contacts.intake.tables import Row, Table
from contacts.models import Contact, Customer, Touchpoint
from tests.contacts.files import NOON, bring, counts, customers
from tests.processes import wait_until

IMPORTS = 3
ROWS = 1200
FORK = multiprocessing.get_context("fork")
TABLES: dict[str, type[Customer | Touchpoint | Contact]] = {
    CUSTOMERS.name: Customer,
    TOUCHPOINTS.name: Touchpoint,
    CONTACTS.name: Contact,
}
How = Callable[[Subject, str], object]

pytestmark = pytest.mark.django_db(transaction=True)


def rows(subject: Subject, shift: int = 0) -> str:
    """Return a file of new rows; those of the same row number are of other customers where `shift` differs."""
    headers = {
        CUSTOMERS.name: ("external_id,email", "c{n},c{n}@example.com"),
        TOUCHPOINTS.name: (
            "external_id,customer,kind,channel,occurred_at",
            "t{n},c{whose},call,hotline,2026-05-01T10:00:00Z",
        ),
        CONTACTS.name: ("external_id,customer,at,channel,purpose", "x{n},c{whose},2026-05-01T10:00:00Z,sms,invitation"),
    }
    header, row = headers[subject.name]
    return "\n".join([header, *(row.format(n=n, whose=n % 50 + shift) for n in range(ROWS)), ""])


def through_the_intake(subject: Subject, content: str) -> object:
    return counts(bring(subject, content))


def without_a_turn(subject: Subject, content: str) -> object:
    """Write the rows as the intake does, but without taking turns: the control.

    Who writes first ends its transaction when the other one waits for it.
    """
    table = Table(io.BytesIO(content.encode()))
    reader = RowReader(subject, table.header, exact_mapping(subject, table.header), NOON)
    lines: list[Any] = [reader.read(row) for row in table.rows() if isinstance(row, Row)]
    with transaction.atomic():
        subject.write(lines, "csv", NOON)
        wait_until(somebody_waits, 60)
    return "written"


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'transactionid')"
        )
        return bool(cursor.fetchone() == (True,))


def race(how: How, *files: tuple[Subject, str]) -> list[object]:
    """Bring in the files all at once; return what each import told, or the error that ended it."""
    connection.close()
    barrier, told = FORK.Barrier(len(files)), FORK.SimpleQueue()
    imports = [FORK.Process(target=run, args=(how, *file, barrier, told)) for file in files]
    for process in imports:
        process.start()
    outcomes = [told.get() for _ in imports]
    for process in imports:
        process.join(60)
    return outcomes


def run(how: How, subject: Subject, content: str, barrier: Barrier, told: "SimpleQueue[object]") -> None:
    barrier.wait(30)
    try:
        told.put(how(subject, content))
    except IntegrityError:
        told.put("collided")
    connection.close()


@pytest.mark.parametrize("subject", [CUSTOMERS, TOUCHPOINTS, CONTACTS], ids=lambda subject: subject.name)
def test_the_same_file_from_several_imports_at_once_comes_in_once(subject: Subject):
    if subject is not CUSTOMERS:  # who are new would make the imports wait for each other by themselves
        customers(rows(CUSTOMERS))
    told: list[Any] = race(through_the_intake, *[(subject, rows(subject))] * IMPORTS)

    assert [sum(column) for column in zip(*told, strict=True)] == [ROWS, 0, ROWS * (IMPORTS - 1), 0]
    assert TABLES[subject.name].objects.count() == ROWS


def test_customers_may_come_in_while_touchpoints_bring_them_too():
    files = (CUSTOMERS, rows(CUSTOMERS)), (TOUCHPOINTS, rows(TOUCHPOINTS))
    told: list[Any] = race(through_the_intake, *files)

    assert all(rejected == 0 for *_, rejected in told)
    assert (Customer.objects.count(), Touchpoint.objects.count()) == (ROWS, ROWS)


def test_one_id_for_two_customers_at_once_goes_to_one_of_them():
    customers(rows(CUSTOMERS))
    told: list[Any] = race(through_the_intake, (CONTACTS, rows(CONTACTS)), (CONTACTS, rows(CONTACTS, shift=100)))

    assert [sum(column) for column in zip(*told, strict=True)] == [ROWS, 0, 0, ROWS]
    assert Contact.objects.count() == ROWS


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite lets only one transaction write")
def test_this_race_sees_a_missing_turn():
    told = race(without_a_turn, *[(CUSTOMERS, rows(CUSTOMERS))] * 2)

    assert "collided" in told
