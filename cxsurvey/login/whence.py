"""Which browser a request comes from, and whether we know it."""

import secrets

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse

KNOWN_FOR = 180 * 24 * 60 * 60
"""Seconds after its user's last login for which a browser is known."""
LONGEST_NAME = 300


def browser_name(request: HttpRequest) -> str:
    """Return what the browser calls itself."""
    return request.headers.get("User-Agent", "")[:LONGEST_NAME]


def known_browser(request: HttpRequest, name: str) -> str:
    """Return by what this browser is known as one with which the user of that name has logged in; else nothing."""
    try:
        return _signer(name).unsign(request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE, ""), max_age=KNOWN_FOR)
    except BadSignature:
        return ""


def remember_browser(response: HttpResponse, name: str) -> None:
    """Let this browser be known as one with which the user of that name has logged in."""
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE,
        _signer(name).sign(secrets.token_hex(16)),
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _signer(name: str) -> TimestampSigner:
    return TimestampSigner(salt=f"cxsurvey.login.known browser:{name.casefold()}")
