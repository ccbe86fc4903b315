"""What is kept of logins: sessions, wrong guesses, and of second factors what tests them but does not make them."""

from hashlib import sha256

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


def stored_key(key: str | None) -> str:
    """Return as what the key in a browser's cookie is kept; empty for none.

    A plain hash is enough: the key has 165 random bits, which nobody can try out.
    """
    return sha256(key.encode()).hexdigest() if key else ""


class LoginSession(AbstractBaseSession):
    """A browser that somebody is logged in with, or is about to; `expire_date` is the earlier of both its limits."""

    session_key = models.CharField(max_length=64, primary_key=True, help_text="As `stored_key` makes it.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="login_sessions")
    began_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True, help_text="To within some minutes.")
    browser = models.CharField(max_length=300, blank=True, help_text="As it names itself.")
    address = models.GenericIPAddressField(null=True)

    class Meta(AbstractBaseSession.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"Login of user {self.user_id}"


class Guesses(models.Model):
    """How often somebody guessed wrong lately at one place: a name from an address, a name, an address, ...

    `key` and `whom` are keyed hashes: nobody can read from them who was guessed at, or from where.
    """

    key = models.CharField(max_length=64, primary_key=True)
    whom = models.CharField(max_length=64, blank=True, db_index=True, help_text="Whose login; empty for an address.")
    wrong = models.FloatField(default=0, help_text="So many, less what was forgiven until `at`.")
    at = models.DateTimeField(db_index=True)
    closed_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "guesses"

    def __str__(self) -> str:
        return f"{self.wrong:.1f} wrong guesses"


class AuthenticatorApp(models.Model):
    """That somebody's authenticator app was set up (RFC 6238); its secret is derived from `salt`."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="authenticator_app")
    salt = models.CharField(max_length=32)
    last_step = models.BigIntegerField(help_text="Thirty seconds since 1970: codes up to this one are used up.")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Authenticator app of user {self.user_id}"


class Passkey(models.Model):
    """A public key whose private half a phone, computer or security key keeps (W3C WebAuthn Level 3)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential_id = models.CharField(max_length=1400, unique=True, help_text="In base64url.")
    public_key = models.BinaryField(help_text="The attested credential data, as CBOR.")
    sign_count = models.BigIntegerField(help_text="0 for keys that do not count.")
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class RecoveryCode(models.Model):
    """A code that opens once in place of the second factor, as its hash; it goes when it is used."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    hash = models.CharField(max_length=128, unique=True, help_text="SHA-512; the code has 120 random bits.")

    def __str__(self) -> str:
        return f"Recovery code of user {self.user_id}"
