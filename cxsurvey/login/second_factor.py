"""The second factor: codes of an authenticator app, each good once, and recovery codes for when the phone is gone."""

import base64
import hmac
import secrets
from datetime import datetime

import pyotp
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from cxsurvey.login.tables import AuthenticatorApp, Passkey, RecoveryCode
from cxsurvey.tokens import hash_of

STEP = 30
"""Seconds for which an app shows a code (RFC 6238)."""
DRIFT = (0, -1, 1)
"""Steps by which the clock of a phone may be wrong."""
SECRET_BYTES = 20
CODES, CODE_BYTES, CODE_GROUP = 8, 15, 6
DIGITS = 6


def new_salt() -> str:
    """Return from what the secret of a new app is derived."""
    return secrets.token_hex(16)


def secret_of(salt: str) -> str:
    """Return the secret that an app is told, in base32.

    It is derived and not kept, so that a copy of the database alone computes no code. `TWO_FACTOR_KEY` is the key.
    """
    label = f"cxsurvey authenticator app\0{salt}"
    digest = hmac.digest(settings.TWO_FACTOR_KEY.encode(), label.encode(), "sha256")
    return base64.b32encode(digest[:SECRET_BYTES]).decode()


def app_address(user: User, salt: str) -> str:
    """Return what the QR code says: the address by which an app learns its secret."""
    return pyotp.TOTP(secret_of(salt)).provisioning_uri(
        name=user.get_username(), issuer_name=settings.ORGANISATION_NAME
    )


def is_set_up(user: User) -> bool:
    """Whether the user needs more than a password."""
    has_app = AuthenticatorApp.objects.filter(user=user).values("pk")
    return has_app.union(Passkey.objects.filter(user=user).values("pk")).exists()


@transaction.atomic
def set_up_app(user: User, salt: str, code: str, at: datetime) -> bool:
    """Make this the user's app, in place of an earlier one, if the code shows that it knows the secret."""
    step = _step_of(salt, code, at)
    if step is None:
        return False
    told = {"salt": salt, "last_step": step, "made_at": at}
    AuthenticatorApp.objects.update_or_create(user=user, defaults=told)
    return True


def use_code(user: User, code: str, at: datetime) -> bool:
    """Use up a code of the user's app; False for one that is wrong, or was used: also by somebody else just now."""
    app = AuthenticatorApp.objects.filter(user=user).first()
    step = _step_of(app.salt, code, at) if app else None
    if app is None or step is None:
        return False
    unused = AuthenticatorApp.objects.filter(pk=app.pk, salt=app.salt, last_step__lt=step)
    return unused.update(last_step=step) == 1


def use_recovery_code(user: User, code: str) -> bool:
    """Use up a recovery code; False for one that never was, or is gone."""
    deleted, _ = RecoveryCode.objects.filter(user=user, hash=hash_of(_bare(code))).delete()
    return deleted == 1


def is_app_code(text: str) -> bool:
    """Whether it looks like a code of an app; a recovery code is longer."""
    return len(_bare(text)) <= DIGITS


@transaction.atomic
def new_recovery_codes(user: User) -> list[str]:
    """Return new recovery codes, which nobody can show again; those from before open nothing any more."""
    codes = [base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode() for _ in range(CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, hash=hash_of(code)) for code in codes)
    return ["-".join(code[at : at + CODE_GROUP] for at in range(0, len(code), CODE_GROUP)) for code in codes]


@transaction.atomic
def take_away(user: User) -> None:
    """Take away all that the user has as a second factor."""
    for table in (AuthenticatorApp, Passkey, RecoveryCode):
        table.objects.filter(user=user).delete()


def _bare(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign.isascii() and sign.isalnum())


def _step_of(salt: str, code: str, at: datetime) -> int | None:
    """Return the step whose code this is, of the present one and its neighbours."""
    now, app = int(at.timestamp()) // STEP, pyotp.TOTP(secret_of(salt), digits=DIGITS, interval=STEP)
    right = [now + drift for drift in DRIFT if hmac.compare_digest(app.generate_otp(now + drift), _bare(code))]
    return right[0] if right else None
