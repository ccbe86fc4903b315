"""The promise itself, over random policies and histories: never over a limit, and never later than needed."""

from datetime import datetime, timedelta
from math import ceil
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from contacts.frequency import Document, Request, Verdict, evaluate, parse_document, preview
from tests.contacts.frequency_judge import overfull

CLOCK_CHANGES = {
    "Europe/Berlin": ["2026-03-29T01:00Z", "2026-10-25T01:00Z"],
    "America/New_York": ["2026-03-08T07:00Z", "2026-11-01T06:00Z"],
    "Australia/Lord_Howe": ["2026-04-04T15:00Z", "2026-10-03T15:30Z"],
    "Asia/Beirut": ["2026-03-28T22:00Z", "2026-10-24T21:00Z"],
    "Africa/Lagos": ["2026-06-30T12:00Z"],
}
WINDOWS = ["2 hours", "24 hours", "1 days", "2 days", "day", "week", "month"]
QUARTER = timedelta(minutes=15)
OPEN = {"sms": "always", "phone": "always"}


def make_document(random: Random) -> dict[str, Any]:
    """A file with quarter-hour instants around a clock change, so dense that windows end close together.

    Drawn by `random` and not by hypothesis, whose simple examples rarely meet a limit and a clock change at once.
    """
    zone = random.choice(sorted(CLOCK_CHANGES))
    change = datetime.fromisoformat(random.choice(CLOCK_CHANGES[zone]))
    return {
        "policy": {
            "caps": [make_cap(random) | {"name": f"cap {n}"} for n in range(random.randint(1, 3))],
            "hours": random.choice([OPEN, OPEN, {"sms": {"mon-sun": "01:15-02:45,18:00-01:00"}}]),
            "zones": [zone, *random.choice([[], [], ["America/St_Johns"]])],
        },
        "customers": [{"id": id_, "account": "h1"} for id_ in ("c1", "c2")],
        "requests": [make_contact(random, change) | {"id": f"r{n}"} for n in range(random.randint(2, 12))],
    }


def make_cap(random: Random) -> dict[str, Any]:
    """A cap; with a limit of 1 it names no surveys, as that lets reminders through, which the judge does not know."""
    limit = random.randint(1, 3)
    scopes = {"channels": ["email", "sms", "phone"], "purposes": ["invitation", "reminder", "call"]}
    scopes |= {"surveys": ["nps", "csat"]} if limit > 1 else {}
    return {
        "limit": limit,
        "measure": random.choice(["contacts", "contacts", "invitations", "reminders", "call_attempts", "seconds"]),
        "window": random.choice(WINDOWS),
        "per": random.choice(["customer", "account"]),
    } | {name: random.sample(words, random.choice([0, 0, 1, 2])) for name, words in scopes.items()}


def make_contact(random: Random, change: datetime) -> dict[str, Any]:
    channel = random.choice(["email", "email", "sms", "phone"])
    return {
        "customer": random.choice(["c1", "c1", "c2"]),
        "at": (change + timedelta(days=random.randint(-3, 2)) + random.randint(-6, 6) * QUARTER).isoformat(),
        "channel": channel,
        "purpose": "call" if channel == "phone" else random.choice(["invitation", "reminder"]),
        "survey": random.choice(["nps", "csat"]),
        "seconds": random.randint(0, 2),
    }


documents = st.randoms(use_true_random=True).map(make_document)


@settings(max_examples=150)
@given(documents)
def test_no_window_of_any_rule_is_ever_over_its_limit(document: dict[str, Any]) -> None:
    requests = {request["id"]: request for request in document["requests"]}
    accepted = [requests[line["id"]] | {"at": line["at"]} for line in preview(document) if line["at"]]
    for cap in document["policy"]["caps"]:
        for whose in ({"c1", "c2"},) if cap.get("per") == "account" else ({"c1"}, {"c2"}):
            owned = [contact for contact in accepted if contact["customer"] in whose]
            for zone in document["policy"]["zones"]:
                assert overfull(cap, owned, ZoneInfo(zone)) == []


# Many of these documents lead to no delay; those that do are enough.
@settings(max_examples=100, suppress_health_check=[HealthCheck.filter_too_much])
@given(documents)
def test_a_delay_ends_at_the_first_allowed_instant(document: dict[str, Any]) -> None:
    *history, request = document["requests"]
    parsed, asked = with_history(document, history, request)
    verdict = decide(parsed, asked, asked.at)
    assume(verdict.decision == "delay")
    first = verdict.at
    assert first is not None
    assert decide(parsed, asked, first).decision == "send"
    assert decide(parsed, asked, first - timedelta(seconds=1)).decision != "send"
    # Every instant of these documents lies on a quarter hour, so that places appear at quarter hours only.
    for n in range(1, min(400, ceil((first - asked.at) / QUARTER))):
        assert decide(parsed, asked, first - n * QUARTER).decision != "send"


@settings(max_examples=150)
@given(documents)
def test_each_until_is_when_that_cap_alone_passes(document: dict[str, Any]) -> None:
    *history, request = document["requests"]
    parsed, asked = with_history(document, history, request)
    caps = {cap["name"]: cap for cap in document["policy"]["caps"]}
    for reason in decide(parsed, asked, asked.at).reasons:
        if reason.kind == "cap" and reason.until:
            alone = {**document, "policy": {**document["policy"], "caps": [caps[reason.rule]], "hours": OPEN}}
            parsed_alone, _ = with_history(alone, history, request)
            assert decide(parsed_alone, asked, reason.until).decision == "send"
            assert decide(parsed_alone, asked, reason.until - timedelta(seconds=1)).decision != "send"


def with_history(
    document: dict[str, Any], history: list[dict[str, Any]], request: dict[str, Any]
) -> tuple[Document, Request]:
    """The document with all requests but one as contacts that were made or booked, and that one."""
    rows = [{key: value for key, value in contact.items() if key != "id"} for contact in history]
    parsed = parse_document({**document, "history": rows, "requests": [request]})
    return parsed, parsed.requests[0]


def decide(document: Document, request: Request, at: datetime) -> Verdict:
    others = [row for id_, rows in document.history.items() if id_ != request.customer for row in rows]
    customer = document.customers[request.customer]
    moved = Request(
        request.id, customer.id, at, request.channel, request.purpose, request.survey, seconds=request.seconds
    )
    return evaluate(document.policy, customer, document.history[customer.id], moved, others)
