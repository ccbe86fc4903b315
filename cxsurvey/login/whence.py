"""Where a request comes from: the client's address as our own proxies tell it, and whether we know its browser."""

import secrets
from ipaddress import ip_address

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse

KNOWN_FOR = 180 * 24 * 60 * 60
"""Seconds after its user's last login for which a browser is known."""
LONGEST_NAME = 300


def client_address(request: HttpRequest) -> str:
    """Return the client's address; empty where none can be told.

    Every proxy adds to X-Forwarded-For the address that called it. Only the entries that ours have added are believed:
    what stands further left was sent by the client.
    """
    told = request.META.get("REMOTE_ADDR", "")
    if settings.PROXIES_IN_FRONT:
        entries = request.headers.get("X-Forwarded-For", "").split(",")
        told = entries[-settings.PROXIES_IN_FRONT] if len(entries) >= settings.PROXIES_IN_FRONT else told
    try:
        return str(ip_address(told.strip()))
    except ValueError:
        return ""


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
