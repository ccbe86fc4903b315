"""Deciding for many at once, held to the decision for one: over random policies and histories, and case by case."""

import json
from collections.abc import Iterable, Iterator, Sequence
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
    Policy,
    Reason,
    Request,
    Row,
    Verdict,
    evaluate,
    parse_document,
    parse_policy,
)
from contacts.frequency.facts import RELEASED, Decision, instant_text
from contacts.frequency.hour_arrays import first_opens, first_workings
from contacts.frequency.hours import first_open, first_working
from contacts.frequency.many import ABSENT, NEVER, People, Verdicts, cap_mask, decide, instant, micros, since
from contacts.frequency.windows import parse_window
from contacts.frequency.zone_arrays import MICROSECOND, window_ends, window_starts
from contacts.frequency.zones import possible_zones
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
CAP = {"name": "cap", "limit": 1, "measure": "contacts", "window": "30 days"}

randoms = st.randoms(use_true_random=True)
"""As in test_frequency_promise.py: hypothesis's own simple examples rarely meet a limit and a clock change at once."""


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


def people_of(policy: Policy, persons: Sequence[Person], depth: int, zones: Sequence[ZoneInfo] = ZONES) -> People:
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
    known = [zone.key for zone in zones]
    return People(
        at=np.array([micros(person.at) for person in persons], np.int64),
        expires=np.array([micros(person.expires) if person.expires else NEVER for person in persons], np.int64),
        zone=np.array([known.index(person.timezone) if person.timezone else -1 for person in persons], np.intp),
        opted_out=np.array([person.opted_out for person in persons], np.bool_),
        contacts=contacts,
        caps=caps,
        older=older,
    )


def answer_of(
    policy: Policy,
    verdicts: Verdicts,
    people: People,
    n: int,
    rows: Iterable[Row],
    zones: Sequence[ZoneInfo] = ZONES,
) -> Verdict:
    """The verdict on one of the many, in the words of `evaluate`; what is short is completed from the ledger."""
    reasons = []
    for found in verdicts.reasons:
        if found.held[n]:
            used = int(found.used[n]) if found.cap is not None else None
            if found.cap is not None and found.short[n]:
                cap = policy.caps[found.cap]
                begin, sure = since(cap, zones, people)
                exact = sum(begin[n] < micros(row.at) <= people.at[n] for row in rows if cap.counts(row))
                assert used is not None
                assert exact >= used or not sure[n]
                used = exact if sure[n] else None
            reasons.append(Reason(found.rule, found.kind, used, found.limit, shown(found.until[n])))
    at = shown(verdicts.at[n])
    decision: Decision = "skip" if at is None else "send" if at == instant(int(people.at[n])) else "delay"
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
    return [bool(sure) for sure in verdicts.sure]


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


@settings(max_examples=250)
@given(randoms)
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


INVITATION = Request("r", "c", NOON, "email", "invitation", survey="nps")
MONTHLY = parse_policy({"caps": [CAP | {"name": "monthly", "limit": 2}]})


def contact(days: float, purpose: str = "invitation") -> Row:
    """A contact so many days before NOON."""
    return Row(NOON - days * DAY, "email", purpose, survey="nps")


def one_cap(**cap: object) -> Policy:
    return parse_policy({"caps": [CAP | cap]})


@settings(max_examples=5)
@given(randoms)
def test_ordinary_people_are_sure(random: Random) -> None:
    policy = parse_policy(
        {
            "caps": [
                {"name": "invitations", "limit": 1, "measure": "invitations", "window": "30 days"},
                {"name": "contacts", "limit": 3, "measure": "contacts", "window": "month"},
            ]
        }
    )
    persons = [
        Person(NOON, [contact(random.uniform(0, 400)) for _ in range(random.randint(0, 16))], "Europe/Berlin")
        for _ in range(500)
    ]
    people = people_of(policy, persons, 8)
    verdicts = decide(policy, INVITATION, ZONES, people)
    assert people.older.sum() > 150
    assert verdicts.sure.mean() > 0.97
    assert 100 < (verdicts.at == people.at).sum() < 400
    assert agree(policy, INVITATION, persons) == verdicts.sure.tolist()


