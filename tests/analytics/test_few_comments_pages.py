"""The pages about comments where there are none yet, or only a few."""

import pytest
from django.test import Client

from analytics import comments
from tests.analytics.test_comments_pages import LATER, logged_in, page
from tests.surveys.answered import make_response

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client: Client) -> Client:
    return logged_in(client, "CX manager")


def test_small_groups_are_withheld(manager: Client) -> None:
    make_response(2, "parcel late")
    comments.hear(LATER)
    assert "not shown: fewer than 10 comments" in page(manager)


def test_nothing_to_show_says_when_there_will_be(manager: Client) -> None:
    assert "There are no comments yet" in page(manager)


def test_too_little_for_words_says_so(manager: Client) -> None:
    shown = manager.get("/admin/comments/words/").content.decode()
    assert "there is nothing to compare yet" in shown
    assert "Comments with words: 0" in shown
