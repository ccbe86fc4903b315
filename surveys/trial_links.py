"""Links of test messages: signed like those of customers (`surveys.links`), and they open the survey to store tests.

A token is `<key id>-<version>.<program>.<channel>.<made>.<language><signature>`, numbers in base62; it was made so many
milliseconds after the start of 1970 (UTC), so that each message has a test of its own.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from urllib.parse import quote

from django.conf import settings
from django.core.signing import b62_decode, b62_encode

from contacts.models.words import Channel
from surveys.links import SIGNATURE_LENGTH, signature, signing_key

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STEP = timedelta(milliseconds=1)
WORKS_FOR = timedelta(days=7)
CHANNELS = {"e": Channel.EMAIL, "s": Channel.SMS}


@dataclass(frozen=True, slots=True)
class Trial:
    """What a test link opens; `program_id` is 0 where the message was not that of a program."""

    version_id: int
    program_id: int
    language: str
    channel: str
    made_at: datetime

    @property
    def closes_at(self) -> datetime:
        """The link is closed from then on: at the end of a day."""
        return datetime.combine((self.made_at + WORKS_FOR + timedelta(days=1)).date(), time(), UTC)


def trial_url(version_id: int, program_id: int, language: str, channel: str, at: datetime) -> str:
    """Return the full address of the survey page for a test message that is sent at `at`."""
    made = (at - EPOCH) // STEP
    parts = (b62_encode(version_id), b62_encode(program_id), channel[0], b62_encode(made), language)
    key = signing_key()
    head = f"{key}-{'.'.join(parts)}"
    return f"{settings.SITE_URL}/s/t/{quote(head)}{_signature(head, settings.LINK_KEYS[key])}"


def read_trial(token: str) -> Trial | None:
    """Return what a token opens, or None where it was not made by us (or its key is gone). Needs no database."""
    head, given = token[:-SIGNATURE_LENGTH], token[-SIGNATURE_LENGTH:]
    key, _, body = head.partition("-")
    secret = settings.LINK_KEYS.get(key, "")
    genuine = hmac.compare_digest(_signature(head, secret).encode(), given.encode(errors="replace"))
    if not (genuine and secret):
        return None
    version, program, channel, made, language = body.split(".", 4)
    made_at = EPOCH + b62_decode(made) * STEP
    return Trial(b62_decode(version), b62_decode(program), language, CHANNELS[channel], made_at)


def _signature(head: str, secret: str) -> str:
    """No token of a customer's link is one of these, nor the reverse."""
    return signature(f"test:{head}", secret)