@pytest.mark.parametrize(
    ("person", "depth"),
    [
        (Person(NOON), 1),
        (Person(NOON, [contact(1), contact(2), contact(3)]), 3),
        (Person(NOON, [contact(1), contact(2), contact(3), contact(4)], opted_out=True), 3),
        (Person(NOON, [contact(1), contact(29), contact(31)]), 3),
        (Person(NOON, [contact(1), contact(31), contact(32)], "UTC"), 2),
        (Person(NOON, [contact(1), contact(30), contact(30.1)], "UTC"), 2),
        (Person(NOON, [contact(0), contact(0), contact(0)], "UTC"), 2),
        (Person(NOON, [contact(1), contact(2)], expires=NOON + 28 * DAY), 2),
        (Person(NOON, [contact(1), contact(2)], expires=NOON + 28 * DAY - QUARTER), 2),
        (Person(NOON, [contact(-1, "response")]), 2),
    ],
)
def test_what_rows_nobody_has_seen_cannot_change_is_sure(person: Person, depth: int) -> None:
    assert agree(MONTHLY, INVITATION, [person], depth) == [True]


@pytest.mark.parametrize(
    "person",
    [
        Person(NOON, [contact(1), contact(2, "response"), contact(3)]),
        Person(NOON, [contact(1, "response"), contact(29.9, "response"), contact(400)]),
        Person(NOON, [contact(1), contact(-1)]),
        Person(NOON, [contact(1)], timezone=None),
    ],
    ids=["a third may be full", "all may be full", "booked for later", "unknown zone"],
)
def test_what_may_be_otherwise_is_not_sure(person: Person) -> None:
    assert agree(MONTHLY, INVITATION, [person], depth=2) == [False]


def test_an_older_contact_that_a_changed_clock_lets_count_longer_is_not_forgotten() -> None:
    # At 01:45 before the clock went back, then at 01:15 after it: the older one expires half an hour later.
    back = datetime(2026, 11, 1, 6, tzinfo=UTC)
    rows = [Row(back + QUARTER, "email", "invitation"), Row(back - QUARTER, "email", "invitation")]
    policy = one_cap(window="2 days")
    seen = Person(back + DAY, rows, "America/New_York")
    assert agree(policy, INVITATION, [seen], depth=2) == [True]
    assert agree(policy, INVITATION, [seen], depth=1) == [False]


def test_a_place_that_a_released_contact_left_in_the_cache_does_not_hide_older_ones() -> None:
    people = people_of(MONTHLY, [Person(NOON, [contact(2)]), Person(NOON, [contact(31)]), Person(NOON)], 3)
    verdicts = decide(MONTHLY, INVITATION, ZONES, replace(people, older=np.ones(3, np.bool_)))
    assert verdicts.sure.tolist() == [False, True, False]


def test_a_refusal_is_sure_before_all_that_is_used_is_known() -> None:
    person = Person(NOON, [contact(days) for days in (1, 2, 3, 4, 29, 31)])
    people = people_of(MONTHLY, [person], 3)
    verdicts = decide(MONTHLY, INVITATION, ZONES, people)
    (monthly,) = verdicts.reasons
    begin, sure = since(MONTHLY.caps[0], ZONES, people)
    assert verdicts.sure.all()
    assert (monthly.rule, monthly.kind, monthly.cap, monthly.limit) == ("monthly", "cap", 0, 2)
    assert (monthly.used.tolist(), monthly.short.tolist()) == ([3], [True])
    assert sure.all()
    assert [instant(int(at)) for at in begin] == [NOON - 30 * DAY]
    assert shown(verdicts.at[0]) == NOON + 28 * DAY
    assert agree(MONTHLY, INVITATION, [person], depth=3) == [True]


