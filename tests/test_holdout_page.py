"""The page on which the holdout is chosen, and where people are told of it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from contacts.arms import Arm
from contacts.holdouts import Choice, choose, holdout_in_force
from contacts.models import Holdout
from contacts.policies import rules_in_force
from cxsurvey.models import AuditEntry
from cxsurvey.own_page import facts
from surveys.links import token
from tests.contacts.makers import cap, put_in_force
from tests.staff import client_of
from tests.surveys.makers import NOON, make_customer, make_invitation, make_program

pytestmark = pytest.mark.django_db
PAGE, CHOOSE = "/admin/holdout/", "/admin/holdout/choose/"
GIVEN = {"share": "5", "limit_share": "", "cap": "", "limit": "", "why": "To know what we do"}


@pytest.fixture
def manager() -> Client:
    return client_of("CX manager")


def test_it_is_off_until_it_is_chosen_and_5_percent_are_proposed(manager: Client) -> None:
    page = manager.get(PAGE).content.decode()
    assert "Nothing is measured" in page
    assert 'name="share" value="5"' in page
    assert "nothing can be said about the cost" in page


def test_a_choice_is_kept_with_who_and_why_and_audited(manager: Client) -> None:
    assert manager.post(CHOOSE, GIVEN).status_code == 302
    chosen = Holdout.objects.get()
    assert (chosen.share, str(chosen.by), chosen.why) == (0.05, "CX manager", "To know what we do")
    assert AuditEntry.objects.filter(subject_type="contacts.holdout", subject_id=str(chosen.pk)).exists()
    page = manager.get(PAGE).content.decode()
    assert "5% of the customers are held out." in page
    assert "To know what we do" in page
    assert "Holdout" in manager.get(reverse("admin:surveys_program_change", args=[make_program().pk])).content.decode()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"share": "40"}, "less than or equal to 25"),
        ({"why": ""}, "required"),
        ({"limit_share": "5"}, "Choose a rule of the policy in force"),
        ({"limit_share": "5", "cap": "contacts", "limit": "9"}, "from 1 to 4"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_chosen(
    manager: Client, change: dict[str, str], told: str
) -> None:
    put_in_force(cap(2, "30 days"))
    answer = manager.post(CHOOSE, GIVEN | change)
    assert (answer.status_code, Holdout.objects.count()) == (400, 0)
    assert told in answer.content.decode()


def test_both_ends_with_nought(manager: Client) -> None:
    manager.post(CHOOSE, GIVEN)
    manager.post(CHOOSE, GIVEN | {"share": "0"})
    assert holdout_in_force() is None
    assert Holdout.objects.count() == 2


def test_who_is_held_out_is_told_by_the_own_page_and_by_why(manager: Client, client: Client) -> None:
    put_in_force(cap(9, "30 days"))
    choose(Choice(0.25), at=NOON - timedelta(days=100), by_id=None, why="So")
    arms = rules_in_force().arms
    customer = next(one for one in iter(make_customer, None) if arms.of_record(one.pk) == Arm.HELD_OUT)
    invitation = make_invitation(customer=customer, state="sent", sent_at=NOON)
    told = facts(invitation, NOON + timedelta(days=1))
    assert (told.arm, told.again_at) == (Arm.HELD_OUT, NOON + timedelta(days=90))
    page = client.get(f"/s/{token(invitation)}/you").content.decode()
    assert "in peace for 90 days before each question" in page
    why = manager.get(f"/admin/customers/{customer.pk}/why/?at=2026-05-20T12:00").content.decode()
    assert "eld out to measure what surveys do" in why
    assert "Drawn by lot to be asked only after 90 days" in why
