"""The door for events while its server is killed, with three copies of everything at once: each event once, none lost.

The judge is what the senders were told. `make faults` sends 10,000 events under 20 kills (`--whole`), the suite a few.
"""

import json
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from random import Random
from threading import Lock

import pytest
from django.db import connection
from django.utils import timezone

from contacts.events.applying import apply_waiting
from contacts.models import Event, Touchpoint
from tests.contacts.events.senders import make_source, mean, track
from tests.surveys.answer_server import AnswerServer, answer_server

pytestmark = pytest.mark.django_db(transaction=True)
COPIES, BATCH = 3, 50


@pytest.fixture
def scale(pytestconfig: pytest.Config) -> tuple[int, int]:
    """Give how many events are sent, under how many kills."""
    return (10_000, 20) if pytestconfig.getoption("whole") else (600, 2)


def send_all(port: int, key: str, numbers: list[int], after_each: Callable[[], object]) -> set[int]:
    """Send events in batches, each until it is acknowledged; return those that were."""
    acknowledged: set[int] = set()
    for start in range(0, len(numbers), BATCH):
        batch = numbers[start : start + BATCH]
        body = json.dumps({"batch": [track(f"m{n}", userId=f"u{n % 97}", properties={"n": n}) for n in batch]})
        while not post(port, key, body):
            pass
        acknowledged.update(batch)
        after_each()
    return acknowledged


def post(port: int, key: str, body: str) -> bool:
    """Whether a batch was acknowledged; a connection that breaks says nothing."""
    sender = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        sender.request("POST", "/v1/batch", body, {"Authorization": f"Basic {b64encode(f'{key}:'.encode()).decode()}"})
        return sender.getresponse().status in (200, 303)
    except (OSError, HTTPException):
        return False
    finally:
        sender.close()


class Killer:
    """Kills now a worker and now the whole server, evenly over the batches."""

    def __init__(self, server: AnswerServer, batches: int, kills: int) -> None:
        self.server, self.random, self.lock = server, Random(7), Lock()  # noqa: S311 (chance, not secrecy)
        self.due = {batches * n // (kills + 1): n for n in range(1, kills + 1)}
        self.batches = self.done = 0

    def __call__(self) -> None:
        with self.lock:
            self.batches += 1
            if number := self.due.get(self.batches):
                self.done += 1
                if number % 2:
                    self.server.kill_worker(self.random)
                else:
                    self.server.kill_all()


def test_copies_at_once_under_kills_are_each_event_once(suite_env: dict[str, str], scale: tuple[int, int]) -> None:
    count, kills = scale
    source, key = make_source()
    mean(source)
    connection.close()
    with answer_server(suite_env) as server:
        killer = Killer(server, COPIES * count // BATCH, kills)
        orders = [Random(copy).sample(range(count), count) for copy in range(COPIES)]  # noqa: S311
        with ThreadPoolExecutor(COPIES) as senders:
            told = list(senders.map(lambda order: send_all(server.port, key, order, killer), orders))
    assert (killer.done, [len(one) for one in told]) == (kills, [count] * COPIES)
    assert set(Event.objects.values_list("message_id", "state")) == {(f"m{n}", "waiting") for n in range(count)}
    assert Event.objects.count() == count
    assert apply_waiting(timezone.now() + timedelta(minutes=1)) == count
    assert Touchpoint.objects.count() == count
    print(f"{COPIES * count} events sent, {kills} kills: {count} kept, none lost, none twice")  # noqa: T201


def test_a_server_that_acknowledges_before_it_stores_is_caught(suite_env: dict[str, str]) -> None:
    """The control: this judge sees what the order of commit and reply prevents."""
    _, key = make_source()
    connection.close()
    with answer_server(suite_env, "tests.surveys.hasty_server") as server:
        told = send_all(server.port, key, list(range(100)), lambda: None)
    assert len(told) > Event.objects.count()
