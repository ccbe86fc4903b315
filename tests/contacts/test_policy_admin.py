"""Versions of a policy in the admin: told in words, made elsewhere, never changed afterwards."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from contacts.models import PolicyVersion
from tests.contacts.makers import cap, put_in_force

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(User.objects.create(username="manager", is_staff=True, is_superuser=True))
    return client


def address(version: PolicyVersion) -> str:
    return f"/admin/contacts/policyversion/{version.pk}/"


def test_a_new_version_is_made_where_its_effect_is_shown_first(manager: Client) -> None:
    assert manager.get("/admin/contacts/policyversion/add/").headers["Location"] == "/admin/policy/"


def test_the_list_says_in_words_what_each_version_allows(manager: Client) -> None:
    put_in_force(cap(1, "90 days"))
    assert "At most 1 contact in 90 days." in manager.get("/admin/contacts/policyversion/").content.decode()


def test_a_version_tells_what_it_changed(manager: Client) -> None:
    put_in_force(cap(1, "90 days"))
    newer = put_in_force(cap(2, "90 days"))
    page = manager.get(f"{address(newer)}change/").content.decode()
    assert "Rule “contacts”: At most 2 contacts in 90 days. It was: At most 1 contact in 90 days." in page


def test_a_published_version_is_only_looked_at(manager: Client) -> None:
    version = put_in_force(cap(1, "90 days"))
    assert manager.get(f"{address(version)}change/").status_code == 200
    assert manager.post(f"{address(version)}change/", {"why": "x"}).status_code == 403
    assert manager.post(f"{address(version)}delete/", {"post": "yes"}).status_code == 403
