"""The mail in a real browser: on a phone and a desk, by day and by night, and where styles are taken away."""

import re

import pytest
from playwright.sync_api import Browser, Page

from surveys.channels.base import Message
from surveys.composing import compose
from surveys.models import Attempt, Look
from surveys.texts import words
from tests.browsing import Theme, assert_for_everybody
from tests.surveys.makers import NOON, make_invitation, make_version

pytestmark = pytest.mark.django_db
SMALLEST_TARGET = 24
"""CSS pixels (WCAG 2.2, 2.5.8)."""


def message(language: str, colour: str = "") -> Message:
    version = make_version(legal_lines="Northwind Outfitters Ltd\n1 Example Street, London")
    Look.objects.create(brand=version.survey.brand, colour=colour)
    invitation = make_invitation(version, language=language)
    attempt = Attempt.objects.create(invitation=invitation, number=1, channel="email", gateway="email", started_at=NOON)
    return compose(invitation, words(invitation.version, language), attempt)


def shown(browser: Browser, html: str, width: int, scheme: Theme) -> tuple[Page, list[str]]:
    """Open the mail as a mail program shows it; return the page and what it asked the network for."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(html, wait_until="networkidle")
    return page, asked


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(("language", "colour"), [("en", ""), ("de", "#8a5a00")])
def test_the_mail_can_be_read_by_everybody_everywhere(
    browser: Browser, width: int, scheme: Theme, language: str, colour: str
) -> None:
    page, asked = shown(browser, message(language, colour).html, width, scheme)
    assert_for_everybody(page)
    assert asked == []
    page.close()


def test_each_score_is_a_link_that_a_finger_can_hit_and_that_only_preselects(browser: Browser) -> None:
    page, _ = shown(browser, message("en").html, 360, "light")
    links = page.locator(".scores a").all()
    assert [link.inner_text() for link in links] == [str(score) for score in range(11)]
    for score, link in enumerate(links):
        assert re.search(rf"/s/[\w-]+\?score={score}$", link.get_attribute("href") or "")
        box = link.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= SMALLEST_TARGET
    page.close()


def test_without_styles_everything_is_still_there_in_order(browser: Browser) -> None:
    html = re.sub(r"<style>.*?</style>", "", message("en").html, flags=re.DOTALL)
    page, _ = shown(browser, html, 360, "light")
    text = " ".join(page.inner_text("body").split())
    assert "0 1 2 3 4 5 6 7 8 9 10 0 \N{EN DASH}" in text
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


def test_nothing_in_the_mail_watches_the_reader() -> None:
    html = message("en").html
    assert re.findall(r"<(?:img|script|iframe|link|object|video|audio)\b|url\(|@import", html) == []
