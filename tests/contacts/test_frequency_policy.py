"""What a policy document may say, what is refused, and what is only refused when it is saved."""

from datetime import date, timedelta
from typing import Any

import pytest

from contacts.frequency import DEFAULT_POLICY, PolicyError, check_policy, facts, parse_policy
from contacts.frequency.windows import LocalDays
from contacts.models import words

GAP = {"name": "gap", "limit": 1, "measure": "contacts", "window": "7 days"}


def every_day(days: int) -> list[str]:
    """So many dates from Thursday 1 January 2026 on."""
    return [(date(2026, 1, 1) + timedelta(days=n)).isoformat() for n in range(days)]


def test_a_new_installation_has_three_caps_in_thirty_days_and_nothing_to_warn_of() -> None:
    policy = parse_policy(DEFAULT_POLICY)
    caps = [(cap.measure, cap.limit) for cap in policy.caps]
    assert caps == [("invitations", 1), ("call_attempts", 2), ("contacts", 3)]
    assert {cap.window for cap in policy.caps} == {LocalDays(30)}
    assert check_policy(policy) == []
    assert policy.hours == parse_policy({}).hours


def test_an_empty_document_has_no_limits() -> None:
    assert parse_policy({}).caps == ()


def test_the_words_of_the_rules_are_those_of_the_ledger() -> None:
    assert set(facts.CHANNELS) == set(words.Channel.values)
    assert set(words.Purpose.values) == facts.CONTACT_PURPOSES | facts.EVENT_PURPOSES
    assert set(words.CLOCK_EVENTS) == facts.EVENT_PURPOSES
    assert set(words.Outcome.values) == facts.OUTCOMES
    assert set(words.RELEASED) == facts.RELEASED
    assert set(words.CALL_OUTCOMES) == facts.DIALLED


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({"cap": []}, "cap: unknown key; expected caps, hours, holidays, zones"),
        ({"caps": {}}, "caps: expected a list, not an object"),
        ({"caps": ["gap"]}, 'caps[0]: expected an object, not "gap"'),
        ({"caps": [GAP, {"name": "x"}]}, 'caps[1]: "limit" is missing'),
        ({"caps": [GAP | {"limt": 2}]}, "caps[0].limt: unknown key"),
        ({"caps": [GAP | {"name": " "}]}, 'caps[0].name: expected a text, not " "'),
        ({"caps": [GAP | {"limit": -1}]}, "caps[0].limit: expected a whole number at least 0, not -1"),
        ({"caps": [GAP | {"limit": 1.5}]}, "caps[0].limit: expected a whole number, not 1.5"),
        ({"caps": [GAP | {"limit": True}]}, "caps[0].limit: expected a whole number, not true"),
        ({"caps": [GAP | {"limit": None}]}, "caps[0].limit: expected a whole number, not null"),
        ({"caps": [GAP | {"measure": "emails"}]}, 'caps[0].measure: unknown measure "emails"; expected call_attempts,'),
        ({"caps": [GAP | {"measure": ["contacts"]}]}, "caps[0].measure: unknown measure a list"),
        ({"caps": [GAP | {"window": "fortnight"}]}, 'caps[0].window: unknown window "fortnight"; expected "24 hours"'),
        ({"caps": [GAP | {"window": "-7 days"}]}, 'caps[0].window: unknown window "-7 days"'),
        ({"caps": [GAP | {"window": "100001 days"}]}, "caps[0].window: unknown window"),
        ({"caps": [GAP | {"window": 7}]}, "caps[0].window: expected a text, not 7"),
        ({"caps": [GAP | {"channels": "sms"}]}, 'caps[0].channels: expected a list, not "sms"'),
        ({"caps": [GAP | {"channels": ["sms", "fax"]}]}, 'caps[0].channels[1]: unknown channel "fax"; expected email,'),
        ({"caps": [GAP | {"purposes": ["ask"]}]}, 'caps[0].purposes[0]: unknown purpose "ask"'),
        ({"caps": [GAP | {"tags": [7]}]}, "caps[0].tags[0]: expected a text, not 7"),
        ({"caps": [GAP | {"per": "household"}]}, 'caps[0].per: unknown unit "household"; expected account, customer'),
        ({"hours": {"fax": "always"}}, "hours.fax: unknown key; expected email, sms, phone"),
        ({"hours": {"sms": "never"}}, 'hours.sms: expected an object, not "never"'),
        ({"hours": {"sms": {"mo": "09:00-20:00"}}}, 'hours.sms.mo: unknown days "mo"; expected a day (mon, tue,'),
        ({"hours": {"sms": {"mon-": "09:00-20:00"}}}, 'hours.sms.mon-: unknown days "mon-"'),
        ({"hours": {"sms": {"mon": "9-20"}}}, "hours.sms.mon: expected periods like"),
        ({"hours": {"sms": {"mon": "24:00-25:00"}}}, "hours.sms.mon: expected periods like"),
        ({"hours": {"sms": {"mon": ["09:00-20:00"]}}}, "hours.sms.mon: expected a text, not a list"),
        ({"holidays": ["2026-02-30"]}, 'holidays[0]: expected a date like "2026-12-25", not "2026-02-30"'),
        ({"zones": ["Europe/Berlin", "Mars/Olympus"]}, 'zones[1]: unknown time zone "Mars/Olympus"; expected an IANA'),
        ({"zones": ["America"]}, 'zones[0]: unknown time zone "America"'),
        ({"zones": ["../../etc/passwd"]}, "zones[0]: unknown time zone"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(document: dict[str, Any], complaint: str) -> None:
    with pytest.raises(PolicyError) as refused:
        parse_policy(document)
    assert str(refused.value).startswith(complaint)


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"caps": [GAP | {"window": "0 days"}]}, "caps[0].window: a window of 0 never blocks"),
        ({"caps": [GAP | {"window": "0 hours"}]}, "caps[0].window: a window of 0 never blocks"),
        ({"caps": [GAP | {"measure": "reminders", "purposes": ["invitation"]}]}, 'caps[0]: "gap" can never block'),
        ({"caps": [GAP | {"measure": "call_attempts", "channels": ["email"]}]}, 'caps[0]: "gap" can never block'),
        ({"caps": [GAP | {"channels": ["phone"], "purposes": ["invitation"]}]}, 'caps[0]: "gap" can never block'),
        ({"caps": [GAP | {"measure": "responses", "purposes": ["response"]}]}, 'caps[0]: "gap" can never block'),
        ({"caps": [GAP, GAP]}, 'caps[1].name: "gap" is the name of another rule'),
        ({"caps": [GAP | {"name": "expiry"}]}, 'caps[0].name: "expiry" is the name of another rule'),
        ({"hours": {"sms": {"mon": "09:00-09:00,10:00-11:00"}}}, "hours.sms.mon: a period that ends where it begins"),
        (
            {"hours": {"sms": {"mon-fri": "09:00-20:00", "fri": "19:00-21:00"}}},
            "hours.sms: two periods of a day overlap",
        ),
        ({"hours": {"sms": {"mon": "20:00-02:00", "tue": "01:00-03:00"}}}, "hours.sms: two periods of a day overlap"),
        (
            {"hours": {"sms": {"mon": "09:00-12:00,11:00-13:00", "sat": "10:00-12:00,09:00-11:00"}}},
            "hours.sms: two periods of a day overlap (mon, sat); join them into one",
        ),
        ({"hours": {"phone": {}}}, "hours.phone: never open; to close a channel on purpose"),
        (
            {"hours": {"phone": "always", "sms": "always"}, "holidays": ["2026-12-25"]},
            "holidays: no channel keeps them",
        ),
        (
            {"hours": {"phone": "always"}, "holidays": every_day(366)},
            "holidays: sms is not open for a year from 2026-01",
        ),
        (
            {"hours": {"phone": "always", "sms": {"sun": "12:00-20:00"}}, "holidays": every_day(400)[3::7]},
            "holidays: sms is not open for a year from 2026-01-04 on",
        ),
        (
            {"hours": {"phone": "always", "sms": {"mon-sun": "09:00-12:00"}}, "zones": ["Asia/Tokyo", "America/Lima"]},
            "zones: sms is never open in all of them at once",
        ),
    ],
)
def test_what_makes_no_sense_is_answered_with_a_warning_and_not_saved(document: dict[str, Any], place: str) -> None:
    policy = parse_policy(document)
    assert [problem[: len(place)] for problem in policy.warnings] == [place]
    assert check_policy(policy) == list(policy.warnings)


@pytest.mark.parametrize(
    "document",
    [
        {"caps": [GAP | {"limit": 0, "window": "0 days"}]},
        {"caps": [GAP | {"limit": 0, "channels": ["phone"]}], "hours": {"phone": {}}},
        {"caps": [GAP | {"measure": "declines", "channels": ["sms"], "purposes": ["reminder"]}]},
        {"hours": {"sms": {"sat-mon": "09:00-12:00,12:00-24:00", "tue": "18:00-00:00"}}},
        {"caps": [GAP | {"limit": 0}], "hours": {"sms": {}}},
        {"holidays": every_day(365)},
        {"holidays": every_day(600)[:300] + every_day(600)[301:]},
        {"hours": {"sms": {"sun": "12:00-20:00"}, "phone": "always"}, "holidays": every_day(800)[4::7]},
        {"zones": ["Europe/Berlin", "America/New_York"]},
        {"caps": [GAP | {"limit": 0}], "hours": {"sms": {}}, "zones": ["Asia/Tokyo", "Asia/Seoul"]},
    ],
)
def test_what_is_meant_so_is_no_problem(document: dict[str, Any]) -> None:
    assert check_policy(parse_policy(document)) == []
