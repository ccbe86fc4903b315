"""The bulk way of reserving gives the answers and the rows of the one by one: over random customers and policies."""

import json
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import transaction

from contacts import consent, newest
from contacts.gate import Ask, Entry, record, reserve
from contacts.gate.rounds import Terms
from contacts.gate.wave import Service
from contacts.models import Contact, Customer, Decision, NewestContacts
from tests.contacts.makers import NOON, add_address, cap, make_account, make_customer, make_touchpoint, put_in_force
from tests.contacts.turns import SAMPLING, Turn, serve_all

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
VISIT = Terms("after-visit", "nps", ("email", "sms"), "invitation", 40, 5)
CALL = Terms("after-call", "ces", ("sms",), "invitation", 20, 0)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "", "Nowhere/Land")
POLICIES: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "default-like": ([cap(1, "30 days", "invitations"), cap(3, "90 days")], {}),
    "scoped": (
        [
            cap(1, "60 days", surveys=["nps"], name="nps"),
            cap(2, "week", channels=["email"], name="emails"),
            cap(1, "36 hours", sources=["crm"], name="crm"),
        ],
        {},
    ),
    "hours": ([cap(2, "30 days")], {"hours": {"sms": {"mon-fri": "14:00-18:00"}, "email": {"mon-sun": "06:00-12:00"}}}),
    "clocks": (
        [cap(1, "30 days", "responses"), cap(10, "year", name="many")],
        {"holidays": ["2026-05-05"], "hours": {"sms": {"mon-sun": "00:00-24:00"}}},
    ),
    "blocked": ([cap(0, "day", channels=["email"], name="no mail"), cap(80, "month", "seconds")], {}),
    "account": ([cap(2, "30 days", per="account")], {}),
}


def make_crowd(random: Random) -> list[Customer]:
    """Make customers of all sorts: merged, with wishes and refusals, without addresses, with any history."""
    customers = [make_one(random, n) for n in range(40)]
    entries = [entry(random, customer) for customer in customers for _ in range(history(random))]
    record(entries, at=NOON - DAY)
    Customer.objects.filter(pk=customers[1].pk).update(merged_into=customers[0])
    consent.ask_less(customers[2].pk, 20, at=NOON - DAY, via="link")
    consent.prefer(customers[3].pk, "sms", at=NOON - DAY, via="link")
    for customer, channel in zip(customers[4:8], ("email", "sms", "", "phone"), strict=True):
        consent.opt_out(customer.pk, channel, at=NOON - DAY, via="link")
    consent.close_address(customers[8].identifiers.get(type="email").pk, "bounced", at=NOON - DAY)
    add_address(customers[9], "email", customers[10].identifiers.get(type="email").value)
    for customer, number in zip(customers[15:18], ("+442079460018", "+442079460019", "+449098790000"), strict=True):
        add_address(customer, "phone", number, last_seen_at=NOON + DAY)
    customers[15].identifiers.filter(value__startswith="+1").delete()
    consent.close_address(customers[17].identifiers.get(value__startswith="+1").pk, "bounced", at=NOON - DAY)
    Contact.objects.filter(customer=customers[11]).update(at=NOON + 3 * DAY, outcome="reserved")
    newest.refresh([customers[11].pk])
    return customers


def make_one(random: Random, n: int) -> Customer:
    account = make_account() if n % 7 == 0 else None
    return make_customer(
        email=n not in (12, 14), phone=n not in (13, 14), time_zone=random.choice(ZONES), account=account
    )


def history(random: Random) -> int:
    return random.choice([0, 0, 1, 2, 3, 6, 12])


def entry(random: Random, customer: Customer) -> Entry:
    purpose, channel = random.choice(
        [("invitation", "email"), ("invitation", "sms"), ("response", ""), ("other", "email")]
    )
    at = NOON - timedelta(hours=random.randrange(1, 24 * random.choice([5, 40, 120])))
    about: dict[str, Any] = {
        "survey": random.choice(["nps", "ces", ""]),
        "source": random.choice(["crm", "cxsurvey"]),
        "seconds": 40,
    }
    return Entry(customer.pk, at, purpose, channel=channel, **about)


def make_turns(random: Random, customers: list[Customer]) -> list[Turn]:
    """Return up to four turns of each customer, in the order in which they are served."""
    turns = []
    for customer in customers:
        for _ in range(random.randrange(1, 5)):
            terms = random.choice([VISIT, VISIT, CALL])
            refused = random.choice([False, False, False, True])
            expires = NOON + timedelta(hours=random.choice([0, 5, 100, 700]))
            turns.append(Turn(terms, customer.pk, make_touchpoint(customer).pk, expires, refused, random.random()))
    random.shuffle(turns)
    return sorted(turns, key=lambda turn: -turn.terms.priority)


def by_one(turns: list[Turn]) -> None:
    reserve([ask(turn) for turn in turns], at=NOON)


def ask(turn: Turn) -> Ask:
    terms = turn.terms
    about: dict[str, Any] = {
        "survey": terms.survey,
        "program": terms.program,
        "priority": terms.priority,
        "seconds": terms.seconds,
    }
    when: dict[str, Any] = {
        "at": NOON,
        "expires": turn.expires,
        "probability": turn.probability,
        "refusal": SAMPLING if turn.refused else None,
    }
    return Ask(
        turn.customer_id,
        channels=terms.channels,
        purpose=terms.purpose,
        touchpoint_id=turn.touchpoint_id,
        **about,
        **when,
    )


def in_bulk(turns: list[Turn]) -> Service:
    return serve_all(turns, at=NOON)


def written(act: Callable[[list[Turn]], object], turns: list[Turn]) -> dict[Any, Any]:
    """Return the rows that `act` writes, without their ids, and the cache; then take them back."""
    with transaction.atomic():
        act(turns)
        decisions = Decision.objects.order_by("program", "touchpoint")
        told = {
            (decision.program, decision.touchpoint_id): (
                row_of(decision),
                decision.contact and row_of(decision.contact),
            )
            for decision in decisions
        }
        ids, held = Customer.objects.values_list("pk", flat=True), cached()
        known = {pk for pk, *_ in held}
        assert held == [row for row in newest.recomputed(ids) if row[0] in known]
        transaction.set_rollback(True)
    return told


def row_of(row: Contact | Decision) -> dict[str, Any]:
    values = {name: value for name, value in vars(row).items() if not name.startswith("_") and name not in IGNORED}
    return json.loads(json.dumps(values, default=str, sort_keys=True))  # type: ignore[no-any-return]


IGNORED = {"id", "contact_id", "counted"}


def cached() -> list[tuple[Any, ...]]:
    return list(NewestContacts.objects.order_by("pk").values_list())


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("seed", range(4))
def test_in_bulk_and_one_by_one_write_the_same(policy: str, seed: int):
    random = Random(f"{policy}{seed}")  # noqa: S311
    caps, rest = POLICIES[policy]
    put_in_force(*caps, **rest)
    turns = make_turns(random, make_crowd(random))

    bulk, single = written(in_bulk, turns), written(by_one, turns)
    assert [(bulk.get(key), row) for key, row in single.items() if bulk.get(key) != row] == []
    assert len(bulk) == len(single) == len(turns)
