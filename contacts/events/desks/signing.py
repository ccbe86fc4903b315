"""Whether a webhook really comes from the help desk: its signature, and how long ago it was signed. Pure."""

import hmac
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contacts.events.incoming import Incoming, Problem

TOLERANCE = timedelta(minutes=5)
"""So far a signature's time may be from ours; what was signed earlier may have been overheard and sent again."""

Read = Callable[[Any, datetime, str], list[Incoming]]
"""Body, when it came, whose ids the customer's ids in your systems are -> events."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A help desk: the header with its signature, that with the time of it (empty: it signs none), how it signs.

    `sign`: secret, time as it stands in the header, content -> signature as it stands in the header. `chooses`: whether
    the desk chooses the secret, and not whoever sets the webhook up.
    """

    signature: str
    timestamp: str
    sign: Callable[[bytes, bytes, bytes], str]
    moment: Callable[[str], datetime | None]
    read: Read
    chooses: bool


class Forged(ValueError):  # noqa: N818 - it is what the request may be
    """A webhook that cannot be shown to come from the desk; the text says what was expected."""


def check(desk: Desk, headers: Mapping[str, str], content: bytes, secrets: Collection[str], now: datetime) -> None:
    """Raise Forged for a webhook that was not signed with one of the secrets, or not just now."""
    given, timestamp = headers.get(desk.signature, ""), headers.get(desk.timestamp, "") if desk.timestamp else ""
    expected = [desk.sign(secret.encode(), timestamp.encode(), content) for secret in secrets]
    if not any(hmac.compare_digest(one.encode(), given.encode()) for one in expected):
        raise Forged(f"Expected in {desk.signature} a signature with the secret of this source.")
    if desk.timestamp:
        _check_time(desk, timestamp, now)


def _check_time(desk: Desk, timestamp: str, now: datetime) -> None:
    try:
        signed = desk.moment(timestamp)
    except Problem:
        signed = None
    if signed is None or abs(now - signed) > TOLERANCE:
        minutes = TOLERANCE // timedelta(minutes=1)
        raise Forged(f"Expected in {desk.timestamp} a time at most {minutes} minutes from ours. Compare the clocks.")
