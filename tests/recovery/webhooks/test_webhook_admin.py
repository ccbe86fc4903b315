"""Webhooks in the admin: who may see and change what, and what each press does."""

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from contacts import consent
from contacts.proof import Proof
from cxsurvey.models import AuditEntry
from recovery.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from recovery.webhooks.noticing import notice
from recovery.webhooks.signing import secret_of
from tests.pristine import Shared
from tests.recovery.webhooks.receivers import MINUTE, make_endpoint
from tests.staff import as_after, client_of
from tests.surveys.makers import NOON, make_customer

pytestmark = pytest.mark.django_db
ENDPOINTS, DELIVERIES = "admin:recovery_webhookendpoint", "admin:recovery_webhookdelivery"
FILLED = {"name": "CRM", "url": "https://hooks.example.com/cx", "events": ["score.low", "customer.opted_out"]}


@pytest.fixture(scope="module")
def logins(shared: Shared) -> dict[str, Client]:
    """Log in a manager, an administrator, and somebody who may change webhooks but let no personal data out."""
    with shared():
        admin = User.objects.create_superuser("administrator", password=None)
        operator = User.objects.create_user("operator", is_staff=True)
        rights = ("view_webhookendpoint", "add_webhookendpoint", "change_webhookendpoint")
        operator.user_permissions.set(Permission.objects.filter(codename__in=rights))
        clients = {"manager": client_of("CX manager"), "admin": Client(), "operator": Client()}
        clients["admin"].force_login(admin)
        clients["operator"].force_login(operator)
        return clients


@pytest.fixture
def admin(logins: dict[str, Client]) -> Client:
    return as_after(logins["admin"])


@pytest.fixture
def operator(logins: dict[str, Client]) -> Client:
    return as_after(logins["operator"])


@pytest.fixture
def manager(logins: dict[str, Client]) -> Client:
    return as_after(logins["manager"])


def page(client: Client, address: str, *args: object) -> str:
    response = client.get(reverse(address, args=args))
    assert response.status_code == 200
    return html.unescape(re.sub(r"<[^>]+>", "", response.content.decode()))


def press(client: Client, address: str, *args: object, **fields: object) -> str:
    response = client.post(reverse(address, args=args), fields, follow=True)
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def change(client: Client, endpoint: WebhookEndpoint, **fields: object) -> str:
    values: dict[str, Any] = {"name": endpoint.name, "url": endpoint.url, "events": endpoint.events}
    return press(client, f"{ENDPOINTS}_change", endpoint.pk, **values | fields)


def push(client: Client, endpoint: WebhookEndpoint, button: str) -> str:
    return change(client, endpoint, **{f"recovery_webhookendpoint_{button}": "1"})


