"""The customer's page: the whole story, when next, and what is refused on the screen."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from contacts.models import Contact, Customer, OptOut
from contacts.models.words import Channel
from contacts.policies import publish
from cxsurvey.customer_page import next_contacts, timeline
from recovery.followups import open_due
from surveys.models import Response
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_customer, make_touchpoint

pytestmark = pytest.mark.django_db
ALWAYS = {"email": "always", "sms": "always", "phone": "always"}


@pytest.fixture
def manager() -> Client:
    user = User.objects.create(username="manager", is_staff=True)
    user.groups.add(Group.objects.get(name="CX manager"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def customer() -> Customer:
    """A customer with a phone, under a policy of at most 2 call attempts in 30 days at any hour."""
    calls = {"name": "two calls in 30 days", "limit": 2, "measure": "call_attempts", "window": "30 days"}
    publish("test", "Test", {"caps": [calls], "hours": ALWAYS}, at=NOON)
    return make_customer(phone="+12025550123")


def log(client: Client, customer: Customer, outcome: str, **fields: object) -> object:
    return client.post(f"/admin/customers/{customer.pk}/call/", {"outcome": outcome, "minutes": 0, **fields})


def test_a_call_is_logged_and_counts(manager: Client, customer: Customer) -> None:
    log(manager, customer, "no_answer")
    contact = Contact.objects.get(customer=customer)
    assert (contact.purpose, contact.channel, contact.outcome) == ("call", "phone", "no_answer")


def test_the_third_call_is_refused_on_the_screen_with_rule_and_time(manager: Client, customer: Customer) -> None:
    for days in (20, 10):
        earlier = timezone.now() - timedelta(days=days)
        fields = {"channel": "phone", "purpose": "call", "outcome": "completed", "source": "cxsurvey"}
        Contact.objects.create(customer=customer, at=earlier, recorded_at=earlier, updated_at=earlier, **fields)
    page = manager.post(f"/admin/customers/{customer.pk}/call/", {"outcome": "completed", "minutes": 3})
    assert page.status_code == 409
    assert "not allowed and was not logged" in page.content.decode()
    assert "the rule “two calls in 30 days” allows 2, and 2 are used; free again on" in page.content.decode().lower()
    assert Contact.objects.filter(customer=customer).count() == 2


def test_in_a_meeting_means_not_today(manager: Client, customer: Customer) -> None:
    touchpoint = make_touchpoint(customer)
    log(manager, customer, "not_now", touchpoint=touchpoint.pk)
    page = manager.post(f"/admin/customers/{customer.pk}/call/", {"outcome": "completed", "minutes": 3})
    assert page.status_code == 409
    assert "the last call asks for a longer wait" in page.content.decode().lower()


def test_a_bad_form_names_the_field(manager: Client, customer: Customer) -> None:
    page = manager.post(f"/admin/customers/{customer.pk}/call/", {"outcome": "sleeping", "minutes": -1})
    assert page.status_code == 400
    assert "sleeping is not one of the available choices" in page.content.decode()
    assert not Contact.objects.exists()


@pytest.mark.parametrize("channel", ["", "email"])
def test_a_no_takes_effect_at_once(manager: Client, customer: Customer, channel: str) -> None:
    manager.post(f"/admin/customers/{customer.pk}/opt-out/", {"channel": channel, "via": "call", "wording": "Enough."})
    assert OptOut.objects.get(customer=customer).wording == "Enough."
    email = next(answer for answer in next_contacts(customer, timezone.now()) if answer.channel == "email")
    assert email.result == "skip"
    assert "opted out" in email.text


def test_every_channel_says_when(manager: Client, customer: Customer) -> None:
    answers = {answer.channel: answer for answer in next_contacts(customer, NOON)}
    assert answers[Channel.EMAIL].text == "Yes, now."
    assert answers[Channel.PHONE].result == "send"
    assert set(answers) == {"email", "sms", "phone"}


def test_a_number_that_takes_no_sms_or_costs_who_calls_it_is_named() -> None:
    landline, premium = make_customer(phone="+442079460018"), make_customer(phone="+449098790000")
    assert "This number is a landline, which takes no SMS." in next_contacts(landline, NOON)[1].text
    assert "This number is a premium-rate number, which costs whoever calls it." in next_contacts(premium, NOON)[2].text


def test_the_timeline_tells_everything_newest_first(manager: Client, customer: Customer) -> None:
    make_response(2, "Too slow.", touchpoint=make_touchpoint(customer, kind="call"))
    open_due(NOON + timedelta(minutes=1))
    told = timeline(customer)
    assert [moment.at for moment in told] == sorted((moment.at for moment in told), reverse=True)
    assert {moment.what for moment in told} >= {"touchpoint", "contact", "response", "follow-up"}
    assert next(moment for moment in told if moment.what == "response").tone == "unhappy"


def test_records_of_one_person_tell_one_story(customer: Customer) -> None:
    twin = make_customer(merged_into=customer)
    make_touchpoint(twin, kind="chat")
    assert any(moment.title.startswith("Chat") for moment in timeline(customer))


def test_what_customers_write_is_shown_as_text(manager: Client, customer: Customer) -> None:
    make_response(2, "<script>alert(1)</script>", touchpoint=make_touchpoint(customer, agent="<b>Bo</b>"))
    page = manager.get(f"/admin/customers/{customer.pk}/").content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;b&gt;Bo" in page


def test_looking_changes_nothing(manager: Client, customer: Customer) -> None:
    make_response(2, touchpoint=make_touchpoint(customer))
    before = list(Response.objects.values()), list(Contact.objects.values())
    assert manager.get(f"/admin/customers/{customer.pk}/").status_code == 200
    assert (list(Response.objects.values()), list(Contact.objects.values())) == before


def test_the_customer_list_leads_to_the_page(manager: Client, customer: Customer) -> None:
    assert f'href="/admin/customers/{customer.pk}/"' in manager.get("/admin/contacts/customer/").content.decode()


def test_a_decision_is_told_with_what_it_was_about_and_its_reasons(manager: Client, customer: Customer) -> None:
    for _ in range(2):
        log(manager, customer, "not_now")
    waiting, allowed = (moment for moment in timeline(customer) if moment.what == "decision")
    assert (allowed.title, allowed.text, allowed.tone) == ("Allowed: call by Phone (call)", "", "allowed")
    assert (waiting.title, waiting.tone) == ("Has to wait: call by Phone (call)", "waiting")
    assert waiting.text.startswith("Not before ")


def test_the_form_starts_from_the_newest_experience(manager: Client, customer: Customer) -> None:
    make_touchpoint(customer, occurred_at=NOON - timedelta(days=9))
    newest = make_touchpoint(customer, kind="call")
    form = manager.get(f"/admin/customers/{customer.pk}/").context["call_form"]
    assert form["touchpoint"].value() == newest.pk


def test_all_channels_cost_one_reading_of_the_book(customer: Customer, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(5):
        assert len(next_contacts(customer, NOON)) == 3
