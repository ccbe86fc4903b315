"""The customer's page on a slow line: light, from one host alone, and nothing jumps while it comes in."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from surveys.defaults import ensure_fixed_survey
from surveys.links import token
from surveys.models import Response, SurveyVersion
from tests.browsing import SHIFTS
from tests.surveys.asked import every_kind, make_asked
from tests.surveys.makers import make_brand, make_invitation, make_version

pytestmark = pytest.mark.django_db(transaction=True)

LIGHT = 15_000
"""Bytes of a first page at most, with its styles; uncompressed, because a page with a secret in it is not compressed
together with what somebody else can choose (the attack BREACH, https://www.breachattack.com)."""
SLOW = {"offline": False, "latency": 2000, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""What Chromium's own tools call Slow 3G: milliseconds, and bytes a second."""
IN_TIME = 8_000
"""Milliseconds until the page is there, of which the line takes 2,300; the rest is for a machine with much to do."""
SEEN_AFTER = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def default() -> SurveyVersion:
    return make_version(legal_lines="Northwind Outfitters, 1 Example Street")


def fixed() -> SurveyVersion:
    return ensure_fixed_survey(timezone.now(), make_brand())


def all_kinds() -> SurveyVersion:
    return make_asked(*every_kind(), languages=("en", "ar"))


SURVEYS = [default, fixed, all_kinds]


def address(version: SurveyVersion) -> str:
    sent_at = timezone.now() - timedelta(hours=1)
    return f"/s/{token(make_invitation(version, due_at=sent_at, state='sent', sent_at=sent_at))}"


@pytest.mark.parametrize("survey", SURVEYS)
def test_the_first_page_is_light(client: Client, survey: Any) -> None:
    link = address(survey())
    for page in (client.get(link), client.get(f"{link}?score=9")):
        assert page.status_code == 200
        assert len(page.content) < LIGHT


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A phone."""
    with browser.new_context(viewport={"width": 360, "height": 640}, device_scale_factor=2, is_mobile=True) as phone:
        yield phone


def on_a_slow_line(page: Page) -> Page:
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW)
    return page


@pytest.mark.parametrize("survey", SURVEYS)
def test_on_a_slow_line_the_page_is_there_in_time_asks_nobody_else_and_nothing_jumps(
    context: BrowserContext, live_server: LiveServer, survey: Any
) -> None:
    page, asked, said = on_a_slow_line(context.new_page()), list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    whole = live_server.url + address(survey())
    page.goto(whole, wait_until="networkidle")
    assert [url for url in asked if not url.startswith("data:")] == [whole]
    assert said == []
    assert page.evaluate(SHIFTS) == 0
    assert SLOW["latency"] < page.evaluate(SEEN_AFTER) < IN_TIME
    assert not context.cookies()


def test_an_answer_from_a_slow_line_arrives_and_what_is_wrong_with_it_moves_nothing_afterwards(
    context: BrowserContext, live_server: LiveServer
) -> None:
    page = on_a_slow_line(context.new_page())
    page.goto(live_server.url + address(default()))
    page.get_by_role("button", name="Send my answer").click()
    expect(page.locator(".problem")).to_be_visible()
    assert page.evaluate(SHIFTS) == 0
    page.get_by_role("radio", name="9", exact=True).check()
    page.get_by_role("button", name="Send my answer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    assert page.evaluate(SHIFTS) == 0
    assert Response.objects.get().finished_at


def test_a_page_that_jumps_is_noticed(context: BrowserContext) -> None:
    """The control: this observer sees a paragraph that comes in late and pushes the rest down."""
    page = context.new_page()
    page.set_content("<p>First</p><div style='height: 20rem'>What was read</div>")
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
    page.evaluate("document.body.insertAdjacentHTML('afterbegin', '<p style=\"height: 9rem\">Late</p>')")
    page.wait_for_function(f"({SHIFTS})().then(sum => sum > 0)")
