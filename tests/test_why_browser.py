"""Why and Who competes in a real browser: on any width, in both themes, with the keyboard, for everybody."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from contacts.models import Contact, Customer, Decision
from contacts.policies import publish
from tests.browsing import WIDTHS, assert_for_everybody, in_every_window, log_in
from tests.surveys.makers import NOON, make_customer

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ("customers/{}/why/?channel=sms", "competition/")


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


@pytest.fixture
def window(page: Page, live_server: LiveServer) -> Page:
    """A page in which a member of the house is logged in."""
    log_in(page.context, live_server)
    return page


@pytest.mark.parametrize("address", PAGES)
def test_the_pages_are_for_everybody(window: Page, live_server: LiveServer, customer: Customer, address: str) -> None:
    for _ in in_every_window(window, f"{live_server.url}/admin/{address.format(customer.pk)}"):
        assert_for_everybody(window, ".cx")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_keyboard_asks_another_question(
    window: Page, live_server: LiveServer, customer: Customer, width: int
) -> None:
    window.set_viewport_size({"width": width, "height": 800})
    window.goto(f"{live_server.url}/admin/customers/{customer.pk}/why/")
    window.get_by_text("The same in words").focus()
    window.keyboard.press("Enter")
    expect(window.locator("li", has_text="1 of 3 used from").first).to_be_visible()
    window.get_by_label("By:", exact=True).focus()
    window.keyboard.type("Phone")
    window.get_by_role("button", name="Ask").focus()
    window.keyboard.press("Enter")
    expect(window.get_by_role("heading", name="Call by Phone")).to_be_visible()
