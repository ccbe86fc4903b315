"""Customers who say stop while a wave goes out, and whose records are brought in, merged and split afterwards.

`make faults` lets 1,000 customers say stop (`--whole`), the suite some.
"""

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.utils import timezone
from pytest_django import Settings

from contacts import consent, heeding
from contacts.merging import merge, split
from contacts.models import Customer
from contacts.models.words import Via
from surveys.channels.base import Message, Sent
from surveys.channels.gateways import GATEWAYS
from surveys.delivery import Delivery, deliver
from surveys.models import Invitation
from surveys.planning import plan
from tests.contacts.files import customers as bring_in_customers
from tests.processes import FORK
from tests.surveys.gateways import ToldGateway
from tests.surveys.makers import NOON, make_customer, make_invitation, make_program, make_touchpoint, make_version

pytestmark = pytest.mark.django_db(transaction=True)


class SlowGateway(ToldGateway):
    """Takes its time, so that what happens meanwhile happens."""

    def send(self, message: Message) -> Sent:
        """Answer after a moment."""
        time.sleep(0.003)
        return super().send(message)


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> ToldGateway:
    gateway = SlowGateway(Sent("their-id"))
    monkeypatch.setitem(GATEWAYS, "told", gateway)
    settings.CHANNEL_GATEWAYS = {"email": "told"}
    return gateway


@pytest.fixture
def stops(pytestconfig: pytest.Config) -> int:
    return 1_000 if pytestconfig.getoption("whole") else 15


@pytest.mark.parametrize("heeding", [True, False])
def test_nobody_gets_a_message_after_having_said_stop(tmp_path: Path, stops: int, heeding: bool) -> None:
    """Each start is noted before it begins, each stop after its commit; the control does not ask again at the start."""
    waiting = make_waiting(messages := 5 * stops)
    connection.close()
    senders = [FORK.Process(target=send_noting, args=(tmp_path / f"{n}.log", heeding)) for n in range(2)]
    for sender in senders:
        sender.start()
    stopped = say_stop(stops, senders)
    for sender in senders:
        sender.join()
    started = [line.split() for log in tmp_path.glob("*.log") for line in log.read_text().splitlines()]
    late = [customer for customer, begun in started if stopped.get(int(customer), float("inf")) < float(begun)]
    assert len(stopped) > stops / 2, "too few met the wave"
    assert (late == []) is heeding
    sent = set(Invitation.objects.filter(state="sent").values_list("customer", flat=True))
    assert waiting - stopped.keys() <= sent, "and those who did not say stop got theirs"
    print(f"{len(stopped)} stops in a wave of {messages}, asked again: {heeding}; {len(late)} begun after the stop")  # noqa: T201


def make_waiting(messages: int) -> set[int]:
    version, at, waiting = make_version(), timezone.now(), set()
    for _ in range(messages):
        customer = make_customer()
        touchpoint = make_touchpoint(customer, occurred_at=at - timedelta(days=1))
        waiting.add(make_invitation(version, customer=customer, touchpoint=touchpoint, due_at=at).customer_id)
    return waiting


def say_stop(stops: int, senders: list[Any]) -> dict[int, float]:
    """Let customers say stop whose turn comes soon, of a lot that a sender has in its hands: so that the two meet.

    Returns customer -> when the stop was committed.
    """
    stopped: dict[int, float] = {}
    while len(stopped) < stops and any(sender.is_alive() for sender in senders):
        claimed = Invitation.objects.filter(state="claimed", attempts=None).exclude(customer__in=stopped)
        for customer_id in claimed.order_by("due_at", "pk").values_list("customer", flat=True)[2:3]:
            consent.opt_out(customer_id, "", at=timezone.now(), via=Via.REPLY)
            stopped[customer_id] = time.monotonic()
    return stopped


def send_noting(log: Path, heeds: bool) -> None:
    """Send all, noting when each start began that led to a message."""
    real = Delivery.start

    def start(self: Delivery, attempt: Any, heard: Any) -> Message | None:
        begun = time.monotonic()
        message = real(self, attempt, heard)
        if message:
            with log.open("a") as noted:
                noted.write(f"{attempt.invitation.customer_id} {begun}\n")
        return message

    Delivery.start = start  # type: ignore[method-assign]  # this process is one of its own
    if not heeds:
        heeding.hold_open = lambda *_: True
    while Invitation.objects.filter(state="planned").exists():
        try:
            deliver(timezone.now(), worker=f"w{os.getpid()}", most=100, clock=timezone.now)
        except OperationalError:
            connection.close()
    connection.close()


SOURCES = "csv", "shop"


@pytest.mark.parametrize("said", [True, False])
def test_no_import_no_merge_and_no_split_takes_a_stop_back(stops: int, said: bool, told: ToldGateway) -> None:
    """Of pairs of records the even one says stop; the control has nobody who did."""
    pairs = range(0, 2 * stops, 2)
    bring_in(stops)
    for n in pairs if said else ():
        consent.opt_out(record(n).pk, "email" if n % 3 else "", at=NOON, via=Via.REPLY)
    for times in (1, 2):
        bring_in(stops, name=f"Named anew {times}")
    bring_in(stops, source="shop")
    merge_and_split(pairs)
    version = make_version()
    make_program(version)
    for source in SOURCES:
        for n in range(2 * stops):
            make_touchpoint(record(n, source))
    plan(NOON)
    deliver(NOON)
    got = {message.recipient for message in told.taken}
    # A stop counts for the person: for the other record of a pair as long as the two are merged.
    closed = set(pairs) | {n + 1 for n in pairs if n % 4 == 0 and n % 8}
    assert got == {address(n) for n in range(2 * stops) if not (said and n in closed)}


def bring_in(stops: int, *, source: str = "csv", name: str = "Ada") -> None:
    """Bring in the file of all customers."""
    rows = "".join(f"c{n},{address(n)},{name},UTC\n" for n in range(2 * stops))
    result = bring_in_customers(f"external_id,email,name,time_zone\n{rows}", source=source)
    assert result.rejected == 0


def merge_and_split(pairs: range) -> None:
    """Merge every second pair, either way round, and split every second of them again."""
    by = User.objects.create(username="ada").pk
    for n in pairs:
        if n % 4 == 0:
            first, second = (n, n + 1) if n % 3 else (n + 1, n)
            merge(record(first).pk, into=record(second).pk, at=NOON, by_id=by, why="Rang to say so.")
            if n % 8 == 0:
                split(record(first).pk, at=NOON, by_id=by)


def record(n: int, source: str = "csv") -> Customer:
    return Customer.objects.get(source=source, external_id=f"c{n}")


def address(n: int) -> str:
    return f"c{n}@example.com"
