"""The customers' door: their pages have the headers of all others, and nothing of what people who log in need."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from pytest_django import Settings

from cxsurvey.doors import CUSTOMERS, customers_door
from surveys.open_tokens import open_url
from surveys.trial_links import trial_url
from tests.surveys.answer_links import address, invite
from tests.surveys.makers import make_open_link, make_version

pytestmark = pytest.mark.django_db
DOOR = "cxsurvey.doors.customers_door"
OF_LOGINS = {"Content-Language", "Vary"}
"""Headers by which the middleware for people who log in says in which language it answers them."""


def path(url: str) -> str:
    return url.removeprefix(settings.SITE_URL)


def requests() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Requests after which nothing is stored: a page of each kind of link, and what can be wrong with one."""
    invitation, place = invite(), make_open_link(make_version())
    yield "GET", address(invitation), {}
    yield "HEAD", address(invitation), {}
    yield "GET", address(invitation, "/thanks"), {}
    yield "GET", address(invitation, "/you"), {}
    yield "GET", path(trial_url(invitation.version_id, 0, "en", "email", timezone.now())), {}
    yield "GET", path(open_url(place)), {}
    yield "POST", address(invitation), {"data": {"score": "11"}}
    yield "POST", address(invitation, "/later"), {"data": {"days": "5"}}
    yield "DELETE", address(invitation), {}
    yield "GET", "/s/nobody", {}
    yield "GET", "/s/nobody/at/all/here", {}
    yield "GET", address(invitation), {"headers": {"host": "elsewhere.example.com"}}


def answers(browser: Client, asked: list[tuple[str, str, dict[str, Any]]]) -> list[tuple[int, dict[str, str]]]:
    """The state and the headers of each answer; nonces, names of answers and lengths differ from one to the next."""
    told = [getattr(browser, method.lower())(address, **more) for method, address, more in asked]
    kept = [{name: re.sub("nonce-[^']+", "nonce-", value) for name, value in one.headers.items()} for one in told]
    for one in kept:
        one.pop("Content-Length", None)
        # Behind the door it is asked who is logged in, so that the answer depends on the cookie.
        if "Vary" in one:
            one["Vary"] = one["Vary"].replace(", Cookie", "")
    return [(one.status_code, headers) for one, headers in zip(told, kept, strict=True)]


@pytest.mark.parametrize("secure", [False, True])
def test_pages_have_the_headers_that_they_would_have_behind_the_door(settings: Settings, secure: bool) -> None:
    settings.SECURE_SSL_REDIRECT = secure
    asked = list(requests())
    through = answers(Client(), asked)
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != DOOR]
    behind = answers(Client(), asked)
    assert [state for state, _ in through] == [state for state, _ in behind]
    assert {state for state, _ in through} == ({301, 400} if secure else {200, 303, 400, 404, 405, 422})
    for (state, own), (_, other) in zip(through, behind, strict=True):
        assert own == {name: value for name, value in other.items() if name in own or name not in OF_LOGINS}, state


def test_the_headers_that_protect_are_there(client: Client) -> None:
    page = client.get(address(invite()))
    policy = page["Content-Security-Policy"]
    nonce = re.search(r'<style nonce="([^"]+)"', page.content.decode())
    assert nonce
    assert f"style-src 'self' 'nonce-{nonce[1]}'" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert (page["X-Frame-Options"], page["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert (page["Cache-Control"], page["Referrer-Policy"]) == ("no-store", "no-referrer")
    again = client.get(page.wsgi_request.path)
    assert again["Content-Security-Policy"] != policy


def test_a_test_link_may_be_shown_in_a_frame_of_our_own(client: Client) -> None:
    page = client.get(path(trial_url(make_version().pk, 0, "en", "email", timezone.now())))
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "SAMEORIGIN"


def test_whoever_is_no_customer_goes_on_and_customers_are_answered_at_once() -> None:
    def behind(request: HttpRequest) -> HttpResponse:
        return HttpResponse(f"behind {request.path}")

    respond: Callable[[HttpRequest], Any] = customers_door(behind)
    ask = RequestFactory()
    assert respond(ask.get("/admin/")).content == b"behind /admin/"
    assert respond(ask.get("/surveys/s/")).content == b"behind /surveys/s/"
    assert b"behind" not in respond(ask.get("/s/nobody")).content


def test_customers_get_no_session_no_cookie_and_nobody_looks_who_they_are(client: Client) -> None:
    page = client.get(address(invite()))
    assert not page.cookies
    assert not hasattr(page.wsgi_request, "session")
    assert not hasattr(page.wsgi_request, "user")


def test_every_view_at_the_door_says_that_its_address_allows_it_or_takes_no_form(client: Client) -> None:
    """Behind the door a token protects forms from other sites (`surveys.views.behind_link`)."""
    resolvers = [one for one in get_resolver().url_patterns if isinstance(one, URLResolver)]
    [pages] = [one for one in resolvers if str(one.pattern) == CUSTOMERS.removeprefix("/")]
    views = [one for one in pages.url_patterns if isinstance(one, URLPattern)]
    assert len(views) > 20
    for view in views:
        if not getattr(view.callback, "csrf_exempt", False):
            values = dict.fromkeys(view.pattern.converters, "x")
            assert view.callback(RequestFactory().post("/"), **values).status_code == 405, view.name
