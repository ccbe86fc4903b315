"""Deciding for many at once, held to the decision for one: over random policies and histories, and case by case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.frequency import (
    Customer,
    Document,
    Policy,
    Reason,
    Request,
    Row,
    Verdict,
    answers,
    evaluate,
    parse_document,
    parse_policy,
    read_json,
)
from contacts.frequency.facts import RELEASED
from contacts.frequency.many import ABSENT, NEVER, People, Verdicts, cap_mask, decide, since
from contacts.frequency.windows import parse_window
from contacts.frequency.zone_arrays import instant, micros, window_ends, window_starts
from tests.contacts.test_frequency_cases import CASES

CLOCK_CHANGES = {
    "Europe/Berlin": ["2026-03-29T01:00Z", "2026-10-25T01:00Z"],
    "America/New_York": ["2026-03-08T07:00Z", "2026-11-01T06:00Z"],
    "Australia/Lord_Howe": ["2026-04-04T15:00Z", "2026-10-03T15:30Z"],
    "Asia/Beirut": ["2026-03-28T22:00Z", "2026-10-24T21:00Z"],
    "Pacific/Apia": ["2011-12-30T10:00Z"],
    "UTC": ["2026-06-30T12:00Z"],
}
ZONES = [ZoneInfo(name) for name in CLOCK_CHANGES]
WINDOWS = ["2 hours", "24 hours", "1 days", "2 days", "30 days", "365 days", "day", "week", "month", "quarter", "year"]
QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
"""A Wednesday, with no clock change within 30 days."""


@dataclass(frozen=True)
class Person:
    """Somebody who is asked for at an instant, with all rows of the ledger; `timezone` None where it is unknown."""

    at: datetime
    rows: Sequence[Row] = ()
    timezone: str | None = "UTC"
    opted_out: bool = False
    expires: datetime | None = None

    def alone(self, policy: Policy, request: Request) -> Verdict:
        opt_outs = frozenset({request.channel} if self.opted_out else ())
        customer = Customer("c", timezone=self.timezone, country="US", opt_outs=opt_outs)
        return evaluate(policy, customer, self.rows, replace(request, at=self.at, expires=self.expires))


def people_of(policy: Policy, persons: Sequence[Person], depth: int) -> People:
    """The persons with no more than their newest rows, as a cache of the ledger would have them."""
    contacts = np.full((len(persons), depth), ABSENT)
    caps = np.zeros((len(persons), depth), np.uint64)
    older = np.zeros(len(persons), np.bool_)
    for n, person in enumerate(persons):
        counting = sorted((row for row in person.rows if row.outcome not in RELEASED), key=lambda row: row.at)[::-1]
        for place, row in enumerate(counting[:depth]):
            contacts[n, place] = micros(row.at)
            caps[n, place] = cap_mask(policy, row)
        older[n] = len(counting) > depth
    known = [*CLOCK_CHANGES]
    return People(
        at=np.array([micros(person.at) for person in persons]),
        expires=np.array([micros(person.expires) if person.expires else NEVER for person in persons]),
        zone=np.array([known.index(person.timezone) if person.timezone else -1 for person in persons], np.intp),
        opted_out=np.array([person.opted_out for person in persons]),
        contacts=contacts,
        caps=caps,
        older=older,
    )


def answer_of(policy: Policy, verdicts: Verdicts, people: People, n: int, rows: Iterable[Row]) -> Verdict:
    """The verdict on one of the many, in the words of `evaluate`; what is short is completed from the ledger."""
    reasons = []
    for found in verdicts.reasons:
        if found.held[n]:
            used = int(found.used[n]) if found.cap is not None else None
            if found.cap is not None and found.short[n]:
                cap = policy.caps[found.cap]
                begin, sure = since(cap, ZONES, people)
                exact = sum(begin[n] < micros(row.at) <= people.at[n] for row in rows if cap.counts(row))
                assert used is not None
                assert exact >= used or not sure[n]
                used = exact if sure[n] else None
            reasons.append(Reason(found.rule, found.kind, used, found.limit, shown(found.until[n])))
    at = shown(verdicts.at[n])
    decision = "skip" if at is None else "send" if at == instant(int(people.at[n])) else "delay"
    return Verdict(decision, at, tuple(reasons), (), shown(verdicts.possible[n]))


def shown(at: np.int64) -> datetime | None:
    return None if at == NEVER else instant(int(at))


def agree(policy: Policy, request: Request, persons: Sequence[Person], depth: int = 8) -> list[bool]:
    """Who is sure, after the answers of those who are have been held to `evaluate`."""
    people = people_of(policy, persons, depth)
    verdicts = decide(policy, request, ZONES, people)
    for n, person in enumerate(persons):
        if verdicts.sure[n]:
            expected = person.alone(policy, request)
            found = answer_of(policy, verdicts, people, n, person.rows)
            near_change = [
                theirs if mine.used is not None else replace(theirs, used=None)
                for mine, theirs in zip(found.reasons, expected.reasons, strict=True)
            ]
            assert found == replace(expected, counted=(), reasons=tuple(near_change))
    return verdicts.sure.tolist()


def make_policy(random: Random) -> Policy:
    caps = [
        {
            "name": f"cap {n}",
            "limit": random.choice([0, 1, 1, 1, 2, 2, 3, 4, 9]),
            "measure": random.choice(["contacts", "contacts", "invitations", "reminders", "responses", "seconds"]),
            "window": random.choice(WINDOWS),
            "channels": random.choice([[], [], ["email"], ["email", "sms"]]),
            "surveys": random.choice([[], [], ["nps"], ["csat"]]),
        }
        for n in range(random.randint(0, 3))
    ]
    hours = random.choice(["always", {"mon-sun": "01:15-02:45,18:00-01:00"}, {"mon-fri": "09:00-17:00"}, {}])
    holidays = random.choice([[], ["2026-03-29", "2026-11-01", "2026-11-02", "2011-12-31"]])
    return parse_policy({"caps": caps, "hours": {"sms": hours}, "holidays": holidays})


def make_person(random: Random) -> Person:
    """A person near a clock change of her zone, with rows on a grid so dense that they meet the edges of windows."""
    zone = random.choice([*CLOCK_CHANGES])
    change = datetime.fromisoformat(random.choice(CLOCK_CHANGES[zone]))
    at = change + random.choice([0, 0, 1, 2, 7, 30]) * DAY + random.randint(-8, 8) * QUARTER
    at += random.choice([0, 0, 1]) * timedelta(microseconds=1)
    rows = [make_row(random, at) for _ in range(random.choice([0, 1, 2, 4, 6, 12]))]
    expires = random.choice([None, None, at, at + QUARTER, at + 3 * DAY, at - QUARTER])
    return Person(at, rows, random.choice([zone, zone, zone, zone, None]), random.random() < 0.1, expires)


def make_row(random: Random, at: datetime) -> Row:
    days = random.choice([0, 0, 0, 1, 1, 2, 7, 29, 30, 31, 60, 364, 365, 366])
    back = days * DAY + random.choice([0, random.randint(0, 8), random.randint(-8, 8)]) * QUARTER
    purpose = random.choice(["invitation", "invitation", "reminder", "other", "response"])
    return Row(
        at=at - back,
        channel="" if purpose == "response" else random.choice(["email", "sms"]),
        purpose=purpose,
        outcome=random.choice(["delivered", "delivered", "delivered", "reserved", "cancelled"]),
        survey=random.choice(["nps", "nps", "csat"]),
        seconds=random.choice([0, 20]),
    )


def must_be_sure(policy: Policy, request: Request, person: Person, depth: int) -> bool:
    """Whether nothing stands in the way of an answer: all rows are seen and over, and none is weighed."""
    return (
        person.timezone is not None
        and all(row.at <= person.at for row in person.rows)
        and sum(row.outcome not in RELEASED for row in person.rows) <= depth
        and not any(cap.measure == "seconds" and cap.tests(request) for cap in policy.caps)
    )


@settings(deadline=None, max_examples=120)
@given(st.randoms(use_true_random=True))
def test_many_are_answered_as_each_would_be_alone(random: Random) -> None:
    policy = make_policy(random)
    request = Request(
        "r", "c", NOON, random.choice(["email", "sms"]), random.choice(["invitation", "reminder"]), survey="nps"
    )
    persons = [make_person(random) for _ in range(20)]
    depth = random.choice([1, 2, 4, 8])
    sure = agree(policy, request, persons, depth)
    for person, is_sure in zip(persons, sure, strict=True):
        assert is_sure or not must_be_sure(policy, request, person, depth)
