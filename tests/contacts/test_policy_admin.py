"""A policy's version in the admin: checked before it is published, in force at once, never changed afterwards."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from contacts.models import PolicyVersion
from contacts.policies import policy_in_force

pytestmark = pytest.mark.django_db
CAP = {"name": "quarter", "limit": 1, "measure": "contacts", "window": "90 days"}


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(User.objects.create(username="manager", is_staff=True, is_superuser=True))
    return client


def publish(client: Client, document: Any) -> Any:
    """Fill in the form as a manager does."""
    in_force, _ = policy_in_force()
    assert in_force
    data = {"policy": in_force.policy_id, "document": json.dumps(document), "why": "Customers complained."}
    return client.post("/admin/contacts/policyversion/add/", data)


def test_the_form_starts_from_what_is_in_force_and_can_be_read(manager: Client) -> None:
    page = manager.get("/admin/contacts/policyversion/add/").content.decode()
    assert "&quot;caps&quot;: [\n" in page


def test_a_new_version_is_in_force_at_once_with_who_and_why(manager: Client) -> None:
    assert publish(manager, {"caps": [CAP]}).status_code == 302
    version, policy = policy_in_force()
    assert version
    assert (version.document["caps"], version.why, str(version.by)) == ([CAP], "Customers complained.", "manager")
    assert policy.caps[0].name == "quarter"


@pytest.mark.parametrize(
    ("document", "place"),
    [({"caps": [CAP | {"limit": -1}]}, "caps[0].limit"), ({"caps": [CAP | {"window": "0 days"}]}, "caps[0].window")],
)
def test_a_bad_document_is_refused_with_the_place(manager: Client, document: Any, place: str) -> None:
    before = PolicyVersion.objects.count()
    page = publish(manager, document)
    assert place in page.content.decode()
    assert PolicyVersion.objects.count() == before


def test_the_list_says_in_words_what_each_version_allows(manager: Client) -> None:
    publish(manager, {"caps": [CAP]})
    assert "At most 1 contacts in 90 days." in manager.get("/admin/contacts/policyversion/").content.decode()


def test_a_published_version_is_only_looked_at(manager: Client) -> None:
    version, _ = policy_in_force()
    assert version
    address = f"/admin/contacts/policyversion/{version.pk}/"
    assert manager.get(f"{address}change/").status_code == 200
    assert manager.post(f"{address}change/", {"why": "x"}).status_code == 403
    assert manager.post(f"{address}delete/", {"post": "yes"}).status_code == 403
