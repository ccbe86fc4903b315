"""Clients pull while processes write, some in long transactions that commit late: nothing is missing or comes twice.

The judge is the table at the end. A client that pulls by `updated_since` is the control: it is caught missing rows.
"""

import json
import random
import time
from collections import Counter
from datetime import datetime

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from contacts.models import Customer, Touchpoint
from tests.processes import FORK
from tests.staff import program_of
from tests.surveys.makers import make_customer

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/exports/touchpoints.ndjson"
WRITERS = 3


@pytest.fixture
def seconds(pytestconfig: pytest.Config) -> float:
    """How long writers write."""
    return 60 if pytestconfig.getoption("whole") else 1.5


def write(customer: Customer, name: str, seconds: float, patience: float) -> None:
    """Add and change touchpoints in transactions with savepoints; each holds its writes back for up to `patience`."""
    connection.close()
    chance, end, number = random.Random(name), time.monotonic() + seconds, 0  # noqa: S311
    mine: list[int] = []
    while time.monotonic() < end:
        at = timezone.now()  # as steps are told it: before anything is committed
        with transaction.atomic():
            for _ in range(chance.randint(1, 3)):
                number += 1
                with transaction.atomic():
                    mine.append(add(customer, f"{name}-{number}", at))
            if chance.random() < 0.5:
                changed = chance.choice(mine)
                with transaction.atomic():
                    Touchpoint.objects.filter(pk=changed).update(reference=f"{name}-{number} again", updated_at=at)
            give_up_a_savepoint(customer, f"{name}-{number}", at)
            time.sleep(chance.random() * patience)
        time.sleep(0.01)


def add(customer: Customer, key: str, at: datetime) -> int:
    times = {"occurred_at": at, "received_at": at, "updated_at": at}
    return Touchpoint.objects.create(
        customer=customer, source="siege", external_id=key, kind="call", reference=key, **times
    ).pk


def give_up_a_savepoint(customer: Customer, key: str, at: datetime) -> None:
    savepoint = transaction.savepoint()
    add(customer, f"{key} given up", at)
    transaction.savepoint_rollback(savepoint)


class Puller:
    """A client with a copy: id -> its row as it came last, and how often each state came."""

    def __init__(self, client: Client) -> None:
        self.client, self.copy, self.states = client, dict[int, str](), Counter[tuple[int, str]]()

    def take(self, query: str) -> tuple[list[dict[str, str]], str]:
        answer = self.client.get(f"{URL}?{query}")
        rows = [json.loads(line) for line in answer.getvalue().splitlines()]
        self.copy |= {int(row["touchpoint_id"]): row["reference"] for row in rows}
        self.states.update((int(row["touchpoint_id"]), row["reference"]) for row in rows)
        return rows, answer["X-Next-Changes-Since"]

    def missing(self) -> set[tuple[int, str]]:
        return set(Touchpoint.objects.values_list("pk", "reference")) - set(self.copy.items())


class ByToken(Puller):
    token = "beginning"

    def pull(self) -> None:
        _, self.token = self.take(f"changes_since={self.token}")


class ByInstant(Puller):
    newest = "2020-01-01T00:00:00Z"

    def pull(self) -> None:
        """As docs of other products say: from the newest `updated_at` on that one has."""
        rows, _ = self.take(f"updated_since={self.newest.replace('+', '%2B')}")
        self.newest = max([self.newest, *(row["updated_at"] for row in rows)])


def test_pulling_beside_writers_misses_nothing_and_doubles_nothing(seconds: float) -> None:
    customer, client = make_customer(), program_of("Analyst")
    puller, pulls = ByToken(client), 0
    writers = [
        FORK.Process(target=write, args=(customer, f"w{n}", seconds, patience))
        for n, patience in enumerate((0.0, 0.02, 0.3))
    ]
    puller.pull()  # loads the pages of the site, which takes longer than what follows
    connection.close()
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        puller.pull()
        pulls += 1
    puller.pull()
    puller.pull()
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    assert puller.missing() == set()
    assert [state for state, times in puller.states.items() if times > 1] == []
    assert len(puller.copy) == Touchpoint.objects.count() > 0
    print(f"{len(puller.states)} states of {len(puller.copy)} rows in {pulls} pulls")  # noqa: T201


def test_the_control_an_instant_misses_what_is_committed_late() -> None:
    customer, client = make_customer(), program_of("Analyst")
    by_instant, by_token = ByInstant(client), ByToken(client)
    began = timezone.now()
    add(customer, "quick", timezone.now())
    for puller in (by_instant, by_token):
        puller.pull()
    with transaction.atomic():  # what began before `quick`, and is committed after whoever pulled
        add(customer, "late", began)
    for puller in (by_instant, by_token):
        puller.pull()
    assert [reference for _, reference in by_instant.missing()] == ["late"]
    assert by_token.missing() == set()
