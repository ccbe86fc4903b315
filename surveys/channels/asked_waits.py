"""For how long an answer over HTTP asks to be left alone. Pure."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def asked_wait(retry_after: str, answered_at: datetime) -> timedelta | None:
    """Read a Retry-After (RFC 9110, 10.2.3): seconds, or a date, of which `answered_at` is taken; None if it is none.

    The date may lie before the answer; then the wait is negative.
    """
    asked = retry_after.strip()
    if asked.isascii() and asked.isdigit():
        # Eight digits are years, and more would not fit into a timedelta.
        return timedelta(seconds=int(asked[:8]))
    until = http_date(asked)
    return until - answered_at if until else None


def http_date(text: str) -> datetime | None:
    """Read a date of HTTP (RFC 9110, 5.6.7), in UTC where it names no zone; None if it is none."""
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
