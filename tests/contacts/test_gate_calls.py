from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model

from contacts import consent, gate
from contacts.gate import Ask, GateError
from contacts.models import Contact, Customer, Decision
from contacts.policies import ensure_default_policy
from contacts.proof import Proof
from tests.contacts.makers import NOON, cap, invite, make_customer, make_touchpoint, put_in_force, reserve

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def by_id() -> int:
    return int(get_user_model().objects.create(username="interviewer").pk)


@pytest.fixture
def customer() -> Customer:
    return make_customer()


def told(decision: Decision) -> dict[str, str | None]:
    """Return the rule of each reason with the instant until which it holds."""
    return {reason["rule"]: reason.get("until") for reason in decision.reasons}


def test_in_a_meeting_twice_and_never_called_a_third_time(customer, by_id):
    ensure_default_policy(NOON)
    visit = make_touchpoint(customer).pk

    first = gate.log_call(customer.pk, "not_now", at=NOON, by_id=by_id, touchpoint_id=visit, seconds=20)
    too_soon = gate.log_call(customer.pk, "not_now", at=NOON + 6 * DAY, by_id=by_id, touchpoint_id=visit)
    second = gate.log_call(customer.pk, "not_now", at=NOON + 7 * DAY, by_id=by_id, touchpoint_id=visit, seconds=15)
    third = gate.log_call(customer.pk, "completed", at=NOON + 14 * DAY, by_id=by_id, touchpoint_id=visit)

    assert [call.result for call in (first, too_soon, second, third)] == ["send", "delay", "send", "skip"]
    assert told(too_soon) == {"retry": "2026-05-12T12:00:00Z"}
    assert told(third) == {"call attempts": "2026-06-04T12:00:00Z", "appointment-only": None}
    assert (third.contact, third.allowed_at) == (None, None), "calls about this visit have ended"
    assert third.counted == [first.contact_id, second.contact_id]
    assert list(Contact.objects.order_by("at").values_list("outcome", "at")) == [
        ("not_now", NOON),
        ("not_now", NOON + 7 * DAY),
    ]


def test_about_something_else_she_may_be_called_when_the_cap_is_free_again(customer, by_id):
    ensure_default_policy(NOON)
    visit, other_visit = make_touchpoint(customer).pk, make_touchpoint(customer).pk
    for days in (0, 7):
        gate.log_call(customer.pk, "not_now", at=NOON + days * DAY, by_id=by_id, touchpoint_id=visit)

    third = gate.log_call(customer.pk, "completed", at=NOON + 14 * DAY, by_id=by_id, touchpoint_id=other_visit)

    assert (third.result, third.allowed_at) == ("delay", NOON + 30 * DAY)
    assert told(third) == {"call attempts": "2026-06-04T12:00:00Z"}


@pytest.mark.parametrize(
    ("contacts", "result", "next_time"), [(2, "delay", NOON + 30 * DAY), (3, "send", NOON + 14 * DAY)]
)
def test_nor_is_she_written_to_instead_unless_the_caps_allow_it(customer, by_id, contacts, result, next_time):
    put_in_force(cap(2, "30 days", "call_attempts"), cap(contacts, "30 days"))
    for days in (0, 7):
        gate.log_call(customer.pk, "not_now", at=NOON + days * DAY, by_id=by_id)
    refused = gate.log_call(customer.pk, "completed", at=NOON + 14 * DAY, by_id=by_id)
    assert refused.result == "delay"

    [instead] = reserve(invite(customer), at=NOON + 14 * DAY)

    assert (instead.decision.result, instead.decision.allowed_at) == (result, next_time)


