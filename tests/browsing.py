"""A real browser, as tests of pages use it: who is logged in, at which widths, in which themes, and for whom."""

from collections.abc import Iterator
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

Theme = Literal["light", "dark"]
WINDOWS: list[tuple[int, Theme]] = [(360, "dark"), (1280, "light")]
"""A phone by night and a desk by day: what does not fit a width or a theme shows in one of them; in CSS pixels."""
WIDTHS = [360, 1280]
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
AXE_AND_PRACTICE = AXE | {"runOnly": [*AXE["runOnly"], "best-practice"]}

SHIFTS = """() => new Promise(resolve => {
  let sum = 0;
  const seen = new PerformanceObserver(list => list.getEntries().forEach(entry => sum += entry.value));
  seen.observe({type: 'layout-shift', buffered: true});
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(sum))));
})"""
"""How much of the page has jumped so far, as Chromium scores it."""


def log_in(context: BrowserContext, server: LiveServer, name: str = "ada") -> None:
    """Log in as somebody who may do everything."""
    values = {"first_name": name.title(), "email": f"{name}@cx.example", "is_superuser": True, "is_staff": True}
    user, _ = User.objects.update_or_create(username=name, defaults=values)
    client = Client()
    client.force_login(user)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server.url}])


def in_every_window(page: Page, address: str) -> Iterator[tuple[int, Theme]]:
    """Open the address in each window; it is loaded anew, as scripts read the theme only then."""
    for width, theme in WINDOWS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=theme)
        page.goto(address)
        yield width, theme


def assert_for_everybody(page: Page, within: str | None = None, options: dict[str, list[str]] = AXE) -> None:
    """Assert that nothing runs over the edge, and that axe finds no barrier, there or in the part `within`.

    Axe looks past the insides of drawn charts, thousands of shapes that their captions and tables stand for.
    """
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.viewport_size
    context = {"include": [[within or "html"]], "exclude": [[".main-svg"]]}
    barriers = Axe().run(page, context=context, options=options).response["violations"]
    assert [(barrier["id"], barrier["nodes"][0]["html"]) for barrier in barriers] == [], page.viewport_size
