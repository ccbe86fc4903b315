"""Pairs of records that may be one person: found on a schedule, listed, compared, decided."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.comparing import compare_new
from contacts.models import Customer, Proposal
from cxsurvey.tasks import find_same_people
from surveys.models import Invitation, Response
from tests.staff import client_of
from tests.surveys.answered import make_response
from tests.surveys.makers import make_customer, make_touchpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> Client:
    return client_of("CX manager")


def asked(*names: str) -> list[Proposal]:
    """Return the questions about each two records with one address."""
    for name in names:
        for number, source in enumerate(("crm", "support")):
            customer = {"source": source, "external_id": f"{name}-{number}", "name": f"{name} {source}"}
            make_customer(email=f"{name.lower()}@example.com", **customer)
    now = timezone.now()
    compare_new(now - timedelta(hours=1))
    compare_new(now)
    return list(Proposal.objects.order_by("pk"))


def page(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_the_list_leads_to_both_side_by_side(manager: Client) -> None:
    [proposal] = asked("Ada")
    shown = page(manager, reverse("admin:contacts_proposal_changelist"))
    assert "Ada crm and Ada support" in shown
    assert "Same email" in shown
    compared = page(manager, reverse("proposal", args=[proposal.pk]))
    assert "Same email. It was left to you because:" in compared
    assert "Email in common" in compared
    assert "Not the same person" in compared


def test_who_are_two_are_remembered_and_the_next_pair_is_shown(manager: Client) -> None:
    first, second = asked("Ada", "Bo")
    answer = manager.post(reverse("proposal-different", args=[first.pk]))
    first.refresh_from_db()
    assert (first.state, str(first.by)) == ("different", "CX manager")
    assert answer["Location"] == reverse("proposal", args=[second.pk])
    entries = set(LogEntry.objects.values_list("user__username", "object_id"))
    assert entries == {("CX manager", str(pk)) for pk in (first.first_id, first.second_id)}
    answer = manager.post(reverse("proposal-different", args=[second.pk]))
    assert answer["Location"] == reverse("admin:contacts_proposal_changelist")
    assert "Not the same person, decided" in page(manager, reverse("proposal", args=[first.pk]))
    assert "They are two people" not in page(manager, reverse("proposal", args=[first.pk]))


def test_who_are_one_are_merged_on_the_page(manager: Client) -> None:
    [proposal] = asked("Ada")
    shown = manager.get(reverse("proposal", args=[proposal.pk])).content.decode()
    merge = reverse("customer-merge", args=[proposal.first_id, proposal.second_id])
    assert f'action="{merge}"' in shown
    assert manager.post(merge, {"why": "Rang to say so."}).status_code == 302
    proposal.refresh_from_db()
    assert proposal.state == "merged"
    assert "These records are one person already." in page(manager, reverse("proposal", args=[proposal.pk]))
    again = manager.post(reverse("proposal-different", args=[proposal.pk]), follow=True).content.decode()
    assert "are one person already" in again
    proposal.refresh_from_db()
    assert proposal.state == "merged"


def test_looking_decides_nothing(manager: Client) -> None:
    [proposal] = asked("Ada")
    page(manager, reverse("proposal", args=[proposal.pk]))
    assert manager.get(reverse("proposal-different", args=[proposal.pk])).status_code == 405
    proposal.refresh_from_db()
    assert proposal.state == "open"


def test_the_schedule_verifies_what_was_answered_and_merges_who_is_one() -> None:
    records = [
        make_customer(source=source, email="ada@example.com", phone="", name="Ada Lo") for source in ("crm", "support")
    ]
    for record in records:
        response = make_response(9, touchpoint=make_touchpoint(record))
        Response.objects.filter(pk=response.pk).update(updated_at=timezone.now())
        Invitation.objects.filter(response=response).update(address=record.identifiers.get(type="email"))
    find_same_people()
    assert Customer.objects.get(pk=records[1].pk).merged_into == records[0]
    assert Proposal.objects.get().held == ""
