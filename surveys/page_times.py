"""When a page was loaded, told by the page itself: loading it writes nothing, and what it tells cannot be made up."""

import hmac
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.signing import b62_decode, b62_encode

from surveys.links import SIGNATURE_LENGTH, signature, signing_key

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STEP = timedelta(milliseconds=1)


def write_time(at: datetime, address: str) -> str:
    """Return what the page at an address tells of the instant at which it was loaded."""
    key = signing_key()
    head = f"{key}-{b62_encode((at - EPOCH) // STEP)}"
    return head + signature(_signed(head, address), settings.LINK_KEYS[key])


def read_time(text: str, address: str, at: datetime) -> datetime | None:
    """Return the instant that a page at an address told; None where it told none that is ours and before `at`."""
    head, given = text[:-SIGNATURE_LENGTH], text[-SIGNATURE_LENGTH:]
    key, _, number = head.partition("-")
    secret = settings.LINK_KEYS.get(key, "")
    genuine = hmac.compare_digest(signature(_signed(head, address), secret).encode(), given.encode(errors="replace"))
    if not (genuine and secret):
        return None
    loaded_at = EPOCH + b62_decode(number) * STEP
    return loaded_at if loaded_at <= at else None


def _signed(head: str, address: str) -> str:
    """No token of a link is signed over such a text."""
    return f"page:{address}:{head}"
