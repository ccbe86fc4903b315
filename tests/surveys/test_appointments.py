from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from contacts import gate
from contacts.gate import NamedTime
from contacts.models import Appointment, Touchpoint
from contacts.policies import publish
from surveys.appointments import appointments_to_keep
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_customer, make_touchpoint

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def touchpoint() -> Touchpoint:
    publish("test", "Test", {"hours": {"phone": "always"}}, at=NOON)
    return make_touchpoint(make_customer(phone="+12025550123"))


def appoint(touchpoint: Touchpoint, *, about: bool = True, hours: int = 3) -> Appointment:
    by, _ = User.objects.get_or_create(username="interviewer")
    start = NOON + hours * HOUR
    return gate.appoint(
        touchpoint.customer_id,
        NamedTime(start, start + HOUR),
        at=NOON,
        by_id=by.pk,
        touchpoint_id=touchpoint.pk if about else None,
    )


def test_the_earliest_comes_first_and_what_is_over_or_cancelled_is_none(touchpoint: Touchpoint) -> None:
    later, sooner, cancelled = (appoint(touchpoint, hours=hours) for hours in (5, 2, 4))
    gate.cancel_appointment(cancelled.pk, at=NOON, by_id=cancelled.by_id)

    assert list(appointments_to_keep(NOON)) == [sooner, later]
    assert list(appointments_to_keep(NOON + 3 * HOUR)) == [later]


def test_answered_on_the_web_meanwhile_it_leaves_the_list_at_once(touchpoint: Touchpoint) -> None:
    appoint(touchpoint)

    make_response(9, touchpoint=touchpoint, answered_at=NOON + HOUR)

    assert not appointments_to_keep(NOON + HOUR).exists()


def test_a_call_agreed_on_after_the_answer_stays_on_the_list(touchpoint: Touchpoint) -> None:
    make_response(2, touchpoint=touchpoint, answered_at=NOON - HOUR)

    appointment = appoint(touchpoint)

    assert list(appointments_to_keep(NOON)) == [appointment]


def test_an_answer_about_something_else_closes_nothing(touchpoint: Touchpoint) -> None:
    about_it, about_any = appoint(touchpoint), appoint(touchpoint, about=False)

    make_response(9, touchpoint=make_touchpoint(touchpoint.customer), answered_at=NOON + HOUR)

    assert list(appointments_to_keep(NOON + HOUR)) == [about_it, about_any]
