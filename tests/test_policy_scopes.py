"""A cap that names what is not here is in force, and said to stop nothing."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cxsurvey.policy_scopes import scope_warnings
from surveys.models import Program, Survey
from tests.contacts.makers import cap
from tests.surveys.makers import make_program

pytestmark = pytest.mark.django_db


@pytest.fixture
def keys() -> dict[str, Any]:
    """A survey and a program that are here, as scopes of a cap."""
    make_program()
    return {"surveys": [Survey.objects.get().slug], "programs": [Program.objects.get().slug]}


def test_a_cap_for_what_is_here_is_no_news(keys: dict[str, Any]):
    ours = cap(1, "7 days", **keys, sources=["cxsurvey", "crm"])
    assert list(scope_warnings({"caps": [cap(3, "30 days"), ours]})) == []


@pytest.mark.parametrize("scope", ["surveys", "programs"])
def test_what_is_not_here_is_named_with_its_place_and_what_there_is(keys: dict[str, Any], scope: str):
    [warning] = scope_warnings({"caps": [cap(3, "30 days"), cap(1, "7 days") | {scope: [*keys[scope], "typo"]}]})
    assert warning.startswith(f'caps[1].{scope}: no {scope[:-1]} is called "typo" (known: {keys[scope][0]})')


def test_an_installation_without_surveys_says_so():
    [warning] = scope_warnings({"caps": [cap(1, "7 days", surveys=["nps"])]})
    assert "(there is none yet)" in warning


@pytest.mark.parametrize("scope", ["sources", "tags"])
def test_a_cap_that_no_contact_of_ours_is_tested_against_is_named(scope: str):
    [warning] = scope_warnings({"caps": [cap(1, "7 days") | {scope: ["crm"]}]})
    assert warning.startswith(f"caps[0].{scope}:")
    assert "the cap stops nothing" in warning


def test_who_tries_such_a_policy_in_the_admin_is_warned(client: Client):
    client.force_login(User.objects.create(username="manager", is_staff=True, is_superuser=True))
    document = {"caps": [cap(1, "7 days", surveys=["typo"])]}
    trial = {"since": "2026-05-01", "until": "2026-06-01", "asking": "kind", "kind": "purchase", "channel": "email"}
    data = trial | {"delay": "12", "worth": "24", "document": json.dumps(document), "compared": ""}
    page = client.post("/admin/policy/publish/", data).content.decode()
    assert "caps[0].surveys: no survey is called" in page
