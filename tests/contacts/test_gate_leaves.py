"""Overrides and appointments: what they pass, what they never pass, and who made them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model

from contacts import consent, gate
from contacts.gate import LeaveError, NamedTime
from contacts.models import Appointment, Contact, Customer, Override
from contacts.policies import ensure_default_policy
from tests.contacts.makers import NOON, cap, invite, make_customer, make_touchpoint, put_in_force, reserve, rules

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LATER = NOON + 14 * DAY


@pytest.fixture
def by_id() -> int:
    return int(get_user_model().objects.create(username="manager").pk)


@pytest.fixture
def customer() -> Customer:
    return make_customer()


@pytest.fixture
def allow(by_id: int, customer: Customer) -> Callable[..., Override]:
    """Return what gives an override for calls from NOON for 30 days."""

    def allow(channel: str = "phone", **fields: Any) -> Override:
        values: dict[str, Any] = {
            "reason": "Complaint 77",
            "ends_at": NOON + 30 * DAY,
            "by_id": by_id,
            "at": NOON,
        } | fields
        return gate.override(customer.pk, channel, **values)

    return allow


def call(customer: Customer, by_id: int, at: datetime = LATER, outcome: str = "completed", **fields: Any) -> Any:
    return gate.log_call(customer.pk, outcome, at=at, by_id=by_id, **fields)


def call_twice_at_a_bad_moment(customer: Customer, by_id: int) -> int:
    """Return the touchpoint about which calls have ended, under the policy of a new installation."""
    ensure_default_policy(NOON)
    visit = make_touchpoint(customer).pk
    for days in (0, 7):
        call(customer, by_id, NOON + days * DAY, "not_now", touchpoint_id=visit)
    return visit


def one_hour(at: datetime, **fields: Any) -> NamedTime:
    return NamedTime(at, at + HOUR, **fields)


def test_an_override_passes_caps_rests_and_bad_moments_and_counts(customer, by_id, allow):
    visit = call_twice_at_a_bad_moment(customer, by_id)
    override = allow()

    decision = call(customer, by_id, NOON + 8 * DAY, touchpoint_id=visit)

    assert (decision.result, rules(decision)) == ("send", ["override", "call attempts", "appointment-only", "retry"])
    assert (decision.reasons[0]["kind"], decision.contact.override) == ("override", override)
    assert customer.contacts.filter(purpose="call").count() == 3
    put_in_force(cap(3, "30 days", "call_attempts"))
    assert rules(call(customer, by_id, NOON + 20 * DAY)) == ["call_attempts"], "it counts in the caps of later calls"


def test_an_override_serves_one_contact(customer, by_id, allow):
    put_in_force(cap(1, "30 days"))
    call(customer, by_id, NOON)
    allow()

    results = [call(customer, by_id, NOON + n * DAY).result for n in (1, 2)]

    assert results == ["send", "delay"]


def test_within_one_call_of_the_gate_an_override_serves_one_ask(customer, allow):
    put_in_force(cap(1, "30 days"))
    allow("email")

    grants = reserve(*[invite(customer) for _ in range(3)])

    assert [grant.decision.result for grant in grants] == ["send", "send", "delay"]
    assert [grant.contact.override_id is None for grant in grants] == [True, False, True]


def test_an_override_whose_contact_gave_its_place_back_serves_again(customer, allow):
    put_in_force(cap(1, "30 days"))
    override = allow("email")
    reserve(invite(customer))
    [second] = reserve(invite(customer))
    gate.settle(second.contact.pk, "cancelled", at=NOON)

    [third] = reserve(invite(customer))

    assert third.contact.override == override


def test_an_override_is_not_spent_where_none_is_needed(customer, by_id, allow):
    put_in_force()
    allow()

    decision = call(customer, by_id)

    assert (decision.contact.override, rules(decision)) == (None, [])


@pytest.mark.parametrize(("channel", "at"), [("email", NOON), ("phone", NOON - HOUR), ("phone", NOON + 30 * DAY)])
def test_an_override_holds_for_its_channel_from_its_instant_until_its_end(customer, by_id, allow, channel, at):
    put_in_force(cap(1, "90 days"))
    call(customer, by_id, NOON - DAY)
    allow(channel)

    assert call(customer, by_id, at).result == "delay"


def test_an_override_of_a_message_holds_at_hand_over_too(customer, allow):
    put_in_force(cap(1, "30 days"), hours={"sms": {"mon-sun": "18:00-20:00"}})
    reserve(invite(customer))
    override = allow("sms", ends_at=NOON + DAY)

    [grant] = reserve(invite(customer, channels=("sms",)))

    assert (grant.decision.result, grant.contact.at) == ("delay", NOON + 6 * HOUR), "hours hold"
    put_in_force(cap(0, "1 day"), hours={"sms": "always"})
    assert gate.recheck(grant.contact.pk, at=NOON + 6 * HOUR).result == "send"
    assert Contact.objects.get(pk=grant.contact.pk).override == override


def test_an_override_found_at_hand_over_is_taken_then(customer, allow):
    put_in_force()
    [grant] = reserve(invite(customer))
    put_in_force(cap(0, "1 day"))
    override = allow("email")

    assert gate.recheck(grant.contact.pk, at=NOON).result == "send"

    assert Contact.objects.get().override == override


def test_a_delay_beyond_the_end_of_an_override_is_none(customer, allow):
    put_in_force(cap(1, "30 days"), hours={"sms": {"mon-sun": "18:00-20:00"}})
    reserve(invite(customer))
    allow("sms", ends_at=NOON + 6 * HOUR)

    [grant] = reserve(invite(customer, channels=("sms",)))

    assert (grant.contact.at, grant.contact.override) == (NOON + timedelta(days=30, hours=6), None)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"reason": "  "}, "reason: say why"),
        ({"ends_at": NOON}, "ends_at: this has passed"),
        ({"channel": "fax"}, "channel: give one of email, sms, phone"),
    ],
)
def test_an_override_needs_a_reason_and_an_end_to_come(allow, fields, place):
    with pytest.raises(LeaveError, match=place):
        allow(**fields)

    assert not Override.objects.exists()


def test_who_made_an_override_is_in_the_log_without_personal_values(customer, by_id, allow):
    override = allow()

    entry = LogEntry.objects.get()
    assert (entry.user_id, entry.object_id, entry.action_time) == (by_id, str(override.pk), NOON)
    assert entry.get_edited_object() == override
    assert (entry.object_repr, "Complaint" in entry.change_message) == (f"override {override.pk}", False)


def test_a_bad_moment_with_a_named_time_makes_the_appointment_that_lets_the_next_call_through(customer, by_id):
    ensure_default_policy(NOON)
    visit = make_touchpoint(customer).pk
    call(customer, by_id, NOON, "not_now", touchpoint_id=visit)
    tuesday = one_hour(NOON + 14 * DAY)

    call(customer, by_id, NOON + 7 * DAY, "not_now", touchpoint_id=visit, named=tuesday)
    decision = call(customer, by_id, tuesday.starts_at, touchpoint_id=visit)

    assert (decision.result, rules(decision)) == ("send", ["appointment", "call attempts", "appointment-only"])
    assert decision.reasons[0]["kind"] == decision.reasons[2]["kind"] == "appointment"
    appointment = Appointment.objects.get()
    assert (appointment.touchpoint_id, appointment.by_id, appointment.state) == (visit, by_id, "kept")
    assert LogEntry.objects.filter(object_id=str(appointment.pk), change_message__startswith="Appointment").exists()


def test_before_the_appointment_the_answer_is_its_beginning(customer, by_id):
    visit = call_twice_at_a_bad_moment(customer, by_id)
    gate.appoint(customer.pk, one_hour(LATER), at=NOON + 8 * DAY, by_id=by_id, touchpoint_id=visit)

    decision = call(customer, by_id, NOON + 9 * DAY, touchpoint_id=visit)

    assert (decision.result, decision.allowed_at, decision.contact) == ("delay", LATER, None)


def test_after_the_appointment_it_lets_nothing_through(customer, by_id):
    visit = call_twice_at_a_bad_moment(customer, by_id)
    gate.appoint(customer.pk, one_hour(LATER), at=NOON + 8 * DAY, by_id=by_id, touchpoint_id=visit)

    decision = call(customer, by_id, LATER + HOUR, touchpoint_id=visit)

    assert (decision.result, rules(decision)) == ("skip", ["call attempts", "appointment-only"])


@pytest.mark.parametrize(("about", "result"), [("it", "send"), ("nothing", "send"), ("another", "delay")])
def test_an_appointment_is_for_calls_about_its_touchpoint(customer, by_id, about, result):
    visit = call_twice_at_a_bad_moment(customer, by_id)
    gate.appoint(customer.pk, one_hour(LATER), at=NOON + 8 * DAY, by_id=by_id, touchpoint_id=visit)
    touchpoint_id = {"it": visit, "nothing": None, "another": make_touchpoint(customer).pk}[about]

    assert call(customer, by_id, LATER, touchpoint_id=touchpoint_id).result == result


@pytest.mark.parametrize(
    ("outcome", "state", "again"),
    [("busy", "open", "send"), ("no_answer", "open", "delay"), ("refused", "kept", "skip")],
)
def test_an_appointment_stays_until_somebody_picks_up_and_the_rests_within_it_hold(
    customer, by_id, outcome, state, again
):
    put_in_force(cap(1, "30 days", "call_attempts"))
    call(customer, by_id, NOON)
    gate.appoint(customer.pk, one_hour(LATER), at=NOON + DAY, by_id=by_id)

    call(customer, by_id, LATER, outcome)

    assert Appointment.objects.get().state == state
    assert call(customer, by_id, LATER + timedelta(minutes=10)).result != "send"
    assert call(customer, by_id, LATER + timedelta(minutes=20)).result == again


def test_a_call_that_keeps_an_appointment_that_it_did_not_need(customer, by_id):
    put_in_force()
    gate.appoint(customer.pk, one_hour(LATER), at=NOON, by_id=by_id)

    decision = call(customer, by_id, LATER)

    assert (rules(decision), Appointment.objects.get().state) == ([], "kept")


def test_an_appointment_passes_the_caps_on_attempts_only(customer, by_id):
    attempts = [cap(1, "30 days", "call_attempts"), cap(1, "30 days", channels=["phone"], name="phone")]
    put_in_force(*attempts, cap(2, "30 days", name="all"))
    call(customer, by_id, NOON)
    gate.appoint(customer.pk, one_hour(LATER), at=NOON, by_id=by_id)
    reserve(invite(customer, NOON + DAY), at=NOON)

    decision = call(customer, by_id, LATER)

    assert (decision.result, rules(decision)) == ("delay", ["call_attempts", "phone", "all"])


@pytest.mark.parametrize(
    ("time", "place"),
    [
        (NamedTime(NOON - HOUR, NOON), "ends_at: this has passed"),
        (NamedTime(NOON + HOUR, NOON + HOUR), "ends_at: the time ends before it starts"),
        (NamedTime(NOON + HOUR, NOON + 26 * HOUR), "ends_at: this is longer than a day"),
        (one_hour(NOON + 10 * HOUR), "starts_at: no call could be made then. Outside the contact hours"),
    ],
)
def test_an_appointment_is_a_time_to_come_at_which_a_call_can_be_made(customer, by_id, time, place):
    ensure_default_policy(NOON)

    with pytest.raises(LeaveError, match=place):
        gate.appoint(customer.pk, time, at=NOON, by_id=by_id)

    assert not Appointment.objects.exists()


def test_outside_contact_hours_only_what_is_recorded_as_asked_for(customer, by_id):
    ensure_default_policy(NOON)
    night = NOON + 10 * HOUR

    gate.appoint(customer.pk, one_hour(night, any_hour=True), at=NOON, by_id=by_id)

    assert rules(call(customer, by_id, night)) == ["appointment", "hours"]
    assert call(customer, by_id, night + DAY).result == "delay"


def test_an_appointment_that_begins_before_the_hours_is_kept_within_them(customer, by_id):
    ensure_default_policy(NOON)
    early = datetime(2026, 5, 6, 8, 30, tzinfo=UTC)

    gate.appoint(customer.pk, one_hour(early), at=NOON, by_id=by_id)

    assert call(customer, by_id, early).allowed_at == early + timedelta(minutes=30)


def test_a_call_that_cannot_have_the_named_time_is_not_logged(customer, by_id):
    ensure_default_policy(NOON)

    with pytest.raises(LeaveError, match="starts_at"):
        call(customer, by_id, NOON, "not_now", named=one_hour(NOON + 10 * HOUR))
    with pytest.raises(LeaveError, match="outcome: only a call at a bad moment"):
        call(customer, by_id, NOON, "completed", named=one_hour(NOON + DAY))

    assert not Contact.objects.exists()


def test_a_cancelled_appointment_lets_nothing_through(customer, by_id):
    put_in_force(cap(1, "30 days", "call_attempts"))
    call(customer, by_id, NOON)
    appointment = gate.appoint(customer.pk, one_hour(LATER), at=NOON, by_id=by_id)

    gate.cancel_appointment(appointment.pk, at=NOON + DAY, by_id=by_id)

    assert call(customer, by_id, LATER).result == "delay"
    with pytest.raises(gate.GateError, match="This appointment is cancelled"):
        gate.cancel_appointment(appointment.pk, at=NOON + DAY, by_id=by_id)


NOS: dict[str, Callable[[Customer], object]] = {
    "opt-out": lambda customer: consent.opt_out(customer.pk, "", at=NOON, via="link"),
    "closed-address": lambda customer: consent.close_address(
        customer.identifiers.get(type="phone").pk, "bounced", at=NOON
    ),
    "pause": lambda customer: consent.pause(customer.pk, NOON + 60 * DAY, at=NOON, via="link"),
    "once-in-days": lambda customer: consent.ask_less(customer.pk, 60, at=NOON, via="link"),
    "hours": lambda customer: put_in_force(hours={"phone": {"sat": "09:00-10:00"}}),
    "holiday": lambda customer: put_in_force(hours={"phone": {"mon-sun": "09:00-20:00"}}, holidays=[str(LATER.date())]),
    "refused": lambda customer: Contact.objects.update(outcome="refused"),
}


@pytest.mark.parametrize("no", sorted(NOS))
@pytest.mark.parametrize("leave", ["override", "appointment"])
def test_neither_passes_a_no_a_wish_or_the_hours(customer, by_id, allow, leave, no):
    put_in_force(cap(1, "30 days", "call_attempts"))
    call(customer, by_id, NOON)
    if leave == "override":
        allow()
    else:
        gate.appoint(customer.pk, one_hour(LATER), at=NOON, by_id=by_id)
    NOS[no](customer)

    decision = call(customer, by_id, LATER)

    assert decision.result != "send"
    assert no in rules(decision)
    assert Contact.objects.count() == 1
