from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from contacts.frequency import DEFAULT_POLICY, PolicyError
from contacts.models import PolicyVersion
from contacts.policies import ensure_default_policy, policy_in_force, publish
from tests.contacts.makers import NOON, cap

pytestmark = pytest.mark.django_db


def test_a_new_installation_has_the_default_policy_in_force():
    version, policy = policy_in_force()

    assert version is not None
    assert version.document == DEFAULT_POLICY
    assert [(cap.name, cap.limit) for cap in policy.caps] == [("invitations", 1), ("call attempts", 2), ("contacts", 3)]


def test_a_new_version_is_in_force_at_once_and_alone():
    first = publish("shop", "Shop", {"caps": [cap(1, "30 days")]}, at=NOON)
    second = publish("shop", "The shop", {"caps": [cap(5, "7 days")]}, at=NOON + timedelta(days=1), why="More room")

    version, policy = policy_in_force()

    assert (first.number, second.number, version) == (1, 2, second)
    assert [cap.limit for cap in policy.caps] == [5]
    assert list(PolicyVersion.objects.filter(in_force=True)) == [second]
    assert (version.policy.name, version.why) == ("The shop", "More room")


def test_two_policies_take_turns():
    publish("winter", "Winter", {}, at=NOON)
    publish("summer", "Summer", {}, at=NOON)

    again = publish("winter", "Winter", {"holidays": ["2026-12-25"]}, at=NOON)

    assert (again.number, policy_in_force()[0]) == (2, again)


@pytest.mark.parametrize(
    ("document", "place", "remedy"),
    [
        ({"caps": [cap(-1, "30 days")]}, r"caps\[0\]\.limit", "expected"),
        ({"caps": [cap(1, "fortnight")]}, r"caps\[0\]\.window", "expected"),
        ({"caps": [cap(1, "30 days", channels=["fax"])]}, r"caps\[0\]\.channels\[0\]", "expected"),
        ({"caps": [cap(1, "0 days")]}, r"caps\[0\]\.window", "set the limit to 0"),
        ({"hours": {"sms": {"mon": "09:00-09:00"}}}, r"hours\.sms\.mon", "correct it"),
        ({"rules": []}, "rules", "expected"),
    ],
)
def test_a_bad_document_is_refused_with_the_place_and_a_remedy(document: dict[str, object], place: str, remedy: str):
    before = policy_in_force()[0]

    with pytest.raises(PolicyError, match=f"(?s){place}.*{remedy}"):
        publish("shop", "Shop", document, at=NOON)

    assert policy_in_force()[0] == before


def test_the_default_is_put_in_force_only_where_nothing_is():
    assert ensure_default_policy(NOON) == policy_in_force()[0]
    PolicyVersion.objects.update(in_force=False)

    version = ensure_default_policy(NOON)

    assert (version.number, version.document, version.in_force) == (2, DEFAULT_POLICY, True)


def test_without_any_version_the_default_rules_hold():
    PolicyVersion.objects.all().delete()

    version, policy = policy_in_force()

    assert version is None
    assert [cap.limit for cap in policy.caps] == [1, 2, 3]


def test_the_database_takes_no_second_version_in_force():
    version = ensure_default_policy(NOON)

    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyVersion.objects.create(policy=version.policy, number=99, document={}, in_force=True, at=NOON)


def test_the_organisation_s_zone_stands_in_where_the_policy_names_none(settings):
    settings.TIME_ZONE = "Europe/Lisbon"

    assert policy_in_force()[1].zones == ("Europe/Lisbon",)
    publish("shop", "Shop", {"zones": ["America/Lima", "America/La_Paz"]}, at=NOON)
    assert policy_in_force()[1].zones == ("America/Lima", "America/La_Paz")