def told(endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Tell it that a customer wants no more messages, and let it fail once."""
    customer = make_customer(name="Ada Example")
    consent.opt_out(customer.pk, "", at=NOON, via="link", proof=Proof(wording="never <b>again</b>"))
    notice(NOON + MINUTE)
    delivery = endpoint.deliveries.get()
    WebhookAttempt.objects.create(delivery=delivery, at=NOON, seconds=0.2, status=500, answer="<b>broken</b>")
    return delivery


def test_an_endpoint_is_added_and_leads_to_its_secret(admin: Client) -> None:
    assert "told of what happens from now on" in press(admin, f"{ENDPOINTS}_add", **FILLED)
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.events, endpoint.personal, endpoint.personal_by) == (FILLED["events"], False, None)
    assert secret_of(endpoint) not in page(admin, f"{ENDPOINTS}_change", endpoint.pk)
    assert secret_of(endpoint) not in page(admin, "webhook-secret", endpoint.pk)
    assert not AuditEntry.objects.filter(subject_type="webhook-secret").exists()
    shown = admin.post(reverse("webhook-secret-shown", args=[endpoint.pk]))
    assert secret_of(endpoint) in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    look = AuditEntry.objects.get(subject_type="webhook-secret")
    assert (look.action, look.subject_id, str(look.by)) == ("saw", str(endpoint.pk), "administrator")
    assert "Works" in page(admin, f"{ENDPOINTS}_changelist")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://hooks.example.com/", "begins with https://"),
        ("https://127.0.0.1/", "is no host on the public internet"),
        ("https://ada:secret@hooks.example.com/", "Leave out user and password"),
    ],
)
def test_an_address_that_may_not_be_called_is_refused_with_the_way_out(admin: Client, url: str, says: str) -> None:
    assert says in press(admin, f"{ENDPOINTS}_add", **FILLED | {"url": url})
    assert not WebhookEndpoint.objects.exists()


def test_a_manager_sees_it_all_but_the_secret_and_changes_nothing(manager: Client) -> None:
    endpoint = make_endpoint()
    delivery = told(endpoint)
    seen = page(manager, f"{ENDPOINTS}_change", endpoint.pk)
    assert "500 <b>broken</b>" in seen
    assert secret_of(endpoint) not in seen
    assert "whsec_" not in seen
    assert '"via": "link"' in page(manager, f"{DELIVERIES}_change", delivery.pk)
    assert manager.get(reverse(f"{ENDPOINTS}_add")).status_code == 403
    changed = manager.post(reverse(f"{ENDPOINTS}_change", args=[endpoint.pk]), FILLED)
    assert changed.status_code == 403
    manager.post(reverse(f"{DELIVERIES}_changelist"), {"action": "send_again", "_selected_action": delivery.pk})
    delivery.refresh_from_db()
    assert delivery.next_try_at == NOON + MINUTE


def test_an_analyst_sees_nothing(client: Client) -> None:
    analyst = client_of("Analyst")
    for address in (ENDPOINTS, DELIVERIES):
        assert analyst.get(reverse(f"{address}_changelist")).status_code == 403


def test_personal_data_goes_out_only_where_somebody_says_so_who_may(admin: Client, operator: Client) -> None:
    assert "You may not let personal data go" in press(operator, f"{ENDPOINTS}_add", **FILLED, personal="on")
    press(admin, f"{ENDPOINTS}_add", **FILLED, personal="on")
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.personal, str(endpoint.personal_by)) == (True, "administrator")
    elsewhere = {"personal": "on", "url": "https://elsewhere.example.com/"}
    assert "You may not let personal data go" in change(operator, endpoint, **elsewhere)
    change(operator, endpoint, personal="on", name="CRM 2")
    endpoint.refresh_from_db()
    assert (endpoint.name, endpoint.url, str(endpoint.personal_by)) == ("CRM 2", FILLED["url"], "administrator")
    change(operator, endpoint, url=elsewhere["url"])
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.personal, endpoint.personal_by) == (elsewhere["url"], False, None)


def test_the_presses_of_its_page(admin: Client) -> None:
    endpoint = make_endpoint()
    old = secret_of(endpoint)
    assert "A test is on its way" in push(admin, endpoint, "test")
    assert endpoint.deliveries.get().event.type == "webhook.test"
    assert "For 24 hours the old one signs too" in push(admin, endpoint, "rotate")
    endpoint.refresh_from_db()
    assert secret_of(endpoint) != old
    assert "It is called no more" in push(admin, endpoint, "pause")
    endpoint.refresh_from_db()
    assert (endpoint.paused_at is not None, endpoint.pause_reason) == (True, "Paused by administrator.")
    shown = admin.get(reverse(f"{ENDPOINTS}_change", args=[endpoint.pk])).content.decode()
    assert "recovery_webhookendpoint_resume" in shown
    assert "recovery_webhookendpoint_pause" not in shown
    assert "1 deliveries that waited" in push(admin, endpoint, "resume")
    endpoint.refresh_from_db()
    assert endpoint.paused_at is None


def test_a_delivery_shows_what_is_sent_and_can_be_sent_again(admin: Client) -> None:
    delivery = told(make_endpoint(personal=True))
    shown = page(admin, f"{DELIVERIES}_change", delivery.pk)
    for text in (delivery.event.uid, '"wording": "never <b>again</b>"', "500 <b>broken</b>", '"name": "Ada Example"'):
        assert text in shown
    pressed = press(admin, f"{DELIVERIES}_changelist", action="send_again", _selected_action=delivery.pk)
    assert "1 go out again" in pressed
    delivery.refresh_from_db()
    assert delivery.next_try_at > NOON + MINUTE


def test_what_fails_is_shown_on_the_start_page_to_whoever_may_see_it(manager: Client) -> None:
    endpoint = make_endpoint(name="Billing <1>")
    assert "is not told what happens" not in page(manager, "admin:index")
    WebhookEndpoint.objects.update(failures=3, failing_since=NOON)
    assert "Billing <1> is not told what happens: its webhook has failed since 5 May" in page(manager, "admin:index")
    WebhookEndpoint.objects.update(paused_at=NOON, pause_reason="It answered 410 Gone.")
    assert "its webhook paused itself on 5 May, 12:00. It answered 410 Gone." in page(manager, "admin:index")
    assert f"Paused by itself since {NOON:%Y-%m-%d %H:%M}" in page(manager, f"{ENDPOINTS}_change", endpoint.pk)
    assert "is not told what happens" not in page(client_of("Analyst"), "admin:index")
