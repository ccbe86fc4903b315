"""Survey links: derived from the invitation's id by HMAC-SHA256 (RFC 2104), so that no stored value opens one.

A token is `<key id>-<invitation id in base62><signature>`; the signature is the first 128 bits of the HMAC over what
stands before it, 22 characters of base64url.
"""

import base64
import hashlib
import hmac
from urllib.parse import urlencode

from django.conf import settings
from django.core.signing import b62_decode, b62_encode

from surveys.models import Invitation

SIGNATURE_BYTES = 16
SIGNATURE_LENGTH = 22


def signing_key() -> str:
    """Return the id of the key that signs new links."""
    return next(iter(settings.LINK_KEYS))


def token(invitation: Invitation) -> str:
    """Return the token that opens the invitation's answer; a reminder opens that of the invitation it reminds of.

    Raises KeyError when the key that signed the link has been taken out of the settings.
    """
    head = f"{invitation.link_key}-{b62_encode(invitation.first_id or invitation.pk)}"
    return head + signature(head, settings.LINK_KEYS[invitation.link_key])


def invitation_id(token: str) -> int | None:
    """Return the id that the token was made for, or None where it was not made by us (or its key is gone).

    Needs no database; a right and a wrong token cost the same.
    """
    head, given = token[:-SIGNATURE_LENGTH], token[-SIGNATURE_LENGTH:]
    key_id, _, number = head.partition("-")
    secret = settings.LINK_KEYS.get(key_id, "")
    genuine = hmac.compare_digest(signature(head, secret).encode(), given.encode(errors="replace"))
    return b62_decode(number) if genuine and secret else None


def url(invitation: Invitation, **query: object) -> str:
    """Return the full address of the survey page, with `query` as its query string."""
    address = f"{settings.SITE_URL}/s/{token(invitation)}"
    return f"{address}?{urlencode(query)}" if query else address


def unsubscribe_url(link: str) -> str:
    """Return the address beside a survey page that takes an opt-out in one POST, as mail programs do it (RFC 8058)."""
    return f"{link}/unsubscribe"


def signature(head: str, secret: str) -> str:
    """Return the signature of what stands before it in a token."""
    digest = hmac.digest(secret.encode(), head.encode(errors="replace"), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:SIGNATURE_BYTES]).rstrip(b"=").decode()