def test_a_limit_of_0_blocks_for_good() -> None:
    verdicts = decide(one_cap(limit=0), INVITATION, ZONES, people_of(one_cap(limit=0), [Person(NOON)], 1))
    assert verdicts.reasons[0].until.tolist() == verdicts.at.tolist() == verdicts.possible.tolist() == [NEVER]
    assert agree(one_cap(limit=0), INVITATION, [Person(NOON), Person(NOON, [contact(1)])]) == [True, True]


def test_a_limit_beyond_all_counting_holds_nobody_back() -> None:
    policy = one_cap(limit=10**30)
    assert agree(policy, INVITATION, [Person(NOON, [contact(1)]), Person(NOON, [contact(1), contact(2)])], 1) == [
        True,
        False,
    ]


def test_seconds_are_sure_where_none_are_used() -> None:
    policy = one_cap(limit=30, measure="seconds")
    persons = [Person(NOON), Person(NOON, [contact(31)]), Person(NOON, [contact(1)])]
    assert agree(policy, replace(INVITATION, seconds=30), persons) == [True, True, False]
    assert agree(policy, replace(INVITATION, seconds=31), persons) == [True, True, False]


def test_a_contact_for_later_matters_only_to_the_caps_that_are_tested() -> None:
    policy = one_cap(measure="reminders")
    assert agree(policy, INVITATION, [Person(NOON, [contact(-1, "reminder")])]) == [True]
    assert agree(policy, replace(INVITATION, purpose="reminder"), [Person(NOON, [contact(-1, "reminder")])]) == [False]


def test_behind_a_contact_for_later_may_be_another_one() -> None:
    person = Person(NOON, [contact(-2, "response"), contact(-1), contact(1)])
    assert agree(one_cap(limit=0), INVITATION, [person], depth=1) == [False]


def test_calls_are_left_to_the_evaluator() -> None:
    assert agree(MONTHLY, replace(INVITATION, channel="phone", purpose="call"), [Person(NOON)]) == [False]


def test_more_caps_than_bits_are_left_to_the_evaluator() -> None:
    caps = [CAP | {"name": f"cap {n}"} for n in range(65)]
    assert agree(parse_policy({"caps": caps[:64]}), INVITATION, [Person(NOON, [contact(1)])]) == [True]
    assert agree(parse_policy({"caps": caps}), INVITATION, [Person(NOON, [contact(1)])]) == [False]


def test_each_bit_says_whether_that_cap_counts_the_row() -> None:
    caps = [
        {"name": measure, "limit": 1, "measure": measure, "window": "day", "surveys": surveys}
        for measure, surveys in (("contacts", []), ("reminders", []), ("invitations", ["nps"]), ("responses", ["nps"]))
    ]
    policy = parse_policy({"caps": caps})
    assert cap_mask(policy, contact(1)) == 0b0101
    assert cap_mask(policy, contact(1, "reminder")) == 0b0011
    assert cap_mask(policy, contact(1, "response")) == 0b1000
    assert cap_mask(policy, replace(contact(1), outcome="cancelled")) == 0


def test_nobody_is_nobody() -> None:
    policy = parse_policy(
        {"caps": [CAP | {"name": window, "window": window} for window in WINDOWS], "holidays": ["2026-06-10"]}
    )
    assert agree(policy, replace(INVITATION, channel="sms"), []) == []


