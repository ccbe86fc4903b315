"""Providers that repeat, shuffle and overlap what they tell: the end is that of one ordered pass.

`make faults` tells 10,000 events, each up to 46 times (`--whole`); the suite a few.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest
from django.db import OperationalError, connection
from pytest_django import Settings

from contacts.models import OptOut
from surveys import events_in
from surveys.channels.base import Sent
from surveys.channels.events import Status, StatusEvent
from surveys.channels.gateways import GATEWAYS
from surveys.delivery import deliver
from surveys.models import Attempt, ProviderEvent
from tests.processes import FORK
from tests.surveys.gateways import ToldGateway
from tests.surveys.makers import NOON, make_invitation, make_version

pytestmark = pytest.mark.django_db(transaction=True)

SOON = NOON + timedelta(minutes=1)
Tell = Callable[[list[StatusEvent]], None]
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
        except OperationalError as error:
            if "locked" not in str(error) and "deadlock" not in str(error):
                raise
            connection.close()
        else:
            return


def tell_naively(events: list[StatusEvent]) -> None:
    """Without memory and without ranks: what is heard last counts. The control."""
    for event in events:
        Attempt.objects.filter(invitation=int(event.reference.split("-")[1])).update(delivery=event.status)


def tell_all(tell: Tell, requests: list[list[StatusEvent]]) -> None:
    for events in requests:
        tell(events)
    connection.close()


def end_states() -> list[tuple[str, str, str, bool]]:
    """Of each message, in order: attempt, invitation, place in the ledger, whether the address is closed."""
    columns = ("delivery", "invitation__state", "invitation__contact__outcome", "invitation__address__closed_at")
    rows = Attempt.objects.order_by("pk").values_list(*columns)
    return [(told, state, outcome, closed is not None) for told, state, outcome, closed in rows]


def told_both_ways(messages: int, tell: Tell) -> tuple[list[Attempt], list[Attempt], int]:
    """Tell the same of two halves: of one in one ordered pass, of the other as providers do. Return how many copies."""
    rng = Random(4)  # noqa: S311 (chance, not secrecy)
    attempts = send(2 * messages)
    told = [[rng.choice(list(Status)) for _ in range(PER_MESSAGE)] for _ in range(messages)]
    ordered, shuffled = attempts[:messages], attempts[messages:]
    tell([event for attempt, statuses in zip(ordered, told, strict=True) for event in events_of(attempt, statuses)])
    copies = [
        event
        for attempt, statuses in zip(shuffled, told, strict=True)
        for event in events_of(attempt, statuses)
        for _ in range(min(MOST_COPIES, 1 + int(rng.expovariate(1 / 3))))
    ]
    at_once(tell, copies, rng)
    return ordered, shuffled, len(copies)


def differing(messages: int) -> list[int]:
    """The messages whose end differs between the two halves."""
    states = end_states()
    return [n for n in range(messages) if states[n] != states[messages + n]]


def test_events_in_any_order_any_number_of_times_at_once_end_as_one_ordered_pass(whole: bool) -> None:
    messages = 2_500 if whole else 20
    ordered, shuffled, copies = told_both_ways(messages, tell)
    assert differing(messages) == []
    assert ProviderEvent.objects.count() == 2 * messages * PER_MESSAGE
    no = Counter(OptOut.objects.values_list("customer", "channel"))
    assert said_no(ordered, no) == said_no(shuffled, no)
    print(f"{messages * PER_MESSAGE} events told {copies} times by two at once: the states of one ordered pass")  # noqa: T201


def test_whoever_believes_the_last_event_is_caught() -> None:
    """The control: the comparison sees what order and repetition do."""
    told_both_ways(20, tell_naively)
    assert differing(20)


def events_of(attempt: Attempt, statuses: list[Status]) -> list[StatusEvent]:
    return [StatusEvent(f"{attempt.pk}-{n}", status, SOON, attempt.our_reference) for n, status in enumerate(statuses)]


def at_once(tell: Tell, copies: list[StatusEvent], rng: Random) -> None:
    """Let two processes tell all of it at the same time, each in an order of its own: every event meets its copies."""
    connection.close()
    tellers = []
    for _ in range(2):
        rng.shuffle(copies)
        requests = [copies[n : n + TOLD_AT_ONCE] for n in range(0, len(copies), TOLD_AT_ONCE)]
        tellers.append(FORK.Process(target=tell_all, args=(tell, requests)))
    for teller in tellers:
        teller.start()
    for teller in tellers:
        teller.join()
    assert [teller.exitcode for teller in tellers] == [0, 0]


def said_no(attempts: list[Attempt], no: "Counter[tuple[int, str]]") -> list[int]:
    return [no[attempt.invitation.customer_id, "email"] for attempt in attempts]
