"""Providers that repeat, shuffle and overlap what they tell, and customers who say stop while a wave goes out.

`make faults` tells 10,000 events, each up to 46 times, and lets 1,000 customers say stop (`--whole`); the suite a few.
"""

import os
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from pytest_django import Settings

from contacts import consent
from contacts.models import OptOut
from contacts.models.words import Via
from surveys import events_in
from surveys.channels.base import Message, Sent
from surveys.channels.events import Status, StatusEvent
from surveys.channels.gateways import GATEWAYS
from surveys.delivery import Delivery, deliver
from surveys.models import Attempt, Invitation, ProviderEvent
from tests.surveys.gateways import ToldGateway
from tests.surveys.mail_provider import FORK
from tests.surveys.makers import NOON, make_customer, make_invitation, make_touchpoint, make_version

pytestmark = pytest.mark.django_db(transaction=True)

SOON = NOON + timedelta(minutes=1)
PER_MESSAGE, MOST_COPIES, TOLD_AT_ONCE = 4, 46, 25


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> ToldGateway:
    gateway = ToldGateway(Sent("their-id"))
    monkeypatch.setitem(GATEWAYS, "told", gateway)
    settings.CHANNEL_GATEWAYS = {"email": "told"}
    return gateway


@pytest.fixture
def whole(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("whole"))


def send(messages: int) -> list[Attempt]:
    version = make_version()
    for _ in range(messages):
        make_invitation(version)
    deliver(NOON)
    return list(Attempt.objects.select_related("invitation").order_by("pk"))


def tell(events: list[StatusEvent]) -> None:
    """What the door does with a request, until it is done."""
    while True:
        try:
            events_in.store("told", events, SOON)
            events_in.apply_waiting(SOON, only={event.key for event in events})
        except OperationalError:
            connection.close()
        else:
            return


def tell_all(requests: list[list[StatusEvent]]) -> None:
    for events in requests:
        tell(events)
    connection.close()


def end_states() -> list[tuple[str, str, str, bool]]:
    """Of each message, in order: attempt, invitation, place in the ledger, whether the address is closed."""
    columns = ("delivery", "invitation__state", "invitation__contact__outcome", "invitation__address__closed_at")
    rows = Attempt.objects.order_by("pk").values_list(*columns)
    return [(told, state, outcome, closed is not None) for told, state, outcome, closed in rows]


def test_events_in_any_order_any_number_of_times_at_once_end_as_one_ordered_pass(whole: bool) -> None:
    messages, rng = 2_500 if whole else 20, Random(4)  # noqa: S311 (chance, not secrecy)
    attempts = send(2 * messages)
    told = [[rng.choice(list(Status)) for _ in range(PER_MESSAGE)] for _ in range(messages)]
    ordered, shuffled = attempts[:messages], attempts[messages:]
    tell([event for attempt, statuses in zip(ordered, told, strict=True) for event in events_of(attempt, statuses)])
    events_in.apply_waiting(SOON)
    copies = [
        event
        for attempt, statuses in zip(shuffled, told, strict=True)
        for event in events_of(attempt, statuses)
        for _ in range(min(MOST_COPIES, 1 + int(rng.expovariate(1 / 3))))
    ]
    at_once(copies, rng)
    states = end_states()
    assert [n for n in range(messages) if states[n] != states[messages + n]] == []
    assert ProviderEvent.objects.count() == 2 * messages * PER_MESSAGE
    no = Counter(OptOut.objects.values_list("customer", "channel"))
    assert said_no(ordered, no) == said_no(shuffled, no)
    print(f"{messages * PER_MESSAGE} events told {len(copies)} times by two at once: the states of one ordered pass")  # noqa: T201


def events_of(attempt: Attempt, statuses: list[Status]) -> list[StatusEvent]:
    return [StatusEvent(f"{attempt.pk}-{n}", status, SOON, attempt.our_reference) for n, status in enumerate(statuses)]


def at_once(copies: list[StatusEvent], rng: Random) -> None:
    """Let two processes tell all of it at the same time, each in an order of its own: every event meets its copies."""
    connection.close()
    tellers = []
    for _ in range(2):
        rng.shuffle(copies)
        requests = [copies[n : n + TOLD_AT_ONCE] for n in range(0, len(copies), TOLD_AT_ONCE)]
        tellers.append(FORK.Process(target=tell_all, args=(requests,)))
    for teller in tellers:
        teller.start()
    for teller in tellers:
        teller.join()
    assert [teller.exitcode for teller in tellers] == [0, 0]


def said_no(attempts: list[Attempt], no: "Counter[tuple[int, str]]") -> list[int]:
    return [no[attempt.invitation.customer_id, "email"] for attempt in attempts]


class SlowGateway(ToldGateway):
    """Takes its time, so that what happens meanwhile happens."""

    def send(self, message: Message) -> Sent:
        time.sleep(0.003)
        return Sent(message.reference)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GATEWAYS, "told", SlowGateway(Sent("x")))


@pytest.mark.parametrize("heeding", [True, False])
def test_nobody_gets_a_message_after_having_said_stop(slow: None, tmp_path: Path, whole: bool, heeding: bool) -> None:
    """Each start is noted before it begins, each stop after its commit; the control does not ask again at the start."""
    customers = 1_000 if whole else 60
    version, at = make_version(), timezone.now()
    waiting = []
    for _ in range(2 * customers):
        customer = make_customer()
        touchpoint = make_touchpoint(customer, occurred_at=at - timedelta(days=1))
        waiting.append(make_invitation(version, customer=customer, touchpoint=touchpoint, due_at=at).customer_id)
    connection.close()
    senders = [FORK.Process(target=send_noting, args=(tmp_path / f"{n}.log", heeding)) for n in range(2)]
    for sender in senders:
        sender.start()
    stopped: dict[int, float] = {}
    while len(stopped) < customers and any(sender.is_alive() for sender in senders):
        # Those whose turn comes next, of a lot that a sender has in its hands: so that the two meet.
        claimed = Invitation.objects.filter(state="claimed", attempts=None).exclude(customer__in=stopped)
        for customer_id in claimed.order_by("-due_at", "-pk").values_list("customer", flat=True)[:1]:
            consent.opt_out(customer_id, "", at=timezone.now(), via=Via.REPLY)
            stopped[customer_id] = time.monotonic()
    for sender in senders:
        sender.join()
    started = [line.split() for log in tmp_path.glob("*.log") for line in log.read_text().splitlines()]
    late = [customer for customer, begun in started if stopped.get(int(customer), float("inf")) < float(begun)]
    assert stopped
    assert (late == []) is heeding
    sent = set(Invitation.objects.filter(state="sent").values_list("customer", flat=True))
    assert set(waiting) - stopped.keys() <= sent, "and those who did not say stop got theirs"


def send_noting(log: Path, heeding: bool) -> None:
    """Send all, noting when each start began that led to a message."""
    real = Delivery.start

    def start(self: Delivery, attempt: Attempt, heard: Any) -> Message | None:
        begun = time.monotonic()
        message = real(self, attempt, heard)
        if message:
            with log.open("a") as noted:
                noted.write(f"{attempt.invitation.customer_id} {begun}\n")
        return message

    Delivery.start = start  # type: ignore[method-assign]  # this process is one of its own
    if not heeding:
        consent.hold_open = lambda *_: True
    while True:
        try:
            if not deliver(timezone.now(), worker=f"w{os.getpid()}", most=100, clock=timezone.now).due:
                break
        except OperationalError:
            connection.close()
    connection.close()
