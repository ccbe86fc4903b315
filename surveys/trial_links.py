"""Links of test messages: signed like those of customers (`surveys.links`), and they open the survey to store nothing.

A token is `<key id>-<version>.<program>.<channel>.<day>.<language><signature>`, numbers in base62; the day is the last
on which the link works, in days since 1970 in UTC.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote

from django.conf import settings
from django.core.signing import b62_decode, b62_encode

from contacts.models.words import Channel
from surveys.links import SIGNATURE_LENGTH, signature, signing_key

EPOCH = date(1970, 1, 1)
WORKS_FOR = timedelta(days=7)
CHANNELS = {"e": Channel.EMAIL, "s": Channel.SMS}


@dataclass(frozen=True, slots=True)
class Trial:
    """What a test link opens; `program_id` is 0 where the message was not that of a program."""

    version_id: int
    program_id: int
    language: str
    channel: str
    last_day: date

    @property
    def closes_at(self) -> datetime:
        """The link is closed from then on."""
        return datetime.combine(self.last_day + timedelta(days=1), time(), UTC)


def trial_url(version_id: int, program_id: int, language: str, channel: str, at: datetime) -> str:
    """Return the full address of the survey page for a test message that is sent at `at`."""
    day = ((at + WORKS_FOR).astimezone(UTC).date() - EPOCH).days
    parts = (b62_encode(version_id), b62_encode(program_id), channel[0], b62_encode(day), language)
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
    version, program, channel, day, language = body.split(".", 4)
    last_day = EPOCH + timedelta(days=b62_decode(day))
    return Trial(b62_decode(version), b62_decode(program), language, CHANNELS[channel], last_day)


def _signature(head: str, secret: str) -> str:
    """No token of a customer's link is one of these, nor the reverse."""
    return signature(f"test:{head}", secret)
