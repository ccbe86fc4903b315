"""A past that is replayed: every outcome is the answer of the one evaluator, however it was come by."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.frequency import Customer, Request, Row, parse_document, parse_policy, preview
from contacts.frequency.past import HOLDING, Experiences, Participants, booked
from contacts.frequency.plans import Party, Plan
from contacts.frequency.replay import replay
from contacts.frequency.zone_arrays import instant, micros
from tests.contacts.test_frequency_promise import CLOCK_CHANGES, QUARTER, make_cap

NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)
FOREVER = timedelta(days=10_000)
DAY = timedelta(days=1)
WEEK = parse_policy({"caps": [{"name": "week", "limit": 1, "measure": "contacts", "window": "7 days"}]})
BOTH = frozenset({"email", "sms", "phone"})
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


def participants_of(parties: Sequence[Party], rows: Sequence[Sequence[Row]]) -> Participants:
    """A person for each party, with these rows."""
    kinds = [row for own in rows for row in own]
    person = np.repeat(np.arange(len(rows)), [len(own) for own in rows])
    instants = np.array([micros(row.at) for row in kinds], np.int64)
    return Participants(parties, np.arange(len(parties)), booked(person, instants, np.arange(len(kinds)), kinds))


def replayed(document: dict[str, Any]) -> dict[str, tuple[object, ...]]:
    """Request id -> when it is asked about, and what held it back at first."""
    parsed = parse_document(document)
    requests, places = parsed.requests, {id_: n for n, id_ in enumerate(parsed.customers)}
    parties = [
        Party(customer, frozenset({1}) if customer.account else frozenset()) for customer in parsed.customers.values()
    ]
    participants = participants_of(parties, [parsed.history[id_] for id_ in parsed.customers])
    plans = [
        Plan((one,), timedelta(0), one.expires - one.at if one.expires else FOREVER, one.priority) for one in requests
    ]
    past = Experiences(
        person=np.array([places[one.customer] for one in requests]),
        occurred_at=np.array([micros(one.at) for one in requests]),
        plan=np.arange(len(requests)),
        draw=np.linspace(0, 1, len(requests)),
    )
    outcomes = replay(parsed.policy, participants, plans, past)
    whens = [instant(int(at)) if asked else None for at, asked in zip(outcomes.at, outcomes.asked, strict=True)]
    holding = [*HOLDING, None]
    return {one.id: (at, holding[held]) for one, at, held in zip(requests, whens, outcomes.held, strict=True)}


def told(line: dict[str, Any]) -> tuple[object, ...]:
    """What an outcome has to say, from an answer of the preview."""
    at = datetime.fromisoformat(line["at"]) if line["at"] else None
    return at, next((reason["kind"] for reason in line["reasons"]), None)


@settings(max_examples=250)
@given(st.randoms(use_true_random=True).map(make_past))
def test_a_replay_answers_as_the_preview_does(document: dict[str, Any]) -> None:
    assert replayed(document) == {line["id"]: told(line) for line in preview(document)}


def plan_by(*channels: str, **fields: Any) -> Plan:
    requests = tuple(Request("", "", NOON, channel, "invitation") for channel in channels)
    return Plan(requests, **{"delay": timedelta(0), "worth": timedelta(hours=12)} | fields)


def lived(*happened: tuple[int, datetime, int], draws: Any = None) -> Experiences:
    """Experiences as (person, instant, plan)."""
    persons, instants, plans = zip(*happened, strict=True)
    draw = np.array(draws) if draws else np.zeros(len(happened))
    return Experiences(np.array(persons), np.array([micros(at) for at in instants]), np.array(plans), draw)


def asked(
    party: Party, *plans: Plan, past: Experiences, policy: Any = WEEK, rows: Sequence[Row] = ()
) -> list[tuple[str, str]]:
    """By which channel each experience is asked about, and what held it back at first; both empty for none."""
    outcomes = replay(policy, participants_of([party], [rows]), plans, past)
    words = []
    for plan, at, held, way in zip(past.plan, outcomes.asked, outcomes.held, outcomes.way, strict=True):
        words.append((plans[plan].requests[way].channel if at else "", [*HOLDING, ""][held]))
    return words


@pytest.mark.parametrize(
    ("party", "channel"),
    [
        (Party(Customer("c1"), reachable=BOTH), "email"),
        (Party(Customer("c1"), reachable=frozenset({"sms"})), "sms"),
        (Party(Customer("c1"), reachable=BOTH, preferred="sms"), "sms"),
        (Party(Customer("c1", opt_outs=frozenset({"email"})), reachable=BOTH), "sms"),
        (Party(Customer("c1", opt_outs=frozenset({"sms"})), reachable=BOTH, preferred="sms"), "email"),
        (Party(Customer("c1", opt_outs=frozenset({"all"})), reachable=BOTH), ""),
        (Party(Customer("c1")), ""),
    ],
)
def test_a_program_asks_by_the_first_channel_that_may(party: Party, channel: str) -> None:
    [(by, _)] = asked(party, plan_by("email", "sms", addressed=True), past=lived((0, NOON, 0)))
    assert by == channel


def test_where_no_address_is_asked_for_everybody_can_be_reached() -> None:
    assert asked(Party(Customer("c1")), plan_by("email"), past=lived((0, NOON, 0))) == [("email", "")]


def test_the_higher_priority_is_served_first_whatever_came_in_first() -> None:
    early, urgent = plan_by("email"), plan_by("email", priority=1)
    past = lived((0, NOON, 0), (0, NOON, 1))
    assert asked(Party(Customer("c1")), early, urgent, past=past) == [("", "cap"), ("email", "")]


def test_the_oldest_experience_comes_before_the_smaller_draw() -> None:
    slow = plan_by("email", delay=DAY, worth=2 * DAY)
    past = lived((0, NOON, 0), (0, NOON - DAY, 1), draws=[0.1, 0.9])
    assert asked(Party(Customer("c1")), plan_by("email"), slow, past=past) == [("", "cap"), ("email", "")]
    past = lived((0, NOON, 0), (0, NOON, 0), draws=[0.9, 0.1])
    assert asked(Party(Customer("c1")), plan_by("email"), past=past) == [("", "cap"), ("email", "")]


def test_nothing_is_made_of_no_past() -> None:
    none = np.empty(0, np.intp)
    nothing = Experiences(none, none.astype(np.int64), none, none.astype(np.float64))
    assert len(replay(WEEK, participants_of([], []), [plan_by("email")], nothing).at) == 0


def test_more_contacts_than_are_looked_at_at_once_are_counted_all_the_same() -> None:
    rows = [Row(NOON - timedelta(hours=n), "email", "other") for n in range(1, 60)]
    policy = {"caps": [{"name": "many", "limit": 59, "measure": "contacts", "window": "30 days"}]}
    party, past = Party(Customer("c1")), lived((0, NOON, 0))
    assert asked(party, plan_by("email"), past=past, policy=parse_policy(policy), rows=rows) == [("", "cap")]
    policy["caps"][0]["limit"] = 60
    past = lived((0, NOON, 0), (0, NOON + DAY, 0))
    found = asked(party, plan_by("email"), past=past, policy=parse_policy(policy), rows=rows)
    assert found == [("email", ""), ("", "cap")]
