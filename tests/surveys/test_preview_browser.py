"""The preview and the test page in a real browser: for everybody, on any width, in both themes."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.test import Client
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from surveys.models import OutboxMessage, Response, SurveyVersion
from tests.surveys.makers import make_version

pytestmark = pytest.mark.django_db(transaction=True)
AXE_TAGS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture
def version() -> SurveyVersion:
    return make_version()


@pytest.fixture(params=[(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")], ids=str)
def window(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A page in which a member of the house is logged in, at a width and in a theme."""
    width, theme = request.param
    client = Client()
    client.force_login(User.objects.create(username="ada", email="ada@cx.example", is_superuser=True, is_staff=True))
    session: SetCookieParam = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    with browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme) as context:
        context.add_cookies([session])
        yield context.new_page()


@pytest.mark.parametrize("name", ["long", "right-to-left"])
def test_the_preview_is_for_everybody(window: Page, live_server: LiveServer, version: SurveyVersion, name: str) -> None:
    window.goto(f"{live_server.url}/admin/preview/{version.pk}/?name={name}&purpose=reminder")
    assert window.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    mail = window.frame_locator("iframe.cx-mail")
    expect(mail.get_by_text("would still like to know")).to_be_visible()
    assert mail.locator("html").evaluate("html => html.scrollWidth - html.clientWidth") <= 0
    problems = Axe().run(window, context=".cx", options=AXE_TAGS).response["violations"]
    assert [(problem["id"], problem["nodes"][0]["html"]) for problem in problems] == []


def test_a_colleague_sends_a_test_and_answers_it(window: Page, live_server: LiveServer, version: SurveyVersion) -> None:
    window.goto(f"{live_server.url}/admin/preview/{version.pk}/")
    window.get_by_label("Customer's name").select_option("none")
    window.get_by_role("button", name="Show").click()
    window.get_by_role("button", name="Send the test").click()
    expect(window.get_by_text("Accepted: the gateway took the test message")).to_be_visible()
    link = next(line for line in OutboxMessage.objects.get().text.splitlines() if "/s/t/" in line)
    window.goto(f"{live_server.url}{urlsplit(link).path}?score=10")
    problems = Axe().run(window, options=AXE_TAGS).response["violations"]
    assert [(problem["id"], problem["nodes"][0]["html"]) for problem in problems] == []
    window.get_by_role("button", name="Send my answer").click()
    expect(window.get_by_role("heading", name="Thank you. Your answer has reached")).to_be_visible()
    assert not Response.objects.exists()
