"""Answer rates, decisions with their reasons, contacts per customer."""

from datetime import timedelta

import pytest

from analytics.asking import AnswerRateRow, DecisionRow, answer_rates, contacts_per_customer, decisions
from analytics.period import Period
from tests.analytics.world import days_ago, make_contact, make_decision, make_sent
from tests.surveys.makers import NOON, make_customer, make_invitation, make_touchpoint

pytestmark = pytest.mark.django_db
EVERYTHING = Period(None, None, NOON)


def overall(period: Period = EVERYTHING) -> AnswerRateRow:
    [row] = answer_rates("overall", period)
    return row


def test_answer_rate_is_answered_of_sent_with_its_interval() -> None:
    make_sent(20, 5, at=days_ago(60))
    row = overall()
    assert (row["n"], row["count"], row["share"], row["low"], row["high"]) == (20, 5, 25.0, 11.2, 46.9)


def test_only_first_invitations_that_were_sent_count() -> None:
    first, *_ = make_sent(10, 0, at=days_ago(60))
    make_sent(1, 0, at=days_ago(50), purpose="reminder", first=first)
    make_invitation(state="planned", due_at=days_ago(60))
    assert overall()["n"] == 10


def test_open_links_are_said_and_later_answers_are_not_foreseen() -> None:
    make_sent(10, 4, at=days_ago(60), closes_at=days_ago(30))
    make_sent(10, 4, at=days_ago(5), closes_at=NOON + timedelta(days=25))
    assert (overall()["count"], overall()["still_open"]) == (8, 6)
    earlier = overall(Period(None, None, days_ago(50)))
    assert (earlier["n"], earlier["count"], earlier["still_open"]) == (10, 4, 6)


def test_answer_rate_by_touchpoint_and_by_channel_of_the_invitation() -> None:
    make_sent(12, 3, touchpoint=None, customer=make_customer())
    for _ in range(11):
        make_sent(1, 1, touchpoint=make_touchpoint(kind="call", channel="hotline"), channel="sms")
    assert [(row["value"], row["n"], row["count"]) for row in answer_rates("kind", EVERYTHING)] == [
        ("", 12, 3),
        ("call", 11, 11),
    ]
    assert [(row["value"], row["n"]) for row in answer_rates("asked_by", EVERYTHING)] == [("email", 12), ("sms", 11)]


def test_small_groups_have_no_answer_rate() -> None:
    make_sent(9, 9)
    row = overall()
    assert (row["n"], row["state"]) == (9, "withheld")
    assert (row["count"], row["share"], row["still_open"]) == (None, None, None)


def test_a_kind_is_hidden_that_would_give_a_small_one_away() -> None:
    for kind, sent in {"visit": 14, "call": 12, "chat": 9}.items():
        make_sent(sent, 4, touchpoint=make_touchpoint(kind=kind))
    visit, *hidden = answer_rates("kind", EVERYTHING)
    assert (visit["value"], visit["count"], visit["state"]) == ("visit", 4, "wide")
    for row, (kind, sent) in zip(hidden, [("call", 12), ("chat", 9)], strict=True):
        told = {key: value for key, value in row.items() if value is not None}
        assert told == {"by": "kind", "value": kind, "n": sent, "state": "withheld"}


def row(stage: str, decision: str, reason: str, kind: str, n: int) -> DecisionRow:
    return DecisionRow(stage=stage, decision=decision, reason=reason, kind=kind, n=n)


def test_decisions_are_counted_with_every_reason() -> None:
    make_decision("send")
    make_decision("delay", ("hours", "hours", "sms"))
    make_decision("skip", ("opt-out", "consent", "email"), ("expiry", "expiry", "sms"))
    make_decision("skip", ("expiry", "expiry", "sms"))
    assert decisions(EVERYTHING) == [
        row("plan", "send", "all", "all", 1),
        row("plan", "delay", "all", "all", 1),
        row("plan", "delay", "hours", "hours", 1),
        row("plan", "skip", "all", "all", 2),
        row("plan", "skip", "expiry", "expiry", 2),
        row("plan", "skip", "opt-out", "consent", 1),
    ]


def test_rule_that_blocks_two_channels_is_one_reason() -> None:
    make_decision("delay", ("contacts", "cap", "email"), ("contacts", "cap", "sms"))
    assert row("plan", "delay", "contacts", "cap", 1) in decisions(EVERYTHING)


def test_stages_are_told_apart_and_other_times_left_out() -> None:
    make_decision("skip", stage="call")
    make_decision("skip", stage="plan", decided_at=days_ago(40))
    period = Period(days_ago(30), None, NOON)
    assert decisions(period) == [row("call", "skip", "all", "all", 1)]


def test_contacts_are_spread_over_all_customers() -> None:
    often, once, *_ = (make_customer() for _ in range(8))
    for _ in range(3):
        make_contact(often)
    make_contact(once)
    assert [(row["contacts"], row["customers"], row["share"]) for row in contacts_per_customer(EVERYTHING)] == [
        (0, 6, 75.0),
        (1, 1, 12.5),
        (2, 0, 0.0),
        (3, 1, 12.5),
    ]


@pytest.mark.parametrize(
    ("fields", "contacts"),
    [
        ({"outcome": "unknown"}, 1),
        ({"outcome": "bounced"}, 0),
        ({"outcome": "cancelled"}, 0),
        ({"purpose": "call", "channel": "phone", "outcome": "no_answer"}, 1),
        ({"purpose": "response", "channel": ""}, 0),
        ({"at": NOON + timedelta(hours=1), "outcome": "reserved"}, 0),
    ],
)
def test_what_counts_as_a_contact(fields: dict[str, object], contacts: int) -> None:
    make_contact(make_customer(), **fields)  # type: ignore[arg-type]
    assert contacts_per_customer(EVERYTHING)[-1]["contacts"] == contacts


def test_merged_records_are_one_customer() -> None:
    person = make_customer()
    for record in (person, make_customer(merged_into=person)):
        make_contact(record)
    assert [(row["contacts"], row["customers"]) for row in contacts_per_customer(EVERYTHING)] == [
        (0, 0),
        (1, 0),
        (2, 1),
    ]


def test_nobody_is_no_error() -> None:
    assert contacts_per_customer(EVERYTHING) == []
    assert overall()["n"] == 0
    assert decisions(EVERYTHING) == []
