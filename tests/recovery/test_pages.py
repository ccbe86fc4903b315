"""The follow-up's page: one look tells where it stands, and each step is one form."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from recovery.followups import open_due
from recovery.models import FollowUp
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(client: Client) -> User:
    user = User.objects.create(username="agent", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def follow_up() -> FollowUp:
    make_response(2, "Nobody rang back.")
    open_due(NOON + timedelta(minutes=1))
    return FollowUp.objects.get()


def test_the_page_shows_the_customers_words_and_that_nobody_owns_it(
    client: Client, agent: User, follow_up: FollowUp
) -> None:
    page = client.get(f"/admin/follow-ups/{follow_up.pk}/").content.decode()
    for text in ("Nobody rang back.", "nobody yet", "overdue", "I take it"):
        assert text in page


def test_taking_it_makes_one_the_owner(client: Client, agent: User, follow_up: FollowUp) -> None:
    assert client.post(f"/admin/follow-ups/{follow_up.pk}/take/").status_code == 302
    follow_up.refresh_from_db()
    assert follow_up.owner == agent


def test_a_note_joins_the_story(client: Client, agent: User, follow_up: FollowUp) -> None:
    client.post(f"/admin/follow-ups/{follow_up.pk}/note/", {"text": "Left a message with her son."})
    page = client.get(f"/admin/follow-ups/{follow_up.pk}/").content.decode()
    assert "Left a message with her son." in page


@pytest.mark.parametrize("step", ["note", "close"])
def test_an_empty_form_is_refused_on_the_page_and_nothing_is_saved(
    client: Client, agent: User, follow_up: FollowUp, step: str
) -> None:
    page = client.post(f"/admin/follow-ups/{follow_up.pk}/{step}/", {})
    assert page.status_code == 400
    assert "errorlist" in page.content.decode()
    assert not follow_up.notes.exists()


def test_closing_says_that_the_customer_is_asked(client: Client, agent: User, follow_up: FollowUp) -> None:
    page = client.post(f"/admin/follow-ups/{follow_up.pk}/close/", {"action": "Refunded."}, follow=True)
    assert "asked whether it is fixed" in page.content.decode()
    follow_up.refresh_from_db()
    assert (follow_up.state, follow_up.action) == ("closed", "Refunded.")


def test_a_closed_one_offers_no_closing(client: Client, agent: User, follow_up: FollowUp) -> None:
    client.post(f"/admin/follow-ups/{follow_up.pk}/close/", {"no_action_reason": "Duplicate."})
    assert "Close the follow-up" not in client.get(f"/admin/follow-ups/{follow_up.pk}/").content.decode()


def test_looking_by_get_never_takes_it(client: Client, agent: User, follow_up: FollowUp) -> None:
    assert client.get(f"/admin/follow-ups/{follow_up.pk}/take/").status_code == 405
