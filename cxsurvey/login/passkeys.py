"""Passkeys: a phone, computer or key proves itself to this host and to no look-alike (W3C WebAuthn Level 3)."""

import json
from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    UserVerificationRequirement,
)

from cxsurvey.login.tables import Passkey

MOST = 10
"""Passkeys of one user."""
State = Mapping[str, Any]
"""What a question was, to be kept in the session until its answer comes, which it takes once."""


def are_possible() -> bool:
    """Whether browsers let this host have passkeys: it needs a name, and HTTPS unless it is this machine."""
    site = urlsplit(settings.SITE_URL)
    host = site.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return site.scheme == "https" or host == "localhost"
    return False


def ask_for_new(user: User) -> tuple[dict[str, Any], State]:
    """Return what a browser has to be told to make a passkey, and the state for `add`."""
    told = PublicKeyCredentialUserEntity(
        id=str(user.pk).encode(), name=user.get_username(), display_name=user.get_full_name() or user.get_username()
    )
    options, state = _server().register_begin(
        told, _keys_of(user), user_verification=UserVerificationRequirement.PREFERRED
    )
    return dict(options)["publicKey"], state


def add(user: User, state: State, answer: str, name: str, at: datetime) -> bool:
    """Keep the passkey that a browser has made, under a name; False where the answer is none to the question."""
    try:
        made = _server().register_complete(state, json.loads(answer)).credential_data
    except (ValueError, KeyError, TypeError):
        return False
    if made is None or Passkey.objects.filter(user=user).count() >= MOST:
        return False
    told = {"user": user, "name": name, "public_key": bytes(made), "sign_count": 0, "made_at": at}
    _, is_new = Passkey.objects.get_or_create(credential_id=websafe_encode(made.credential_id), defaults=told)
    return is_new


def ask(user: User) -> tuple[dict[str, Any], State]:
    """Return what a browser has to be told to use one of the user's passkeys, and the state for `use`."""
    options, state = _server().authenticate_begin(
        _keys_of(user), user_verification=UserVerificationRequirement.PREFERRED
    )
    return dict(options)["publicKey"], state


def use(user: User, state: State, answer: str, at: datetime) -> bool:
    """Whether the answer comes from one of the user's passkeys.

    One that counts how often it signed must have counted on: else it is a copy, and opens nothing.
    """
    try:
        found = json.loads(answer)
        key = _server().authenticate_complete(state, _keys_of(user), found)
        count = AuthenticationResponse.from_dict(found).response.authenticator_data.counter
    except (ValueError, KeyError, TypeError):
        return False
    kept = Passkey.objects.filter(user=user, credential_id=websafe_encode(key.credential_id))
    counted_on = Q(sign_count__lt=count) if count else Q(sign_count=0)
    return kept.filter(counted_on).update(sign_count=count, used_at=at) == 1


def _server() -> Fido2Server:
    site = urlsplit(settings.SITE_URL)
    here = f"{site.scheme}://{site.netloc}"
    party = PublicKeyCredentialRpEntity(name=settings.ORGANISATION_NAME, id=site.hostname)
    return Fido2Server(party, verify_origin=lambda origin: origin == here)


def _keys_of(user: User) -> list[AttestedCredentialData]:
    keys = Passkey.objects.filter(user=user).order_by("pk").values_list("public_key", flat=True)
    return [AttestedCredentialData(bytes(key)) for key in keys]
