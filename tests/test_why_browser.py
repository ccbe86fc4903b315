"""Why and Who competes in a real browser: on any width, in both themes, with the keyboard, for everybody."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from contacts.models import Contact, Customer, Decision
from contacts.policies import publish
from tests.surveys.makers import NOON, make_customer

pytestmark = pytest.mark.django_db(transaction=True)
AXE_TAGS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PAGES = ("customers/{}/why/?channel=sms", "competition/")
Theme = Literal["light", "dark"]


@pytest.fixture
def customer() -> Customer:
    """A customer with contacts by every channel, a planned one, and a decision of two programs."""
    caps = [{"name": "contacts", "limit": 3, "measure": "contacts", "window": "90 days"}]
    publish("test", "Test", {"caps": caps}, at=NOON)
    customer, now = make_customer(phone="+12025550123", time_zone="Europe/Oslo"), timezone.now()
    for days, channel, outcome in ((70, "email", "delivered"), (40, "sms", "delivered"), (-9, "email", "reserved")):
        at = now - timedelta(days=days)
        way = {"channel": channel, "purpose": "invitation", "outcome": outcome, "source": "cxsurvey"}
        Contact.objects.create(customer=customer, at=at, program="calls", recorded_at=at, updated_at=at, **way)
    reasons = [{"rule": "contacts", "kind": "cap", "used": 3, "limit": 3, "channel": "email"}]
    for program in ("calls", "visits"):
        values = {"stage": "plan", "channel": "email", "purpose": "invitation", "result": "delay", "reasons": reasons}
        at = now - timedelta(days=1)
        Decision.objects.create(customer=customer, program=program, at=at, decided_at=at, **values)
    return customer


@pytest.fixture(params=[(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")], ids=str)
def window(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A page in which a member of the house is logged in, at a width and in a theme."""
    width, theme = request.param
    client = Client()
    client.force_login(User.objects.create(username="ada", is_superuser=True, is_staff=True))
    session: SetCookieParam = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    with browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme) as context:
        context.add_cookies([session])
        yield context.new_page()


@pytest.mark.parametrize("address", PAGES)
def test_the_pages_are_for_everybody(window: Page, live_server: LiveServer, customer: Customer, address: str) -> None:
    window.goto(f"{live_server.url}/admin/{address.format(customer.pk)}")
    assert window.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    problems = Axe().run(window, context=".cx", options=AXE_TAGS).response["violations"]
    assert [(problem["id"], problem["nodes"][0]["html"]) for problem in problems] == []


def test_the_keyboard_asks_another_question(window: Page, live_server: LiveServer, customer: Customer) -> None:
    window.goto(f"{live_server.url}/admin/customers/{customer.pk}/why/")
    window.get_by_text("The same in words").focus()
    window.keyboard.press("Enter")
    expect(window.locator("li", has_text="1 of 3 used from").first).to_be_visible()
    window.get_by_label("By:", exact=True).focus()
    window.keyboard.type("Phone")
    window.get_by_role("button", name="Ask").focus()
    window.keyboard.press("Enter")
    expect(window.get_by_role("heading", name="Call by Phone")).to_be_visible()
