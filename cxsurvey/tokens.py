"""Tokens of the API: made once, found by their hash, revoked, and never shown again."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from contacts.readers import LIMITS, with_limits
from contacts.scopes import in_order
from cxsurvey.models import ApiToken

BYTES = 32
SHOWN = 8
"""Of a token so many characters are kept, so that people can tell which one a program has."""
USED_WITHIN = timedelta(minutes=10)
"""How exactly is kept when a token was last used: writing it down for every request would cost as much as that."""


def hash_of(token: str) -> str:
    """Return what is kept of a token. It is random and long, so one round of SHA-512 is as good as many."""
    return hashlib.sha512(token.encode()).hexdigest()


def make_token(token: ApiToken, *, at: datetime, lives: timedelta | None) -> ApiToken:
    """Store a token of which name, user, scopes and maker are known; `lives` is None for one that does not end.

    Its `text` is what a program sends. Raises ValueError for a scope that is none.
    """
    token.text = secrets.token_hex(BYTES)
    token.scopes = in_order(token.scopes)
    token.hash, token.begins_with = hash_of(token.text), token.text[:SHOWN]
    token.created_at, token.expires_at = at, at + lives if lives else None
    token.save(force_insert=True)
    return token


def find_token(text: str, at: datetime) -> ApiToken | None:
    """Return the token that opens something at an instant, with its user; None where there is none."""
    token = with_limits(ApiToken.objects.select_related("user").filter(hash=hash_of(text)), "user").first()
    if token:
        setattr(token.user, LIMITS, getattr(token, LIMITS))
    return token if token and is_open(token, at) and token.user.is_active else None


def is_open(token: ApiToken, at: datetime) -> bool:
    """Whether it has neither ended nor been revoked."""
    return token.revoked_at is None and (token.expires_at is None or at < token.expires_at)


def note_use(token: ApiToken, at: datetime) -> None:
    """Keep when the token was last used, to within `USED_WITHIN`."""
    if token.last_used_at is None or token.last_used_at <= at - USED_WITHIN:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)


@transaction.atomic
def revoke(token_ids: Collection[int], *, at: datetime) -> list[ApiToken]:
    """Let tokens open nothing from now on; return those that did."""
    still_open = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=at))
    found = list(ApiToken.objects.select_for_update().filter(still_open, pk__in=token_ids))
    ApiToken.objects.filter(pk__in=[token.pk for token in found]).update(revoked_at=at)
    return found
