"""Ten times the load of events against customers who answer: answers stay quick, events are told to come again.

The judges are the clocks of the customers and what the senders were told. `make faults` lasts a minute (`--whole`), the
suite some seconds.
"""

import json
import time
from base64 import b64encode
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from itertools import count
from statistics import quantiles
from threading import Event as Signal

import pytest
from django.db import connection, transaction
from django.utils import timezone

from contacts.models import Event
from surveys.links import token
from surveys.models import Response
from tests.contacts.events.senders import make_source, mean, track
from tests.surveys.answer_crowd import STORED, Post, post
from tests.surveys.answer_server import answer_server
from tests.surveys.makers import make_customer, make_invitation, make_version

pytestmark = pytest.mark.django_db(transaction=True)
CUSTOMERS, SENDERS, BATCH = 4, 40, 100
"""Who answers at once, who sends at once, events of a request."""
SECOND = 1.0


@dataclass
class Storm:
    """Systems that send as fast as they can, and what they were told."""

    port: int
    key: str
    over: Signal = field(default_factory=Signal)
    told: Counter[int | None] = field(default_factory=Counter)
    acknowledged: set[str] = field(default_factory=set)
    advised: set[str] = field(default_factory=set)
    numbers: "count[int]" = field(default_factory=count)

    def send(self) -> None:
        """Send one batch after another until it is over; what was refused waits as little as a bad client does."""
        while not self.over.is_set():
            ids = [f"m{next(self.numbers)}" for _ in range(BATCH)]
            status = self._post(json.dumps({"batch": [track(one) for one in ids]}))
            self.told[status] += 1
            if status == 200:
                self.acknowledged.update(ids)
            else:
                self.over.wait(0.05)

    def _post(self, body: str) -> int | None:
        sender = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            key = b64encode(f"{self.key}:".encode()).decode()
            sender.request("POST", "/v1/batch", body, {"Authorization": f"Basic {key}"})
            reply = sender.getresponse()
            if reply.status in (429, 503):
                self.advised.add(reply.headers["Retry-After"])
            reply.read()
        except (OSError, HTTPException):
            return None
        finally:
            sender.close()
        return reply.status


def make_links(number: int) -> list[str]:
    version, sent_at = make_version(), timezone.now() - timedelta(hours=1)
    about = {"due_at": sent_at, "state": "sent", "sent_at": sent_at, "touchpoint": None}
    with transaction.atomic():
        return [token(make_invitation(version, customer=make_customer(), **about)) for _ in range(number)]


def answer(port: int, links: list[str]) -> list[Post]:
    with ThreadPoolExecutor(CUSTOMERS) as crowd:
        return list(crowd.map(lambda link: post(port, link, 9), links))


def slowest(answers: list[Post]) -> float:
    """Return the seconds that all but one of a hundred took at most."""
    return quantiles([one.ended - one.began for one in answers], n=100, method="inclusive")[-1]


def test_answers_stay_quick_while_events_are_told_to_come_again(
    suite_env: dict[str, str], pytestconfig: pytest.Config
) -> None:
    whole = pytestconfig.getoption("whole")
    source, key = make_source()
    mean(source)
    links = make_links(4_000 if whole else 160)
    connection.close()
    with answer_server(suite_env) as server, ThreadPoolExecutor(SENDERS) as senders:
        answer(server.port, links[:CUSTOMERS])  # until it has started
        quiet = answer(server.port, links[CUSTOMERS : len(links) // 4])
        storm = Storm(server.port, key)
        began = time.monotonic()
        for _ in range(SENDERS):
            senders.submit(storm.send)
        busy = answer(server.port, links[len(links) // 4 :])
        seconds = time.monotonic() - began
        storm.over.set()
    assert {one.status for one in quiet + busy} == {STORED}
    assert Response.objects.count() == len(links)
    assert set(storm.told) <= {200, 429, 503}
    assert storm.told[429] + storm.told[503] > 0
    assert storm.advised <= {"2", "10"}
    stored = set(Event.objects.values_list("message_id", flat=True))
    assert storm.acknowledged <= stored
    assert not whole or slowest(busy) < SECOND  # beside other tests seconds say nothing
    print(  # noqa: T201
        f"{len(busy)} answers in {seconds:.0f} s: p99 {slowest(busy):.3f} s, without events {slowest(quiet):.3f} s; "
        f"requests with events by status {dict(storm.told)}, {len(storm.acknowledged)} events acknowledged, none lost"
    )
