"""Secrets and signatures of Standard Webhooks 1.0: HMAC-SHA256 over id, time and body.

A secret is derived from the operator's WEBHOOK_KEY and the endpoint (as NIST SP 800-108 does, with HMAC-SHA256), so
that no table and no backup holds one, and it can be shown again to whoever may see it.
"""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from recovery.models import WebhookEndpoint

BOTH_FOR = timedelta(hours=24)
"""How long after a new secret was made the old one signs too."""
PREFIX = "whsec_"


def secret_of(endpoint: WebhookEndpoint) -> str:
    """Return the newest secret as receivers' libraries take it."""
    return PREFIX + b64encode(_key(endpoint, endpoint.generation)).decode()


def keys_of(endpoint: WebhookEndpoint, at: datetime) -> list[bytes]:
    """Return what signs at an instant: the newest secret, and the one before while it is being changed."""
    keys = [_key(endpoint, endpoint.generation)]
    if endpoint.rotated_at and at < endpoint.rotated_at + BOTH_FOR:
        keys.append(_key(endpoint, endpoint.generation - 1))
    return keys


def signed(uid: str, body: bytes, keys: Sequence[bytes], at: datetime) -> dict[str, str]:
    """Return the three headers by which a receiver knows who calls, and that it is no old call."""
    seconds = str(int(at.timestamp()))
    content = b".".join((uid.encode(), seconds.encode(), body))
    signatures = [f"v1,{b64encode(hmac.digest(key, content, 'sha256')).decode()}" for key in keys]
    return {"webhook-id": uid, "webhook-timestamp": seconds, "webhook-signature": " ".join(signatures)}


def _key(endpoint: WebhookEndpoint, generation: int) -> bytes:
    label = f"webhook\0{endpoint.seed.hex}\0{generation}"
    return hmac.digest(settings.WEBHOOK_KEY.encode(), label.encode(), "sha256")
