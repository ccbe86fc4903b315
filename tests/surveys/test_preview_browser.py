"""The preview and the test page in a real browser: for everybody, on any width, in both themes."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from surveys.models import OutboxMessage, Response, SurveyVersion
from tests.browsing import WIDTHS, assert_for_everybody, in_every_window, log_in
from tests.surveys.makers import make_version

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def version() -> SurveyVersion:
    return make_version()


@pytest.fixture
def window(page: Page, live_server: LiveServer) -> Page:
    """A page in which a member of the house is logged in."""
    log_in(page.context, live_server)
    return page


@pytest.mark.parametrize("name", ["long", "right-to-left"])
def test_the_preview_is_for_everybody(window: Page, live_server: LiveServer, version: SurveyVersion, name: str) -> None:
    address = f"{live_server.url}/admin/preview/{version.pk}/?name={name}&purpose=reminder"
    for _ in in_every_window(window, address):
        mail = window.frame_locator("iframe.cx-mail")
        expect(mail.get_by_text("would still like to know")).to_be_visible()
        assert mail.locator("html").evaluate("html => html.scrollWidth - html.clientWidth") <= 0
        assert_for_everybody(window, ".cx")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_colleague_sends_a_test_and_answers_it(
    window: Page, live_server: LiveServer, version: SurveyVersion, width: int
) -> None:
    window.set_viewport_size({"width": width, "height": 800})
    window.goto(f"{live_server.url}/admin/preview/{version.pk}/")
    window.get_by_label("Customer's name").select_option("none")
    window.get_by_role("button", name="Show").click()
    window.get_by_role("button", name="Send the test").click()
    expect(window.get_by_text("Accepted: the gateway took the test message")).to_be_visible()
    link = next(line for line in OutboxMessage.objects.get().text.splitlines() if "/s/t/" in line)
    for _ in in_every_window(window, f"{live_server.url}{urlsplit(link).path}?score=10"):
        assert_for_everybody(window)
    window.get_by_role("button", name="Send my answer").click()
    expect(window.get_by_role("heading", name="Thank you. Your answer has reached")).to_be_visible()
    assert Response.objects.get().test
