"""Where notices about one message come back to (VERP): an address of its own, which nobody else can make up.

`bounce+<reference>-<signature>@bounces.example.com`; the signature is the first 80 bits of an HMAC-SHA256 (RFC 2104) of
the reference under a key of LINK_KEYS, in base32, because mail servers may change the case of an address.
"""

import base64
import hashlib
import hmac
import re

from django.conf import settings

SIGNATURE_BYTES = 10
SIGNATURE_LENGTH = 16
LONGEST_BASE = 12
"""Characters of BOUNCE_ADDRESS before the @: with the longest reference it fits the 64 of RFC 5321, 4.5.3.1.1."""
NAME = re.compile(r"[a-z0-9-]+")
TOKEN = re.compile(r"(?<![\w.-])([a-z0-9][a-z0-9-]*-[a-z2-7]{16})@", re.IGNORECASE)
"""A token with or without `bounce+` before it, as it stands in addresses and in Message-IDs."""


def token(reference: str) -> str:
    """Return the reference, signed. Raises ValueError for one that would not survive in an address."""
    if not NAME.fullmatch(reference):
        raise ValueError(f"{reference!r} cannot be part of an address: use a-z, 0-9 and hyphens.")
    return f"{reference}-{_signature(reference, next(iter(settings.LINK_KEYS.values())))}"


def envelope_sender(reference: str) -> str:
    """Return the address for notices about the message, or an empty text where BOUNCE_ADDRESS is not set."""
    local, _, domain = settings.BOUNCE_ADDRESS.partition("@")
    return f"{local}+{token(reference)}@{domain}" if domain else ""


def reference(text: str) -> str:
    """Return the reference of the first genuine token in a header or an address, or an empty text."""
    for found in TOKEN.finditer(text):
        name, _, given = found[1].lower().rpartition("-")
        if any(hmac.compare_digest(_signature(name, secret), given) for secret in settings.LINK_KEYS.values()):
            return name
    return ""


def _signature(reference: str, secret: str) -> str:
    digest = hmac.digest(secret.encode(), f"return path {reference}".encode(), hashlib.sha256)
    return base64.b32encode(digest[:SIGNATURE_BYTES]).decode().lower()
