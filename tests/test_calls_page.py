"""Calls on the customer's page: logged, refused with what can be done, agreed on, and allowed all the same."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from contacts import consent, gate
from contacts.models import Appointment, Contact, Customer, Override, Touchpoint
from contacts.policies import publish
from surveys.answering import submit
from tests.surveys.makers import NOON, make_customer, make_invitation, make_touchpoint

pytestmark = pytest.mark.django_db
ALWAYS = {"email": "always", "sms": "always", "phone": "always"}
OSLO = ZoneInfo("Europe/Oslo")
DAY = timedelta(days=1)


def login(role: str) -> Client:
    user = User.objects.create(username=role, first_name=role.rsplit(maxsplit=1)[-1].title(), is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def manager() -> Client:
    return login("CX manager")


@pytest.fixture
def visit() -> Touchpoint:
    """A visit of a customer in Oslo, under a policy of at most 2 call attempts in 30 days at any hour."""
    calls = {"name": "two calls in 30 days", "limit": 2, "measure": "call_attempts", "window": "30 days"}
    publish("test", "Test", {"caps": [calls], "hours": ALWAYS}, at=NOON)
    return make_touchpoint(make_customer(phone="+4740612345", time_zone="Europe/Oslo"), kind="visit")


def post(client: Client, customer: Customer, what: str, **fields: object) -> Any:
    return client.post(f"/admin/customers/{customer.pk}/{what}/", fields)


def call(client: Client, visit: Touchpoint, outcome: str = "completed", **fields: object) -> Any:
    return post(client, visit.customer, "call", outcome=outcome, minutes=2, touchpoint=visit.pk, **fields)


def at_a_bad_moment(visit: Touchpoint, *days_ago: int) -> None:
    by = User.objects.get_or_create(username="ines", first_name="Ines")[0]
    for days in days_ago:
        at = timezone.now() - days * DAY
        gate.log_call(visit.customer_id, "not_now", at=at, by_id=by.pk, touchpoint_id=visit.pk)


def local(days: int, hour: int = 15) -> dict[str, str]:
    """Return an hour in so many days by the clock in Oslo, as it is filled in."""
    day = (timezone.now().astimezone(OSLO) + days * DAY).date()
    return {"day": str(day), "starts_at": f"{hour}:00", "ends_at": f"{hour + 1}:00"}


def test_the_third_call_is_refused_with_rule_calls_next_day_and_what_can_be_done(
    manager: Client, visit: Touchpoint
) -> None:
    at_a_bad_moment(visit, 8)
    assert call(manager, visit, "not_now").status_code == 302
    first, second = Contact.objects.order_by("at")

    page = call(manager, visit)

    assert (page.status_code, Contact.objects.count()) == (409, 2)
    refusal = page.context["refusal"]
    assert refusal.reasons[0].startswith("The rule “two calls in 30 days” allows 2, and 2 are used; free again on ")
    assert refusal.reasons[1].startswith("It was a bad moment twice")
    for line, contact, who in zip(refusal.counted, (first, second), ("Ines", "Manager"), strict=True):
        assert f"{contact.at.astimezone(OSLO):%H:%M} (Europe/Oslo): call, not now (bad moment), by {who}" in line
    free_again = (first.at.astimezone(OSLO) + 30 * DAY).date()
    assert f"A call about something else is allowed from {free_again:%A} {free_again.day} {free_again:%B %Y}" in (
        refusal.when
    )
    text = page.content.decode()
    assert 'role="alert"' in text
    assert 'href="#appointments"' in text
    assert 'href="#override"' in text
    assert page.context["call_form"]["outcome"].value() == "completed", "what was filled in is kept"


def test_a_call_that_only_has_to_wait_says_until_when(manager: Client, visit: Touchpoint) -> None:
    at_a_bad_moment(visit, 0)

    refusal = call(manager, visit).context["refusal"]

    again = Contact.objects.get().at.astimezone(OSLO) + 7 * DAY
    assert refusal.when.startswith(f"The next call is allowed on {again:%A} {again.day} {again:%B %Y, %H:%M}")
    assert refusal.by_leave


def test_who_may_not_override_is_told_whom_to_ask(visit: Touchpoint) -> None:
    login("CX manager")
    at_a_bad_moment(visit, 8, 1)

    page = call(login("Interviewer"), visit)

    assert page.context["refusal"].ask == ["Manager"]
    assert "ask Manager for an override" in page.content.decode()
    assert 'href="#override"' not in page.content.decode()


def test_against_a_no_nothing_is_offered(manager: Client, visit: Touchpoint) -> None:
    consent.opt_out(visit.customer_id, "phone", at=NOON, via="call")

    page = call(manager, visit)

    assert page.status_code == 409
    assert not page.context["refusal"].by_leave
    assert page.context["refusal"].when == "No date makes this call allowed."
    assert "What you can do" not in page.content.decode()


def test_a_bad_moment_with_a_named_time_records_both(manager: Client, visit: Touchpoint) -> None:
    assert call(manager, visit, "not_now", **local(3)).status_code == 302

    appointment = Appointment.objects.get()
    assert appointment.touchpoint == visit
    start = appointment.starts_at.astimezone(OSLO)
    assert (start.time(), appointment.ends_at - appointment.starts_at) == (time(15), timedelta(hours=1))
    assert Contact.objects.get().outcome == "not_now"
    page = manager.get(f"/admin/customers/{visit.customer_id}/")
    [(pk, words)] = page.context["appointments"]
    assert pk == appointment.pk
    assert words.startswith(f"{start:%A} {start.day} {start:%B %Y}, 15:00 (Europe/Oslo) until 16:00, about ")


@pytest.mark.parametrize(
    ("outcome", "fields", "field", "complaint"),
    [
        ("not_now", {"day": "2030-01-01"}, "starts_at", "Give day, from and until"),
        ("not_now", {"starts_at": "15:00", "ends_at": "16:00"}, "day", "Give day, from and until"),
        ("not_now", local(-1), "ends_at", "This has passed already"),
        ("completed", local(3), "outcome", "Only a call at a bad moment"),
    ],
)
def test_a_named_time_that_cannot_be_is_refused_in_its_place(
    manager: Client, visit: Touchpoint, outcome: str, fields: dict[str, str], field: str, complaint: str
) -> None:
    page = call(manager, visit, outcome, **fields)

    assert page.status_code == 400
    assert page.context["call_form"].errors[field][0].startswith(complaint)
    assert not Contact.objects.exists()


def test_an_appointment_is_recorded_by_the_customer_s_clock_and_lets_the_call_through(
    manager: Client, visit: Touchpoint
) -> None:
    at_a_bad_moment(visit, 9, 1)
    now = timezone.now().astimezone(OSLO)
    span = {"day": str(now.date()), "starts_at": "00:00", "ends_at": "23:59"}
    if now.time() >= time(23, 59):
        pytest.skip("the day is over in a moment")

    done = post(manager, visit.customer, "appointment", touchpoint=visit.pk, **span)

    assert done.status_code == 302
    start = datetime.combine(now.date(), time(0), OSLO).astimezone(UTC)
    assert Appointment.objects.get().starts_at == start
    assert call(manager, visit).status_code == 302
    assert Appointment.objects.get().state == "kept"


@pytest.mark.parametrize(
    ("fields", "field"), [({}, "day"), (local(-2), "ends_at"), ({**local(2), "ends_at": "14:00"}, "ends_at")]
)
def test_a_bad_appointment_names_the_field(
    manager: Client, visit: Touchpoint, fields: dict[str, str], field: str
) -> None:
    page = post(manager, visit.customer, "appointment", **fields)

    assert page.status_code == 400
    assert page.context["appointment_form"].errors[field]
    assert not Appointment.objects.exists()


def test_an_appointment_is_cancelled_once(manager: Client, visit: Touchpoint) -> None:
    post(manager, visit.customer, "appointment", touchpoint=visit.pk, **local(3))
    address = f"/admin/appointments/{Appointment.objects.get().pk}/cancel/"

    assert manager.post(address).status_code == 302
    assert Appointment.objects.get().state == "cancelled"
    again = manager.post(address, follow=True)
    assert "there is nothing to cancel" in again.content.decode()


def test_answered_on_the_web_meanwhile_the_appointment_is_not_shown_and_its_call_is_refused(
    manager: Client, visit: Touchpoint
) -> None:
    post(manager, visit.customer, "appointment", touchpoint=visit.pk, **local(3))
    now = timezone.now()

    submit(make_invitation(touchpoint=visit, due_at=now), {"score": "9"}, at=now)

    page = manager.get(f"/admin/customers/{visit.customer_id}/")
    assert page.context["appointments"] == []
    assert "The customer has answered since this call was agreed on" in page.content.decode()
    refused = call(manager, visit)
    assert (refused.status_code, Contact.objects.filter(purpose="call").exists()) == (409, False)
    refusal = refused.context["refusal"]
    assert refusal.reasons == [
        "The customer has answered since this call was agreed on: only a new appointment allows one."
    ]
    assert refusal.when.endswith("A call about something else is allowed now.")
    assert refusal.by_leave


def test_an_override_lets_one_call_through_and_is_in_the_story(manager: Client, visit: Touchpoint) -> None:
    at_a_bad_moment(visit, 8, 1)
    until = (timezone.now() + DAY).strftime("%Y-%m-%dT%H:%M")

    done = post(manager, visit.customer, "override", channel="phone", reason="Complaint 77", ends_at=until)

    assert done.status_code == 302
    assert Override.objects.get().by.username == "CX manager"
    assert [call(manager, visit).status_code for _ in range(2)] == [302, 409]
    story = manager.get(f"/admin/customers/{visit.customer_id}/").content.decode()
    assert "Complaint 77 (Manager)" in story


@pytest.mark.parametrize(
    ("fields", "field", "complaint"),
    [
        ({"reason": " "}, "reason", "Say why"),
        ({"ends_at": "2020-01-01T09:00"}, "ends_at", "This has passed already; give a later end."),
        ({"channel": "fax"}, "channel", "Select a valid choice"),
    ],
)
def test_an_override_without_reason_or_with_an_end_in_the_past_is_refused_in_its_place(
    manager: Client, visit: Touchpoint, fields: dict[str, str], field: str, complaint: str
) -> None:
    given = {"channel": "phone", "reason": "Complaint 77", "ends_at": "2099-01-01T09:00"} | fields

    page = post(manager, visit.customer, "override", **given)

    assert page.status_code == 400
    form = page.context["override_form"]
    assert form.errors[field][0].startswith(complaint)
    assert "autofocus" in str(form[field])
    assert not Override.objects.exists()


def test_no_two_fields_of_the_page_have_one_name_for_readers(manager: Client, visit: Touchpoint) -> None:
    page = manager.get(f"/admin/customers/{visit.customer_id}/").content.decode()
    ids = [part.split('"')[0] for part in page.split(' id="')[1:]]

    assert sorted(ids) == sorted(set(ids))
