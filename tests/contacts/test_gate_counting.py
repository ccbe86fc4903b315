"""What a cap counts is the same in SQL and in the rules: over every field that caps tell contacts apart by."""

from datetime import timedelta
from random import Random
from typing import Any

import numpy as np
import pytest

from contacts.frequency.caps import MEASURES, Cap
from contacts.frequency.windows import parse_window
from contacts.frequency.zone_arrays import micros
from contacts.gate.counting import count_since
from contacts.ledger import read_counting
from contacts.models import Contact, Customer
from tests.contacts.makers import NOON, make_customer

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
KINDS = (
    *(("invitation", "email"), ("reminder", "email"), ("other", "sms"), ("call", "phone")),
    *(("response", ""), ("decline", "")),
)
SCOPES: dict[str, tuple[str, ...]] = {
    "channels": ("email", "sms", "phone"),
    "purposes": ("invitation", "other", "call"),
    "surveys": ("nps", "ces"),
    "programs": ("after-visit",),
    "sources": ("crm", "shop"),
    "tags": ("vip", "new"),
}


def make_history(random: Random, customers: list[Customer]) -> None:
    for _ in range(120):
        purpose, channel = random.choice(KINDS)
        Contact.objects.create(
            customer=random.choice(customers),
            at=NOON - random.randrange(40) * DAY,
            purpose=purpose,
            channel=channel,
            outcome=random.choice(["delivered", "reserved", "bounced"]),
            survey=random.choice(["nps", "ces", ""]),
            program=random.choice(["after-visit", ""]),
            source=random.choice(["crm", "shop"]),
            tags=random.sample(["vip", "new", "old"], random.randrange(3)),
            recorded_at=NOON,
            updated_at=NOON,
        )


def random_cap(random: Random, measure: str) -> Cap:
    scopes: dict[str, Any] = {
        name: frozenset(random.sample(words, 1)) for name, words in SCOPES.items() if random.random() < 0.3
    }
    return Cap("cap", 1, measure, parse_window("30 days"), **scopes)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_cap_counts_in_the_ledger_what_it_counts_in_the_rules(measure: str):
    random = Random(measure)  # noqa: S311
    customers = [make_customer() for _ in range(5)]
    make_history(random, customers)
    ids = np.array([customer.pk for customer in reversed(customers)], np.int64)
    since = np.array([micros(NOON - random.randrange(50) * DAY) for _ in ids], np.int64)
    rows = list(read_counting(Contact.objects.all()))
    counted = 0
    for _ in range(25):
        cap = random_cap(random, measure)
        expected = [
            sum(cap.counts(row) for owner, row in rows if owner == pk and begin < micros(row.at) <= micros(NOON))
            for pk, begin in zip(ids.tolist(), since.tolist(), strict=True)
        ]
        assert count_since(cap, ids, since, NOON).tolist() == expected, cap
        counted += sum(expected)
    assert counted
