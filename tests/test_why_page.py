"""The Why page: one sentence on top, every rule, the year, and any question about any channel."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from contacts.models import Contact, Customer, Decision
from contacts.policies import publish
from tests.surveys.makers import NOON, make_customer, make_program

pytestmark = pytest.mark.django_db
ALWAYS = {"email": "always", "sms": "always", "phone": "always"}
CAP = {"name": "one mail in 30 days", "limit": 1, "measure": "invitations", "window": "30 days", "channels": ["email"]}


@pytest.fixture
def client() -> Client:
    """A client that may see everything; which roles may is in tests/routes.txt."""
    browser = Client()
    browser.force_login(User.objects.create(username="ada", is_superuser=True, is_staff=True))
    return browser


@pytest.fixture
def customer() -> Customer:
    """A customer in Oslo who was invited by email 10 days ago, under a policy of one such in 30 days."""
    publish("test", "Test", {"caps": [CAP], "hours": ALWAYS}, at=NOON)
    customer = make_customer(phone="+12025550123", time_zone="Europe/Oslo")
    at = timezone.now() - timedelta(days=10)
    fields = {"channel": "email", "purpose": "invitation", "outcome": "delivered", "source": "crm"}
    Contact.objects.create(customer=customer, at=at, recorded_at=at, updated_at=at, **fields)
    return customer


def page(client: Client, customer: Customer, query: str = "") -> str:
    answer = client.get(f"/admin/customers/{customer.pk}/why/{query}")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_answer_is_one_sentence_in_the_customers_time(client: Client, customer: Customer) -> None:
    text = page(client, customer)
    assert re.search(
        r"<strong>Not now, but on \w+day \d+ \w+ \d+ at \d\d:\d\d, their time: "
        r"the rule “one mail in 30 days” allows 1, and 1 are used\.</strong>",
        text,
    )
    assert "<strong>Yes, now.</strong>" in page(client, customer, "?channel=sms")


def test_the_other_channels_are_one_step_away(client: Client, customer: Customer) -> None:
    text = page(client, customer)
    assert '<a href="?channel=sms">SMS</a>: Yes, now.' in text
    assert '<a href="?channel=phone">Phone</a>: Yes, now.' in text


def test_a_landline_is_named_where_an_sms_would_go(client: Client) -> None:
    customer = make_customer(phone="+442079460018")
    text = page(client, customer, "?channel=sms")
    assert "<strong>No: this number is a landline, which takes no SMS" in text
    assert "This number is a landline, which takes no SMS; no waiting helps." in text
    assert '<a href="?channel=sms">SMS</a>: No: this number is a landline, which takes no SMS' in page(client, customer)


def test_every_rule_is_listed_with_its_contacts(client: Client, customer: Customer) -> None:
    text, contact = page(client, customer), Contact.objects.get()
    assert "At most 1 invitation in 30 days, channels email." in text
    assert "1 of 1" in text
    assert f'<a href="/admin/contacts/contact/{contact.pk}/change/">' in text
    assert "Nothing to test here, so these pass: opt-out, closed-address" in text


def test_the_year_is_drawn_and_told_in_words(client: Client, customer: Customer) -> None:
    text = page(client, customer)
    assert text.count('href="#cx-email"') == 2  # the key and the one contact
    assert 'class="cx-bar cx-full"' in text
    assert "No room (limit 1) from" in text
    assert 'class="cx-flag"' in text
    assert "<summary>The same in words</summary>" in text


@pytest.mark.parametrize("query", ["?channel=fax", "?at=soon", "?at=1990-01-01T00:00", "?survey=unknown"])
def test_a_question_that_cannot_be_read_is_named_and_the_plain_one_answered(
    client: Client, customer: Customer, query: str
) -> None:
    answer = client.get(f"/admin/customers/{customer.pk}/why/{query}")
    assert answer.status_code == 400
    assert 'class="errorlist"' in answer.content.decode()
    assert "Not now, but" in answer.content.decode()


def test_another_instant_survey_and_program_can_be_asked_about(client: Client, customer: Customer) -> None:
    program = make_program()
    query = f"?channel=email&purpose=reminder&survey={program.survey.slug}&program={program.slug}&at=2030-01-01T09:00"
    text = page(client, customer, query)
    assert "Reminder by Email" in text
    assert f"Tuesday 1 January 2030, 10:00 (Europe/Oslo), survey {program.survey.slug}, program {program.slug}" in text
    assert "<strong>Yes, on Tuesday 1 January 2030 at 10:00, their time.</strong>" in text


def test_an_unknown_zone_is_said(client: Client) -> None:
    text = page(client, make_customer(time_zone="", country="ES"))
    assert "unknown; must be allowed in Europe/Madrid, Africa/Ceuta, Atlantic/Canary" in text


def test_the_customers_page_leads_here_for_each_channel(client: Client, customer: Customer) -> None:
    text = client.get(f"/admin/customers/{customer.pk}/").content.decode()
    for channel in ("email", "sms", "phone"):
        assert f'href="/admin/customers/{customer.pk}/why/?channel={channel}"' in text


def test_asking_changes_nothing(client: Client, customer: Customer) -> None:
    page(client, customer)
    assert not Decision.objects.exists()


def test_names_are_shown_as_text(client: Client) -> None:
    assert "<script>alert" not in page(client, make_customer(name="<script>alert(1)</script>"))
