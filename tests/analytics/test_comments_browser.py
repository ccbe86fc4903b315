"""The page Comments in a real browser: on any width, in both themes, with the keyboard, for everybody."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from analytics import comments
from analytics.models import Theme, ThemeCorrection
from surveys.models import Response
from tests.browsing import WIDTHS, assert_for_everybody, in_every_window, log_in
from tests.surveys.answered import make_response
from tests.surveys.makers import make_touchpoint, make_version

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def response() -> Response:
    """The newest comment of two pages, with several lines and a refusal; others have themes, or words in common."""
    now, version, touchpoint = timezone.now(), make_version(), make_touchpoint()
    given: dict[str, Any] = {"version": version, "touchpoint": touchpoint, "invitation": None, "source": "test"}
    given |= {"answered_at": now - timedelta(hours=1), "updated_at": now}
    rest = ["quarterly zebra parade", "purple umbrella stand", "loud music upstairs"] * 4
    texts = ["The parcel came late."] * 12 + ["Friendly staff at the desk."] * 12 + rest
    for text in texts:
        make_response(2 if "parcel" in text else 9, text, **given)
    long = "Unpronounceablylongwordwithoutanybreak" * 3 + "\nنص عربي\nPlease stop sending me surveys."
    newest = make_response(9, long, **given | {"answered_at": now})
    comments.hear(now)
    comments.find_themes()
    return newest


@pytest.fixture
def window(page: Page, live_server: LiveServer) -> Page:
    """A page in which a member of the house is logged in."""
    log_in(page.context, live_server)
    return page


def test_the_pages_are_for_everybody(window: Page, live_server: LiveServer, response: Response) -> None:
    for address in ("comments/", "comments/words/"):
        for _ in in_every_window(window, f"{live_server.url}/admin/{address}"):
            assert_for_everybody(window, ".cx")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_keyboard_corrects_a_theme(window: Page, live_server: LiveServer, response: Response, width: int) -> None:
    window.set_viewport_size({"width": width, "height": 800})
    window.goto(f"{live_server.url}/admin/comments/?mood=happy")
    article = window.locator(f"#comment-{response.pk}")
    article.get_by_text("Correct the themes").focus()
    window.keyboard.press("Enter")
    window.keyboard.press("Tab")
    window.keyboard.press("Space")
    article.get_by_role("button", name="Save the themes").focus()
    window.keyboard.press("Enter")
    expect(article.get_by_text("Checked by a person.")).to_be_visible()
    first = Theme.objects.order_by("name").first()
    assert [one.theme for one in ThemeCorrection.objects.filter(response=response, belongs=True)] == [first]
    assert "mood=happy" in window.url
