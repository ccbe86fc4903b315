"""Write keys: who has one may send events of its source, and do nothing else.

The address of a help desk, and the token that it signs with where it lets us choose it, are made of the key's hash and
the installation's secret: so they can be shown whenever they are needed, and the database alone does not tell them.
"""

import hashlib
import hmac
import secrets
from base64 import b64decode
from datetime import datetime

from django.conf import settings

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
    """Return the source whose key this is, unless it was closed; none of a help desk, which signs what it sends."""
    found = EventSource.objects.filter(write_key_hash=hashed(key), sender=EventSource.Sender.EVENTS, closed_at=None)
    return found.first() if key else None


def desk_of(name: str, key: str) -> EventSource | None:
    """Return the help desk whose address has this name and key, unless it was closed."""
    found = EventSource.objects.filter(name=name, closed_at=None).exclude(sender=EventSource.Sender.EVENTS).first()
    return found if found and hmac.compare_digest(address_key(found).encode(), key.encode()) else None


def address_key(source: EventSource) -> str:
    """Return the part of a help desk's address that nobody can guess."""
    return _made(source, "address")


def token(source: EventSource) -> str:
    """Return the secret that a help desk signs with, where it takes one of ours."""
    return _made(source, "token")


def signing_secrets(source: EventSource, *, chosen_there: bool) -> tuple[str, ...]:
    """Return the secrets one of which signs a help desk's webhooks; none where nobody told us the desk's own yet."""
    own = settings.DESK_SECRETS.get(source.name, ())
    return own if chosen_there else (*own, token(source))


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


def _made(source: EventSource, what: str) -> str:
    text = f"desk\0{what}\0{source.name}\0{source.write_key_hash}"
    return hmac.digest(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hex()[:48]
