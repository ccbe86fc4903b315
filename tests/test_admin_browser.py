"""Lists of the admin by keyboard and on a phone, where unfold leaves something to be wished for."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browsing import assert_for_everybody, in_every_window, log_in
from tests.surveys.makers import make_customer

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_menu_is_skipped_and_a_list_says_nothing_wrong(
    context: BrowserContext, page: Page, live_server: LiveServer
) -> None:
    make_customer(email="info@acme.example")
    log_in(context, live_server)
    for width, _ in in_every_window(page, f"{live_server.url}/admin/contacts/customer/?look=role"):
        assert_for_everybody(page)
        label = "getComputedStyle(document.querySelector('#result_list tbody td'), '::before').content"
        assert page.evaluate(label) == "none", width
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip the menu")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('#content').contains(document.activeElement)"), width