def test_a_call_that_is_allowed_is_written_with_its_outcome(customer, by_id):
    visit = make_touchpoint(customer).pk

    decision = gate.log_call(
        customer.pk, "completed", at=NOON, by_id=by_id, survey="nps", program="care", touchpoint_id=visit, seconds=300
    )

    call = Contact.objects.get()
    assert (call.purpose, call.channel, call.outcome, call.at) == ("call", "phone", "completed", NOON)
    assert (call.survey, call.program, call.seconds, call.source) == ("nps", "care", 300, "cxsurvey")
    assert call.address == customer.identifiers.get(type="phone")
    assert (decision.stage, decision.contact, decision.touchpoint_id) == ("call", call, visit)


def test_who_called_is_in_the_log(customer, by_id):
    decision = gate.log_call(customer.pk, "busy", at=NOON, by_id=by_id)

    entry = LogEntry.objects.get()
    assert (entry.user_id, entry.object_id, entry.action_time) == (by_id, str(decision.pk), NOON)
    assert (entry.get_edited_object(), entry.change_message) == (decision, "Call: busy")


@pytest.mark.parametrize(
    ("outcome", "rest"),
    [
        ("no_answer", timedelta(hours=3)),
        ("busy", timedelta(minutes=15)),
        ("voicemail", timedelta(days=1)),
        ("not_now", timedelta(days=7)),
    ],
)
def test_each_outcome_sets_the_next_try(customer, by_id, outcome, rest):
    put_in_force()
    gate.log_call(customer.pk, outcome, at=NOON, by_id=by_id)

    again = gate.log_call(customer.pk, "completed", at=NOON + timedelta(minutes=1), by_id=by_id)
    in_time = gate.log_call(customer.pk, "completed", at=NOON + rest, by_id=by_id)

    assert (again.result, again.allowed_at, list(told(again))) == ("delay", NOON + rest, ["retry"])
    assert in_time.result == "send"


def test_a_refusal_ends_all_calls(customer, by_id):
    put_in_force()
    gate.log_call(customer.pk, "refused", at=NOON, by_id=by_id)

    years_later = gate.log_call(customer.pk, "completed", at=NOON + 2000 * DAY, by_id=by_id)

    assert (years_later.result, list(told(years_later))) == ("skip", ["refused"])


def test_bad_moments_end_only_the_calls(customer, by_id):
    put_in_force()
    visit = make_touchpoint(customer).pk
    for days in (0, 7):
        gate.log_call(customer.pk, "not_now", at=NOON + days * DAY, by_id=by_id, touchpoint_id=visit)

    call_again = Ask(customer.pk, NOON, ("phone",), "call", touchpoint_id=visit)
    letter, call = reserve(invite(customer, touchpoint_id=visit), call_again, at=NOON + 20 * DAY, stage="person")

    assert (letter.decision.result, call.decision.result) == ("send", "skip")


def test_calls_keep_to_the_customer_s_hours(by_id):
    ensure_default_policy(NOON)
    customer = make_customer(time_zone="America/Los_Angeles")

    decision = gate.log_call(customer.pk, "completed", at=NOON, by_id=by_id)

    assert (decision.result, decision.allowed_at) == ("delay", datetime(2026, 5, 5, 16, tzinfo=UTC))
    assert not Contact.objects.exists()


def test_who_opted_out_of_calls_is_not_called(customer, by_id):
    consent.opt_out(customer.pk, "phone", at=NOON, via="call", proof=Proof(wording="Do not call again"))

    decision = gate.log_call(customer.pk, "completed", at=NOON, by_id=by_id)

    assert (decision.result, decision.allowed_at, list(told(decision))) == ("skip", None, ["opt-out"])


def test_a_call_needs_a_number(by_id):
    decision = gate.log_call(make_customer(phone=False).pk, "completed", at=NOON, by_id=by_id)

    assert (decision.result, list(told(decision))) == ("skip", ["no-address"])


@pytest.mark.parametrize("outcome", ["delivered", "reserved", "answered"])
def test_a_call_has_the_outcome_of_a_call(customer, by_id, outcome):
    with pytest.raises(GateError, match="give one of no_answer, busy"):
        gate.log_call(customer.pk, outcome, at=NOON, by_id=by_id)

    assert not Decision.objects.exists()
