"""A past that is replayed: every outcome is the answer of the one evaluator, however it was come by."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.frequency import parse_document, preview
from contacts.frequency.past import HOLDING, Experiences
from contacts.frequency.plans import Party, Plan
from contacts.frequency.replay import replay
from contacts.frequency.zone_arrays import instant, micros
from tests.contacts.test_frequency_promise import CLOCK_CHANGES, QUARTER, make_cap

NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)
FOREVER = timedelta(days=3000)
OUTCOMES = ["delivered", "reserved", "bounced", "cancelled", "no_answer", "not_now", "refused"]
HOURS = [
    {"sms": "always", "phone": "always"},
    {"sms": {"mon-sun": "01:15-02:45,18:00-01:00"}, "phone": "always"},
    {"sms": {"mon-fri": "09:00-17:00"}, "email": {"mon-sun": "08:00-20:00"}},
]


def make_past(random: Random) -> dict[str, Any]:
    """A preview document with everything that can hold a request back, dense around a clock change."""
    zone = random.choice(sorted(CLOCK_CHANGES))
    change = datetime.fromisoformat(random.choice(CLOCK_CHANGES[zone]))
    holiday = (change + timedelta(days=random.randint(-3, 2))).date().isoformat()
    return {
        "policy": {
            "caps": [make_cap(random) | clocks(random) | {"name": f"cap {n}"} for n in range(random.randint(0, 3))],
            "hours": random.choice(HOURS),
            "holidays": random.choice([[], [holiday]]),
            "zones": [zone, *random.choice([[], [], ["America/St_Johns"]])],
        },
        "customers": [make_person(random, id_, change) for id_ in ("c1", "c2")],
        "history": [make_row(random, change) for _ in range(random.randint(0, 6))],
        "requests": [make_request(random, change) | {"id": f"r{n}"} for n in range(random.randint(2, 15))],
    }


def clocks(random: Random) -> dict[str, Any]:
    return random.choice([{}, {}, {"per": "customer"}, {"measure": "responses"}, {"limit": 0}, {"window": "year"}])


def make_person(random: Random, id_: str, change: datetime) -> dict[str, Any]:
    return {"id": id_} | random.choice(
        [
            {},
            {},
            {"account": "h1"},
            {"timezone": "Europe/London"},
            {"opt_outs": [random.choice(["email", "sms", "all"])]},
            {"once_in_days": random.randint(1, 2)},
            {"pause_until": change.isoformat()},
        ]
    )


def make_contact(random: Random, change: datetime) -> dict[str, Any]:
    channel = random.choice(["email", "email", "email", "sms", "phone"])
    return {
        "customer": random.choice(["c1", "c1", "c2"]),
        "at": (change + timedelta(days=random.randint(-3, 2)) + random.randint(-6, 6) * QUARTER).isoformat(),
        "channel": channel,
        "purpose": "call" if channel == "phone" else random.choice(["invitation", "reminder"]),
        "survey": random.choice(["nps", "csat"]),
        "seconds": random.randint(0, 2),
    }


def make_row(random: Random, change: datetime) -> dict[str, Any]:
    row = make_contact(random, change)
    if random.random() < 0.2:
        return {name: row[name] for name in ("customer", "at", "survey")} | {"purpose": "response"}
    return row | {"outcome": random.choice(OUTCOMES[4:] if row["channel"] == "phone" else OUTCOMES[:4])}


def make_request(random: Random, change: datetime) -> dict[str, Any]:
    request = make_contact(random, change)
    expires = datetime.fromisoformat(request["at"]) + random.randint(-1, 200) * QUARTER
    return request | random.choice([{}, {"expires": expires.isoformat()}]) | {"priority": random.randint(0, 1)}


def replayed(document: dict[str, Any]) -> dict[str, tuple[object, ...]]:
    """Request id -> when it is asked about, and what held it back at first."""
    parsed = parse_document(document)
    requests, places = parsed.requests, {id_: n for n, id_ in enumerate(parsed.customers)}
    parties = [
        Party(customer, parsed.history[id_], frozenset({1}) if customer.account else frozenset())
        for id_, customer in parsed.customers.items()
    ]
    plans = [
        Plan((one,), timedelta(0), one.expires - one.at if one.expires else FOREVER, one.priority) for one in requests
    ]
    past = Experiences(
        party=np.array([places[one.customer] for one in requests]),
        occurred_at=np.array([micros(one.at) for one in requests]),
        plan=np.arange(len(requests)),
        draw=np.linspace(0, 1, len(requests)),
    )
    outcomes = replay(parsed.policy, parties, plans, past)
    whens = [instant(int(at)) if asked else None for at, asked in zip(outcomes.at, outcomes.asked, strict=True)]
    holding = [*HOLDING, None]
    return {one.id: (at, holding[held]) for one, at, held in zip(requests, whens, outcomes.held, strict=True)}


def told(line: dict[str, Any]) -> tuple[object, ...]:
    """What an outcome has to say, from an answer of the preview."""
    at = datetime.fromisoformat(line["at"]) if line["at"] else None
    return at, next((reason["kind"] for reason in line["reasons"]), None)


@settings(deadline=None, max_examples=600)
@given(st.randoms(use_true_random=True).map(make_past))
def test_a_replay_answers_as_the_preview_does(document: dict[str, Any]) -> None:
    assert replayed(document) == {line["id"]: told(line) for line in preview(document)}
