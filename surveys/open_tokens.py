"""What open links and receipts open: derived by HMAC like customers' links (`surveys.links`), each for its own purpose.

A link's token is `<key id>-<link id in base62><signature>`. A receipt's, behind it, is `<touchpoint id><signature>`,
signed together with the link, so that it opens nothing elsewhere. An answer at a counter has a name drawn by chance.
"""

import hmac
import re
import secrets

from django.conf import settings
from django.core.signing import b62_decode, b62_encode

from surveys.links import SIGNATURE_LENGTH, signature
from surveys.models import OpenLink

NAME = re.compile(r"[\w-]{22}", re.ASCII)
"""The name of an answer: 128 bits in base64url, shorter than every receipt's token."""


def open_token(link: OpenLink) -> str:
    """Return the token that opens a link. Raises KeyError when the key that signed it is out of the settings."""
    head = f"{link.link_key}-{b62_encode(link.pk)}"
    return head + _signature("open", head, settings.LINK_KEYS[link.link_key])


def read_open(token: str) -> int | None:
    """Return the id of the link that a token was made for, or None where it was not made by us. Needs no database."""
    head, given = token[:-SIGNATURE_LENGTH], token[-SIGNATURE_LENGTH:]
    key, _, number = head.partition("-")
    secret = settings.LINK_KEYS.get(key, "")
    return b62_decode(number) if _is_genuine("open", head, secret, given) else None


def receipt_token(link: OpenLink, touchpoint_id: int) -> str:
    """Return the token of a touchpoint's receipt behind a link."""
    number = b62_encode(touchpoint_id)
    return number + _signature("receipt", f"{link.pk}.{number}", settings.LINK_KEYS[link.link_key])


def read_receipt(link: OpenLink, token: str) -> int | None:
    """Return the id of the touchpoint that a receipt's token behind this link was made for; None if not by us."""
    number, given = token[:-SIGNATURE_LENGTH], token[-SIGNATURE_LENGTH:]
    secret = settings.LINK_KEYS.get(link.link_key, "")
    return b62_decode(number) if _is_genuine("receipt", f"{link.pk}.{number}", secret, given) else None


def new_name() -> str:
    """Return a name for an answer that nobody can guess; nothing is stored before it is sent."""
    return secrets.token_urlsafe(16)


def open_url(link: OpenLink, touchpoint_id: int | None = None) -> str:
    """Return the full address of a link, or of a touchpoint's receipt behind it."""
    address = f"{settings.SITE_URL}/s/o/{open_token(link)}"
    return f"{address}/{receipt_token(link, touchpoint_id)}" if touchpoint_id else address


def _is_genuine(purpose: str, head: str, secret: str, given: str) -> bool:
    own = _signature(purpose, head, secret)
    return hmac.compare_digest(own.encode(), given.encode(errors="replace")) and bool(secret)


def _signature(purpose: str, head: str, secret: str) -> str:
    """No token of one purpose is one of another."""
    return signature(f"{purpose}:{head}", secret)
