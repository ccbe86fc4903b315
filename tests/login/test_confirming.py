"""What is dangerous takes a fresh proof of who it is, and what was filled in is sent once more with it."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver
from pytest_django import Settings

from cxsurvey.login.confirming import TAKES_PROOF
from cxsurvey.models import ApiToken, AuditEntry
from recovery.webhooks.signing import secret_of
from tests.clock import Clock, set_clock
from tests.login.staff import FAST, PASSWORD, YOURS, member
from tests.recovery.webhooks.receivers import make_endpoint
from tests.route_matrix import addresses
from tests.surveys.makers import NOON, make_customer

pytestmark = pytest.mark.django_db
ADD = "/admin/cxsurvey/apitoken/add/"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Clock:
    settings.PASSWORD_HASHERS = FAST
    return set_clock(monkeypatch, NOON)


@pytest.fixture
def client(clock: Clock) -> Client:
    """A login of an administrator that began a while ago."""
    client = Client()
    client.force_login(member(is_superuser=True))
    clock.pass_by(minutes=16)
    return client


def fields_of(page: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page):
        found.setdefault(name, []).append(value)
    return found


def test_a_form_waits_for_the_proof_and_arrives_whole(client: Client) -> None:
    filled = {"name": "Till", "user": User.objects.get().pk, "scopes": ["scores", "export"], "days": 30}
    answer = client.post(ADD, filled)
    assert answer.status_code == 403
    assert not ApiToken.objects.exists()
    page = answer.content.decode()
    assert "Before you make an API token" in page
    key = client.session.session_key
    answer = client.post(ADD, {**fields_of(page), "proof_of_who": "wrong"})
    assert "That is not right" in answer.content.decode()
    assert not ApiToken.objects.exists()
    answer = client.post(ADD, {**fields_of(answer.content.decode()), "proof_of_who": PASSWORD})
    assert answer.status_code == 200
    token = ApiToken.objects.get()
    assert (token.name, token.scopes) == ("Till", ["scores", "export"])
    assert client.session.session_key != key
    assert client.post(ADD, {**filled, "name": "Second till"}).status_code == 200
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")][:2] == ["login_failed", "confirmed"]
    assert PASSWORD not in str(list(AuditEntry.objects.values()))


def test_nobody_is_erased_without_it(client: Client) -> None:
    customer = make_customer(name="Ada Lovelace")
    page = f"/admin/customers/{customer.pk}/erase/"
    client.post(page, {"via": "call", "sure": "on"})
    customer.refresh_from_db()
    assert customer.erased_at is None
    client.post(page, {"via": "call", "sure": "on", "proof_of_who": PASSWORD})
    customer.refresh_from_db()
    assert customer.erased_at is not None


def test_a_secret_is_shown_only_with_it(client: Client) -> None:
    endpoint = make_endpoint()
    page = f"/admin/webhooks/{endpoint.pk}/secret/shown/"
    refused = client.post(page)
    assert "Before you see a webhook&#x27;s secret" in refused.content.decode()
    assert secret_of(endpoint) not in refused.content.decode()
    assert secret_of(endpoint) in client.post(page, {"proof_of_who": PASSWORD}).content.decode()


def test_the_proof_is_guessed_no_faster_than_at_the_login(client: Client) -> None:
    for _ in range(5):
        client.post(f"{YOURS}end-others/", {"proof_of_who": "wrong"})
    answer = client.post(f"{YOURS}end-others/", {"proof_of_who": PASSWORD})
    assert "Too many wrong tries" in answer.content.decode()


def test_programs_with_a_login_are_told_and_tokens_are_not_asked(client: Client) -> None:
    answer = client.post("/api/v1/exports/", {"table": "customers"})
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/json")


def test_every_address_that_takes_a_proof_is_there() -> None:
    get_resolver()
    of_tables = re.compile(r"admin:\w+_(add|change|changelist|delete)")
    assert [name for name in TAKES_PROOF if name not in addresses() and not of_tables.fullmatch(name)] == []
