"""Write keys: who has one may send events of its source, and do nothing else."""

import hashlib
import secrets
from base64 import b64decode
from datetime import datetime

from contacts.models import EventSource


def new_key(source: EventSource) -> str:
    """Give the source another write key and return it; it cannot be shown again. The source still has to be saved."""
    key = secrets.token_urlsafe(32)
    source.write_key_hash = hashed(key)
    return key


def hashed(key: str) -> str:
    """Return the SHA-256 of a key, in hex: it has 256 random bits, so that nothing slower is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


def source_of(key: str) -> EventSource | None:
    """Return the source whose key this is, unless it was closed."""
    return EventSource.objects.filter(write_key_hash=hashed(key), closed_at=None).first() if key else None


def key_in(authorization: str) -> str:
    """Return the key in an Authorization header: the user of HTTP Basic (RFC 7617); empty where there is none."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return b64decode(credentials, validate=True).decode().partition(":")[0]
    except ValueError:
        return ""


def close(source: EventSource, at: datetime) -> None:
    """Take no more events from a source; what came stays."""
    EventSource.objects.filter(pk=source.pk, closed_at=None).update(closed_at=at)