@pytest.mark.parametrize("text", WINDOWS)
@settings(max_examples=3)
@given(random=randoms)
def test_windows_begin_and_end_as_for_one(text: str, random: Random) -> None:
    window = parse_window(text)
    for place, (name, changes) in enumerate(CLOCK_CHANGES.items()):
        days = [random.choice([-366, -365, -31, -30, -7, -2, -1, 0, 0, 1, 2, 30]) for _ in range(200)]
        change = datetime.fromisoformat(changes[0])
        starts = sorted(change + day * DAY + random.randint(-12, 12) * QUARTER for day in days)
        zone, at = np.full(len(starts), place), np.array([micros(start) for start in starts])
        ends = window_ends(window, ZONES, zone, at)
        assert [instant(int(end)) for end in ends] == [window.end(start, ZoneInfo(name)) for start in starts]
        begins, sure = window_starts(window, ZONES, zone, at)
        assert sure.mean() > 0.3
        for n in np.flatnonzero(sure):
            assert (at[: n + 1] > begins[n]).tolist() == (ends[: n + 1] > at[n]).tolist()


@settings(max_examples=5)
@given(randoms)
def test_hours_and_holidays_pass_as_for_one(random: Random) -> None:
    hours = parse_policy({"hours": {"sms": {"mon-sun": "02:15-02:45"}, "phone": {"sun": "23:30-00:15"}}}).hours
    holidays = frozenset({datetime.fromisoformat(day).date() for days in CLOCK_CHANGES.values() for day in days})
    for place, (name, changes) in enumerate(CLOCK_CHANGES.items()):
        change = datetime.fromisoformat(random.choice(changes))
        starts = [change + random.randint(-900, 900) * QUARTER + random.randint(0, 9) * MICROSECOND for _ in range(200)]
        zone, at = np.full(len(starts), place), np.array([micros(start) for start in starts])
        for week in (hours["sms"], hours["phone"]):
            assert week != "always"
            opens = first_opens(week, ZONES, zone, at)
            assert [instant(int(at)) for at in opens] == [first_open(week, (ZoneInfo(name),), at) for at in starts]
        works = first_workings(holidays, ZONES, zone, at)
        assert [instant(int(at)) for at in works] == [first_working(holidays, (ZoneInfo(name),), at) for at in starts]


def test_hours_that_are_never_open_are_never() -> None:
    policy = parse_policy({"hours": {"sms": {}}, "holidays": ["2026-06-10"]})
    assert agree(policy, replace(INVITATION, channel="sms"), [Person(NOON)]) == [True]


def test_the_published_cases_are_answered_alike() -> None:
    sure = [found for path in CASES for found in answered_alike(json.loads(path.read_text(encoding="utf-8")))]
    assert len(sure) > 150
    assert sum(sure) / len(sure) > 0.6


def answered_alike(case: dict[str, Any]) -> Iterator[bool]:
    """Whether each request to an ordinary customer of a case is sure; those that are have the published answer."""
    document = parse_document(case["input"])
    requests = sorted(document.requests, key=lambda request: (request.at, -request.priority))
    for request, expected in zip(requests, case["expect"], strict=True):
        customer = document.customers[request.customer]
        rows = document.history[customer.id]
        shared = [
            other for other in document.customers.values() if customer.account and other.account == customer.account
        ]
        if not (shared[1:] or customer.pause_until or customer.once_in_days or customer.closed):
            zones = possible_zones(customer, document.policy.zones)
            zone = zones[0].key if len(zones) == 1 else None
            opted_out = not customer.opt_outs.isdisjoint({request.channel, "all"})
            people = people_of(document.policy, [Person(request.at, rows, zone, opted_out, request.expires)], 8, zones)
            verdicts = decide(document.policy, request, zones, people)
            yield bool(verdicts.sure[0])
            if verdicts.sure[0]:
                found = answer_of(document.policy, verdicts, people, 0, rows, zones)
                reasons = [reason.as_dict() for reason in found.reasons]
                assert expected == {
                    "id": request.id,
                    "decision": found.decision,
                    "at": instant_text(found.at),
                    "reasons": reasons,
                }, case["why"]
        if expected["at"]:
            granted = datetime.fromisoformat(expected["at"])
            rows.append(Row(granted, request.channel, request.purpose, "reserved", request.survey, request.program))
