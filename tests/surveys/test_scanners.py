"""Mail scanners and link previews follow every link, some in a browser, and nothing comes of it.

The mails are those that delivery hands over. `make faults` lets 1,000 of them be scanned, 200 in a browser (`--whole`);
the suite a few.
"""

import email
import email.policy
import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from html import unescape
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from contacts.models import OptOut
from surveys.delivery import deliver
from surveys.models import Response
from tests.surveys.makers import make_customer, make_invitation, make_touchpoint, make_version

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

METHODS = ("GET", "HEAD", "OPTIONS")
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
GUISES: list[dict[str, str]] = [
    {"user-agent": BROWSER},
    {"user-agent": BROWSER, "purpose": "prefetch"},
    {"user-agent": BROWSER, "sec-purpose": "prefetch;prerender"},
    {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "x-moz": "prefetch"},
    {"user-agent": f"{BROWSER} BingPreview/1.0b", "x-purpose": "preview"},
    {"user-agent": "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0) SafeLinks"},
    {"user-agent": "Mozilla/5.0 (compatible; Barracuda Sentinel (EE))"},
    {"user-agent": "ProofpointURLDefense/2.0"},
    {"user-agent": "Mimecast-URL-Protect/1.0"},
    {"user-agent": "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"},
    {"user-agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"},
    {"user-agent": "WhatsApp/2.24.1 A"},
    {"user-agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"},
    {"user-agent": "TelegramBot (like TwitterBot)"},
    {"user-agent": "curl/8.5.0", "x-forwarded-for": "203.0.113.7"},
]
"""Headers of those who look at links without a person: some say what they are, some pose as a browser."""
ADDRESS = re.compile(r'https?://[^\s<>"]+')
LED_TO = re.compile(r'(?:href|action|src)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Size:
    """How many mails are scanned, and how many of them in a browser."""

    mails: int
    browsed: int


@pytest.fixture
def size(pytestconfig: pytest.Config) -> Size:
    return Size(1_000, 200) if pytestconfig.getoption("whole") else Size(20, 3)


@pytest.fixture(autouse=True)
def by_mail(settings: Settings) -> None:
    settings.CHANNEL_GATEWAYS = {"email": "email"}


def sent_mails(number: int) -> list[EmailMessage]:
    """Deliver so many invitations; return the mails as their recipients' servers get them."""
    version, at = make_version(legal_lines="Northwind Outfitters Ltd, 1 Example Street"), timezone.now()
    for _ in range(number):
        customer = make_customer()
        visit = make_touchpoint(customer, occurred_at=at - timedelta(days=1))
        make_invitation(version, customer=customer, touchpoint=visit, due_at=at)
    while deliver(timezone.now(), most=200).due:
        pass
    sent: list[Any] = mail.outbox
    assert len(sent) == number
    return [email.message_from_bytes(one.message().as_bytes(), policy=email.policy.default) for one in sent]


def links(message: EmailMessage) -> list[str]:
    """Return every address in a mail, once: of its text, its page and its headers."""
    parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    told = [unescape(text) for text in (*parts, message["List-Unsubscribe"])]
    return [*dict.fromkeys(address for text in told for address in ADDRESS.findall(text))]


def path(address: str) -> str:
    """Return an address as the server is asked for it."""
    split = urlsplit(address)
    return f"{split.path}?{split.query}" if split.query else split.path


def fingerprint() -> dict[str, str]:
    """Return a checksum of each table."""
    tables: dict[str, str] = {}
    for model in apps.get_models():
        rows = model._base_manager.order_by("pk").values_list()
        tables[model._meta.label] = hashlib.sha256(repr(list(rows)).encode()).hexdigest()
    return tables


@contextmanager
def nothing_written() -> Iterator[None]:
    """Assert that every table is as it was, and that meanwhile this connection has only read."""
    before, other = fingerprint(), list[str]()

    def watch(execute: Any, sql: str, *about: Any) -> Any:
        if not sql.lstrip("( \n").upper().startswith("SELECT"):
            other.append(sql)
        return execute(sql, *about)

    with connection.execute_wrapper(watch):
        yield
    assert other == []
    changed = [table for table, checksum in fingerprint().items() if checksum != before[table]]
    assert changed == []


def test_no_scanner_leaves_anything_behind(client: Client, size: Size) -> None:
    mails, turn = sent_mails(size.mails), count()
    statuses: set[int] = set()
    with nothing_written():
        for message in mails:
            for address in links(message):
                for method in METHODS:
                    headers: Any = GUISES[next(turn) % len(GUISES)]
                    statuses.add(client.generic(method, path(address), headers=headers).status_code)
    assert statuses == {200, 405}
    assert_every_link_still_works(client, mails)


def assert_every_link_still_works(client: Client, mails: Sequence[EmailMessage]) -> None:
    answers = [client.post(urlsplit(links(message)[0]).path, {"score": "9"}) for message in mails]
    assert {answer.status_code for answer in answers} == {303}
    assert Response.objects.count() == len(mails)


def test_whoever_follows_what_the_pages_lead_to_changes_nothing(client: Client) -> None:
    [message] = sent_mails(1)
    with nothing_written():
        for guise in GUISES:
            seen = follow(client, {path(address) for address in links(message)}, guise)
            assert {address.rpartition("/")[2] for address in seen} >= {"less", "later", "unsubscribe"}


def follow(client: Client, addresses: set[str], guise: Any) -> set[str]:
    """Get these addresses and all that they lead to, also where forms would send something; return them."""
    seen, ahead = {*addresses}, [*addresses]
    while ahead:
        reply = client.get(ahead.pop(), headers=guise)
        assert reply.status_code in (200, 302, 303, 405)
        found = {reply.headers.get("Location", ""), *map(unescape, LED_TO.findall(reply.content.decode()))}
        new = {address for address in found if address.startswith("/")} - seen
        seen |= new
        ahead += new
    return seen


def test_a_mail_holds_a_link_for_each_score_one_to_the_page_and_one_to_stop() -> None:
    [message] = sent_mails(1)
    page, *others = sorted(links(message), key=len)
    assert sorted(others) == sorted([*(f"{page}?score={score}" for score in range(11)), f"{page}/unsubscribe"])
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_one_click_stops_by_post_and_by_nothing_else(client: Client) -> None:
    """The control too: what a mail program posts for its reader, the checksums see."""
    [message] = sent_mails(1)
    address = path(message["List-Unsubscribe"].strip(" <>"))
    one_click = {"List-Unsubscribe": "One-Click"}
    with nothing_written():
        for method in METHODS:
            client.generic(method, address, query_params=one_click)
    before = fingerprint()
    assert client.post(address, one_click).status_code == 200
    assert OptOut.objects.get().channel == "email"
    assert {table for table, checksum in fingerprint().items() if checksum != before[table]} >= {"contacts.OptOut"}


INTERACTIVE = "a, button, label, input:not([type=hidden]), textarea, summary"


def scan(page: Page, message: EmailMessage, server: LiveServer) -> None:
    """Open a mail and every link in it, hover over all that reacts, choose what can be chosen, and press no button."""
    body: Any = message.get_body(("html",))
    page.set_content(body.get_content())
    shown = page.locator("a").evaluate_all("links => links.map(link => link.href)")
    for address in dict.fromkeys([*shown, *links(message)]):
        page.goto(address)
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.goto(links(message)[0])
    for element in page.locator(INTERACTIVE).all():
        if element.is_visible():
            element.hover(force=True)
    page.get_by_role("radio", name="3", exact=True).check()
    for address in page.locator("a").evaluate_all("links => links.map(link => link.href)"):
        if address.startswith(server.url):
            page.goto(address)


def test_a_scanner_in_a_browser_leaves_nothing_behind(
    browser: Browser, live_server: LiveServer, settings: Settings, client: Client, size: Size
) -> None:
    settings.SITE_URL = live_server.url
    mails = sent_mails(size.browsed)
    asked: set[tuple[str, str]] = set()
    with nothing_written():
        for message in mails:
            with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
                page = context.new_page()
                page.on("request", lambda request: asked.add((request.method, urlsplit(request.url).netloc)))
                scan(page, message, live_server)
    assert asked - {("GET", "")} == {("GET", urlsplit(live_server.url).netloc)}
    assert_every_link_still_works(client, mails)
