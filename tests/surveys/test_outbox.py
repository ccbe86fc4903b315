from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import Settings

from cxsurvey.models import AuditEntry
from surveys.delivery import deliver
from surveys.links import url
from surveys.models import Invitation, OutboxMessage
from tests.staff import client_of
from tests.surveys.makers import NOON, make_customer, make_invitation


@pytest.fixture
def client(db: None) -> Client:
    return client_of("CX manager")


@pytest.fixture
def sent(db: None) -> list[Invitation]:
    """An email, and an hour later an SMS."""
    ada = make_customer(email="ada@example.com")
    bob = make_customer(email="", phone="+12025550123", name="Bob <b>")
    later = NOON + timedelta(hours=1)
    invitations = [make_invitation(customer=ada), make_invitation(customer=bob, channel="sms", due_at=later)]
    deliver(NOON)
    deliver(later)
    return invitations


def page(client: Client, **query: str) -> str:
    response = client.get("/outbox/", query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_newest_message_stands_first_with_its_link(client: Client, sent: list[Invitation]) -> None:
    email, sms = sent
    shown = page(client)
    assert 0 < shown.index(f'<a href="{url(sms)}">') < shown.index(f'<a href="{url(email)}">')
    assert "Bob &lt;b&gt;" in shown
    assert "1 to 2 of 2" in shown


@pytest.mark.parametrize(
    ("query", "recipients"),
    [
        ({"channel": "sms"}, {"+12025550123"}),
        ({"channel": "email"}, {"ada@example.com"}),
        ({"channel": "pigeon"}, {"+12025550123", "ada@example.com"}),
        ({"recipient": "ADA@"}, {"ada@example.com"}),
        ({"recipient": " 555 "}, {"+12025550123"}),
        ({"recipient": "555", "channel": "email"}, set()),
    ],
)
def test_filters_narrow_it_down(
    client: Client, sent: list[Invitation], query: dict[str, str], recipients: set[str]
) -> None:
    shown = page(client, **query)
    assert {recipient for recipient in ("+12025550123", "ada@example.com") if f"to {recipient}" in shown} == recipients
    assert ("No message matches" in shown) == (not recipients)


def test_an_empty_outbox_says_what_will_be_here(client: Client, db: None) -> None:
    assert "No message has gone out yet" in page(client)


def test_pages_keep_the_filter(client: Client, sent: list[Invitation], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surveys.outbox_views.PER_PAGE", 1)
    shown = page(client, recipient="", channel="")
    assert 'rel="next" href="?recipient=&amp;channel=&amp;page=2"' in shown
    assert "2 to 2 of 2" in page(client, page="2")
    assert "2 to 2 of 2" in page(client, page="99")


def test_a_mail_is_shown_with_its_own_style_and_no_script(client: Client, sent: list[Invitation]) -> None:
    mail, sms = OutboxMessage.objects.order_by("pk")
    response = client.get(f"/outbox/{mail.pk}/")
    assert response.content.decode() == mail.html
    policy = response.headers["Content-Security-Policy"]
    assert "style-src 'unsafe-inline'" in policy
    assert "default-src 'none'" in policy
    assert client.get(f"/outbox/{sms.pk}/").status_code == 404


def test_the_list_obeys_the_strict_policy(client: Client, sent: list[Invitation]) -> None:
    response = client.get("/outbox/")
    assert "unsafe-inline" not in response.headers["Content-Security-Policy"]
    shown = response.content.decode()
    assert " style=" not in shown
    assert "<script" not in shown


def test_it_is_for_colleagues_who_may_see_names(client: Client, sent: list[Invitation]) -> None:
    for address in ("/outbox/", f"/outbox/{OutboxMessage.objects.earliest('pk').pk}/"):
        assert Client().get(address)["Location"] == f"/admin/login/?next={address}"
        assert client_of("Analyst").get(address).status_code == 403
        assert client.get(address).status_code == 200
    seen = AuditEntry.objects.filter(subject_type="surveys.outboxmessage", action="saw")
    assert seen.count() == 2


@pytest.mark.parametrize("address", ["/outbox/", "/outbox/1/"])
def test_where_the_setting_forbids_it_there_is_no_page(client: Client, settings: Settings, address: str) -> None:
    settings.OUTBOX_PAGE = False
    assert client.get(address).status_code == 404


def test_nothing_is_posted_to_it(client: Client, db: None) -> None:
    assert client.post("/outbox/").status_code == 405


def test_an_sms_says_how_long_it_is_and_what_it_would_cost(
    client: Client, sent: list[Invitation], settings: Settings
) -> None:
    length = len(OutboxMessage.objects.get(channel="sms").text)
    assert f"<summary>Text, {length} characters in GSM-7, 1 message</summary>" in page(client)
    settings.SMS_PRICE, settings.SMS_CURRENCY = Decimal("0.0750"), "EUR"
    shown = page(client)
    assert f"<summary>Text, {length} characters in GSM-7, 1 message, 0.0750 EUR</summary>" in shown
    assert "<summary>Text</summary>" in shown
