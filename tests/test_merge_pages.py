"""Records that may be one person: proposed, found, compared, merged and taken apart on the screen."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from contacts import consent
from contacts.duplicates import find_customers, lookalikes
from contacts.models import Customer
from cxsurvey.same_person import side_by_side
from recovery.followups import open_due
from tests.contacts.makers import add_address
from tests.staff import client_of
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_customer, make_touchpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> Client:
    return client_of("CX manager")


@pytest.fixture
def twins() -> tuple[Customer, Customer]:
    """Two records with one email address."""
    first = make_customer(external_id="one", name="Ada one", email="ada@example.com")
    return first, make_customer(external_id="two", name="Ada two", email="ada@example.com")


def page(client: Client, url: str) -> str:
    """Return the text of a page, its markup left out."""
    response = client.get(url)
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def merge(client: Client, twins: tuple[Customer, Customer], why: str = "Rang to say so.") -> int:
    first, second = twins
    return client.post(f"/admin/customers/{first.pk}/same-person/{second.pk}/", {"why": why}).status_code


def test_the_customers_page_proposes_who_has_the_same_address(
    manager: Client, twins: tuple[Customer, Customer]
) -> None:
    first, second = twins
    make_customer(email="someone@example.com")

    assert "Same email as Ada two , two (test) Compare" in page(manager, f"/admin/customers/{first.pk}/")

    consent.opt_out(second.pk, "email", at=NOON, via="link")
    assert "opted out The no holds for this address here too." in page(manager, f"/admin/customers/{first.pk}/")


def test_merged_records_are_shown_as_one_person_and_can_be_taken_apart(
    manager: Client, twins: tuple[Customer, Customer]
) -> None:
    assert merge(manager, twins) == 302

    for record in twins:
        shown = page(manager, f"/admin/customers/{record.pk}/")
        assert "These records are one person." in shown
        assert "Same email as" not in shown
    answer = manager.post(f"/admin/customers/{twins[1].pk}/take-apart/", follow=True)
    assert "Taken apart: this record is a person of its own again" in answer.content.decode()
    assert not Customer.objects.exclude(merged_into=None).exists()
    assert list(LogEntry.objects.values_list("user__username", flat=True)) == ["CX manager"] * 2


def test_merging_needs_a_reason(manager: Client, twins: tuple[Customer, Customer]) -> None:
    assert merge(manager, twins, why="  ") == 400
    assert not Customer.objects.exclude(merged_into=None).exists()


def test_what_is_one_person_already_is_not_merged_again(manager: Client, twins: tuple[Customer, Customer]) -> None:
    merge(manager, twins)
    first, second = twins

    answer = manager.post(f"/admin/customers/{second.pk}/same-person/{first.pk}/", {"why": "Once more"})

    assert answer.status_code == 400
    assert "These records are one person already" in page(
        manager, f"/admin/customers/{first.pk}/same-person/{second.pk}/"
    )
    answer = manager.post(f"/admin/customers/{first.pk}/take-apart/", follow=True)
    assert f"Take apart one of {second.pk} instead." in answer.content.decode()


def test_looking_at_the_pages_changes_nothing(manager: Client, twins: tuple[Customer, Customer]) -> None:
    first, second = twins
    page(manager, f"/admin/customers/{first.pk}/same-person/{second.pk}/")
    assert manager.get(f"/admin/customers/{second.pk}/take-apart/").status_code == 405
    assert not Customer.objects.exclude(merged_into=None).exists()


def test_who_may_not_merge_sees_who_is_alike_and_no_way_to_merge(twins: tuple[Customer, Customer]) -> None:
    shown = page(client_of("Interviewer"), f"/admin/customers/{twins[0].pk}/")
    assert "Same email as Ada two" in shown
    assert "Compare" not in shown
    assert "This is the same person as" not in shown


@pytest.mark.parametrize(
    "text", ["K-77", "k-77", "ernst", "Max Ernst", "MAX@example.com ", "+49 30 1234567", "0049301234567"]
)
def test_the_other_record_is_found_by_id_name_or_address(
    manager: Client, twins: tuple[Customer, Customer], text: str, settings: Any
) -> None:
    settings.DEFAULT_PHONE_REGION = "DE"
    other = make_customer(external_id="K-77", name="Max Ernst", email="max@example.com", phone="+49301234567")

    assert find_customers(text, besides=[]) == [other]
    shown = page(manager, f"/admin/customers/{twins[0].pk}/same-person/?q={text.replace('+', '%2B')}")
    assert "Max Ernst , K-77 (test)" in shown


def test_one_is_never_the_same_as_oneself_and_nobody_is_said_to_be_nobody(
    manager: Client, twins: tuple[Customer, Customer]
) -> None:
    first, second = twins
    assert find_customers("Ada", besides=[first.pk]) == [second]
    assert find_customers(" ", besides=[]) == []
    assert "Nobody is known by that." in page(manager, f"/admin/customers/{first.pk}/same-person/?q=nobody")
    assert "This field is required" in page(manager, f"/admin/customers/{first.pk}/same-person/?q=")


def test_both_are_shown_side_by_side(twins: tuple[Customer, Customer]) -> None:
    first, second = twins
    add_address(first, "email", "ada@work.example.com")
    also = make_customer(external_id="three", name="Ada one", email="", phone="+49301234567", merged_into=first)
    make_response(2, touchpoint=make_touchpoint(also))
    open_due(NOON)
    consent.opt_out(second.pk, "sms", at=NOON, via="reply")
    consent.prefer(first.pk, "email", at=NOON, via="link")

    lines = {line.what: (line.first, line.second) for line in side_by_side(first, second)}

    assert lines["Customer id"] == ("one (test), three (test)", "two (test)")
    assert lines["Name"] == ("Ada one", "Ada two")
    assert lines["Phone"] == ("+49301234567", "")
    assert lines["Touchpoints"] == ("1, the last on 4 May 2026", "")
    assert (lines["Contacts"], lines["Responses"], lines["Follow-ups"]) == (("1, the last on 5 May 2026", ""),) * 3
    assert (lines["Opt-outs"], lines["Wishes"]) == (("", "No SMS"), ("Preferred channel", ""))
    assert [line.what for line in side_by_side(first, second) if line.alike] == ["Email", "Time zone"]
    assert "Account" not in lines


def test_a_switchboard_proposes_only_some(
    twins: tuple[Customer, Customer], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(25):
        make_customer(phone="+49301234567")
    one = make_customer(phone="+49301234567")
    with django_assert_num_queries(1):
        found = lookalikes([one.pk])
    assert (len(found), {alike.shared for alike in found}) == (20, {"Phone"})
