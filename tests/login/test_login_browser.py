"""The whole way in, in a real browser: by keyboard, without JavaScript, with a passkey, at both widths."""

import pyotp
import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from cxsurvey.login.tables import Passkey
from tests.browsing import WINDOWS, assert_for_everybody, in_every_window
from tests.login.staff import FAST, PASSWORD, member, with_app
from tests.surveys.makers import NOON

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def required(settings: Settings, live_server: LiveServer) -> None:
    settings.TWO_FACTOR, settings.SITE_URL, settings.PASSWORD_HASHERS = "required", live_server.url, FAST


@pytest.fixture
def ada() -> User:
    return member(is_superuser=True)


def type_password(page: Page, server: LiveServer) -> None:
    page.goto(f"{server.url}/admin/")
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type("ada")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


def type_code(page: Page, server: LiveServer, secret: str) -> None:
    expect(page.get_by_label("Code from your authenticator app")).to_be_focused()
    page.keyboard.type(pyotp.TOTP(secret).now())
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{server.url}/admin/")


def test_setting_it_up_at_the_first_login_without_javascript(
    browser: Browser, live_server: LiveServer, ada: User
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    type_password(page, live_server)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Set up the second step")
    page.get_by_text("Or type this into the app").click()
    secret = page.locator("code.cx-code").inner_text().replace(" ", "")
    page.get_by_label("The code that the app shows now").fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("That code does not open")
    page.get_by_label("The code that the app shows now").fill(pyotp.TOTP(secret).now())
    page.keyboard.press("Enter")
    expect(page.locator(".cx-codes code")).to_have_count(8)
    page.get_by_role("link", name="I have kept them: go on").click()
    expect(page).to_have_url(f"{live_server.url}/admin/")
    context.close()


def test_logging_in_with_a_code_and_by_keyboard(page: Page, live_server: LiveServer, ada: User) -> None:
    secret = with_app(ada, NOON)
    type_password(page, live_server)
    expect(page.get_by_label("Code from your authenticator app")).to_be_focused()
    for width, theme in WINDOWS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=theme)
        assert_for_everybody(page)
    type_code(page, live_server, secret)
    for _ in in_every_window(page, f"{live_server.url}/admin/your-login/"):
        assert_for_everybody(page, ".cx")
        expect(page.get_by_text("This one")).to_be_visible()


def test_a_passkey_is_made_and_opens(page: Page, live_server: LiveServer, ada: User) -> None:
    secret = with_app(ada, NOON)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True}
    options = {**kind, "hasResidentKey": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    type_password(page, live_server)
    type_code(page, live_server, secret)
    page.goto(f"{live_server.url}/admin/your-login/")
    page.get_by_label("A passkey").fill("Laptop at work")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("link", name="I have kept them: go on").click()
    expect(page.get_by_text("Laptop at work: made on")).to_be_visible()
    page.context.clear_cookies()
    type_password(page, live_server)
    page.get_by_role("button", name="Use your passkey").click()
    expect(page).to_have_url(f"{live_server.url}/admin/")
    assert Passkey.objects.get().sign_count > 0
