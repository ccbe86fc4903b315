"""Overrides, appointments and preferred hours in the rules themselves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.frequency import Customer, Leave, PolicyError, Request, Row, Verdict, evaluate, parse_policy, parse_wish

NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)
"""A Tuesday."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CLOSED = {"mon-fri": "10:00-12:00"}
CALL = Request("r1", "c1", NOON, "phone", "call")


def ask(customer: Customer, hours: Any = "always", at: datetime = NOON, channel: str = "email") -> Verdict:
    policy = parse_policy({"hours": {channel: hours}})
    purpose = "call" if channel == "phone" else "invitation"
    return evaluate(policy, customer, [], Request("r1", "c1", at, channel, purpose))


def preferring(*hours: dict[str, str], zone: str = "UTC") -> Customer:
    return Customer("c1", timezone=zone, preferred_hours=tuple(parse_wish(week) for week in hours))


@pytest.mark.parametrize(
    ("hours", "zone", "first"),
    [
        ({"tue": "12:00-13:00"}, "UTC", NOON),
        ({"mon-fri": "17:00-20:00"}, "UTC", NOON + 5 * HOUR),
        ({"mon-fri": "17:00-20:00"}, "America/New_York", NOON + 9 * HOUR),
        ({"tue": "09:00-12:00"}, "UTC", NOON + 7 * DAY - 3 * HOUR),
    ],
)
def test_a_wish_for_hours_holds_by_the_customer_s_clock_on_every_channel(hours, zone, first):
    verdict = ask(preferring(hours, zone=zone))

    assert verdict.at == first
    assert [(reason.rule, reason.kind, reason.until) for reason in verdict.reasons] == (
        [] if first == NOON else [("preferred-hours", "wish", first)]
    )


def test_a_wish_for_hours_only_tightens():
    evening = preferring({"mon-sun": "19:00-23:00"})

    verdict = ask(evening, {"mon-sun": "09:00-20:00"}, NOON + 8 * HOUR)

    assert verdict.at == NOON + DAY + 7 * HOUR, "19:00 of the next day; not 20:00 to 23:00 of this one"


def test_hours_that_never_meet_the_contact_hours_mean_never():
    verdict = ask(preferring({"sat": "10:00-12:00"}), {"mon-fri": "09:00-20:00"})

    assert (verdict.decision, verdict.at) == ("skip", None)
    assert [(reason.rule, reason.until) for reason in verdict.reasons] == [("preferred-hours", None)]


def test_of_several_wishes_for_hours_all_hold():
    verdict = ask(preferring({"mon-sun": "10:00-18:00"}, {"mon-sun": "15:00-21:00"}))

    assert verdict.at == NOON + 3 * HOUR


@pytest.mark.parametrize(
    ("hours", "complaint"),
    [
        ("always", "hours: hours that are always are no wish"),
        ({}, "hours: never open; record a pause"),
        ({"mon": "10:00-10:00"}, "hours: never open"),
        ({"mon": "10:00-12:00,11:00-13:00"}, "hours: two periods of a day overlap"),
        ({"someday": "10:00-12:00"}, 'hours.someday: unknown days "someday"'),
        ({"mon": "evening"}, "hours.mon: expected periods"),
    ],
)
def test_hours_that_are_no_wish_are_refused_with_their_place(hours, complaint):
    with pytest.raises(PolicyError, match=complaint):
        parse_wish(hours)


def test_an_appointment_is_itself_the_customer_s_word_on_when():
    policy = parse_policy({"hours": {"phone": "always"}})
    leave = Leave("appointment", NOON, NOON + HOUR)

    verdict = evaluate(policy, preferring({"sat": "10:00-12:00"}), [], replace(CALL, leaves=(leave,)))

    assert (verdict.decision, verdict.leave) == ("send", leave)
    override = replace(leave, kind="override")
    assert evaluate(policy, preferring({"sat": "10:00-12:00"}), [], replace(CALL, leaves=(override,))).leave is None


def test_a_deliberate_block_of_calls_is_passed_by_an_override_alone():
    block = {"name": "none", "limit": 0, "measure": "call_attempts", "window": "1 day"}
    policy = parse_policy({"caps": [block], "hours": {"phone": "always"}})

    found = {
        kind: evaluate(policy, Customer("c1"), [], replace(CALL, leaves=(Leave(kind, NOON, NOON + HOUR),))).decision
        for kind in ("override", "appointment")
    }

    assert found == {"override": "send", "appointment": "skip"}


def test_a_leave_that_ends_before_the_hours_begin_is_none():
    policy = parse_policy({"hours": {"phone": CLOSED}})

    verdict = evaluate(policy, Customer("c1"), [], replace(CALL, leaves=(Leave("override", NOON, NOON + 21 * HOUR),)))

    assert (verdict.decision, verdict.leave) == ("delay", None)


def test_expiry_holds_under_a_leave():
    policy = parse_policy({"hours": {"phone": CLOSED}})
    request = replace(CALL, expires=NOON + HOUR, leaves=(Leave("override", NOON, NOON + 9 * DAY),))

    verdict = evaluate(policy, Customer("c1"), [], request)

    assert (verdict.decision, verdict.reasons[-1].rule) == ("skip", "expiry")


@settings(max_examples=300)
@given(seed=st.integers(0, 10**9))
def test_no_leave_passes_a_no_a_wish_or_the_hours(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    hours = random.choice([CLOSED, {"mon-sun": "22:00-02:00"}, "always"])
    caps = [{"name": "calls", "limit": 1, "measure": "call_attempts", "window": "30 days"}]
    policy = parse_policy({"caps": caps, "hours": {"phone": hours}, "holidays": ["2026-05-06"]})
    customer = Customer(
        "c1",
        timezone=random.choice(["UTC", "Asia/Tokyo", None]),
        opt_outs=frozenset(random.choice([(), (), ("phone",), ("email",)])),
        pause_until=random.choice([None, NOON + random.randrange(80) * HOUR]),
        once_in_days=random.choice([None, 2]),
    )
    rows = [
        Row(NOON - random.randrange(200) * HOUR, "phone", "call", random.choice(["busy", "not_now", "completed"]))
        for _ in range(random.randrange(4))
    ]
    leaves = [
        Leave(
            random.choice(["override", "appointment"]),
            NOON + (start := random.randrange(-9, 60)) * HOUR,
            NOON + (start + random.randrange(1, 30)) * HOUR,
        )
        for _ in range(random.randrange(1, 3))
    ]
    request = replace(CALL, calls_ended=random.random() < 0.5, answered=random.random() < 0.5)

    verdict = evaluate(policy, customer, rows, replace(request, leaves=tuple(leaves)))
    without = evaluate(policy, customer, rows, request)

    if verdict.leave is None:
        assert (verdict.decision, verdict.at, verdict.reasons) == (without.decision, without.at, without.reasons)
        return
    assert verdict.at is not None
    assert verdict.leave.start <= verdict.at < verdict.leave.end
    assert without.at is None or verdict.at < without.at, "used only where it helps"
    no_caps = parse_policy({"hours": {"phone": hours}, "holidays": ["2026-05-06"]})
    resting = [replace(row, outcome="completed") for row in rows]
    again = replace(request, at=verdict.at, calls_ended=False, answered=False)
    assert evaluate(no_caps, customer, resting, again).decision == "send"
