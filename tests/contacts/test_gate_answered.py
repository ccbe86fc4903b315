"""Answered on the web meanwhile: the appointment to call about it ends, and the gate lets its call through no more."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from contacts import gate
from contacts.appointments import appointments_to_keep
from contacts.explaining import say_reason
from contacts.gate import NamedTime
from contacts.models import Appointment, Contact, Customer, Decision
from tests.contacts.makers import NOON, cap, make_customer, make_touchpoint, put_in_force, rules

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LATER = NOON + 14 * DAY
ONE_CALL = cap(1, "30 days", "call_attempts")


@pytest.fixture
def by_id() -> int:
    return int(get_user_model().objects.create(username="interviewer").pk)


@pytest.fixture
def customer() -> Customer:
    return make_customer()


@pytest.fixture
def visit(customer: Customer) -> int:
    return int(make_touchpoint(customer).pk)


@pytest.fixture
def appointment(customer: Customer, by_id: int, visit: int) -> Appointment:
    """At LATER, made at NOON, about the visit."""
    put_in_force()
    return appoint(customer, by_id, visit)


def appoint(customer: Customer, by_id: int, about: int | None, made: Any = NOON, starts: Any = LATER) -> Appointment:
    return gate.appoint(customer.pk, NamedTime(starts, starts + HOUR), at=made, by_id=by_id, touchpoint_id=about)


def answer(customer: Customer, about: int | None, at: Any = NOON + DAY, purpose: str = "response") -> None:
    gate.clock_event(customer.pk, purpose, at=at, survey="nps", touchpoint_id=about)


def call(customer: Customer, by_id: int, about: int | None, at: Any = LATER) -> Decision:
    return gate.log_call(customer.pk, "completed", at=at, by_id=by_id, touchpoint_id=about)


@pytest.mark.parametrize(("caps", "reasons"), [([], ["answered"]), ([ONE_CALL], ["call_attempts", "answered"])])
def test_the_call_of_an_appointment_is_refused_whether_it_needs_it_or_not(
    customer, by_id, visit, appointment, caps, reasons
):
    put_in_force(*caps)
    call(customer, by_id, None, NOON)
    answer(customer, visit)

    decision = call(customer, by_id, visit)

    assert (decision.result, decision.allowed_at, rules(decision)) == ("skip", None, reasons)
    assert decision.reasons[-1] == {"rule": "answered", "kind": "answered", "channel": "phone"}
    assert Contact.objects.filter(purpose="call").count() == 1


def test_the_appointment_ends_at_once_with_a_decision_that_says_why(customer, visit, appointment):
    assert appointments_to_keep(NOON).exists()

    answer(customer, visit)

    appointment.refresh_from_db()
    assert (appointment.state, appointment.updated_at) == ("cancelled", NOON + DAY)
    assert not appointments_to_keep(NOON).exists()
    decision = Decision.objects.get()
    assert (decision.stage, decision.purpose, decision.result, decision.contact) == ("call", "call", "skip", None)
    assert (decision.customer, decision.touchpoint_id, decision.channel) == (customer, visit, "phone")
    assert (decision.at, decision.decided_at, rules(decision)) == (LATER, NOON + DAY, ["answered"])
    assert say_reason(decision.reasons[0], "UTC") == (
        "The customer has answered since this call was agreed on: only a new appointment allows one."
    )


@pytest.mark.parametrize("leave", ["appointment", "override"])
def test_a_new_appointment_and_an_override_let_a_call_through(customer, by_id, visit, appointment, leave):
    answer(customer, visit)
    if leave == "appointment":
        appoint(customer, by_id, visit, made=NOON + 2 * DAY)
    else:
        gate.override(customer.pk, "phone", reason="Rang us", ends_at=LATER + DAY, by_id=by_id, at=NOON + 2 * DAY)

    decision = call(customer, by_id, visit)

    assert (decision.result, rules(decision)) == ("send", [leave, "answered"])


def test_calls_about_something_else_are_as_free_as_before(customer, by_id, visit, appointment):
    answer(customer, visit)

    assert call(customer, by_id, make_touchpoint(customer).pk, LATER).result == "send"
    assert call(customer, by_id, None, LATER + DAY).result == "send"


def test_an_answer_without_an_appointment_ends_no_calls(customer, by_id, visit):
    put_in_force()
    answer(customer, visit)

    assert call(customer, by_id, visit).result == "send", "somebody unhappy is called because of the answer"


@pytest.mark.parametrize(
    ("about", "at", "purpose"),
    [
        ("another", NOON + DAY, "response"),
        ("nothing", NOON + DAY, "response"),
        ("it", NOON - HOUR, "response"),
        ("it", NOON + DAY, "decline"),
    ],
)
def test_no_other_event_ends_it(customer, by_id, visit, appointment, about, at, purpose):
    touchpoint_id = {"it": visit, "nothing": None, "another": make_touchpoint(customer).pk}[about]

    answer(customer, touchpoint_id, at, purpose)

    assert appointments_to_keep(NOON).get() == appointment
    assert call(customer, by_id, visit).result == "send"


def test_an_appointment_about_nothing_in_particular_stays(customer, by_id, visit):
    put_in_force()
    appointment = appoint(customer, by_id, None)

    answer(customer, visit)

    assert appointments_to_keep(NOON).get() == appointment


def test_what_was_kept_or_cancelled_stays_as_it_is(customer, by_id, visit, appointment):
    cancelled = appoint(customer, by_id, visit)
    gate.cancel_appointment(cancelled.pk, at=NOON, by_id=by_id)
    call(customer, by_id, visit)

    answer(customer, visit, LATER + HOUR)

    appointment.refresh_from_db()
    assert (appointment.state, appointment.updated_at) == ("kept", LATER)
    assert not [decision for decision in Decision.objects.all() if "answered" in rules(decision)]


def test_of_many_answers_each_ends_what_was_made_before_it(customer, by_id):
    put_in_force()
    visits = [make_touchpoint(customer).pk for _ in range(3)]
    made = [appoint(customer, by_id, visit, made=NOON + n * DAY) for n, visit in enumerate(visits)]
    entries = [
        gate.Entry(customer.pk, at, "response", "old-tool", f"r{n}", survey="nps", touchpoint_id=visit)
        for n, (visit, at) in enumerate([(visits[0], NOON + DAY), (visits[0], NOON - DAY), (visits[1], NOON)])
    ]

    gate.record(entries, at=NOON + 5 * DAY)

    assert list(appointments_to_keep(NOON)) == made[1:]


def test_the_answer_of_one_record_ends_the_appointment_of_another_of_the_person(customer, by_id, visit, appointment):
    twin = make_customer(merged_into=customer)

    answer(twin, visit)

    assert [rules(call(record, by_id, visit)) for record in (customer, twin)] == [["answered"], ["answered"]]
