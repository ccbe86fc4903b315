"""What gateways over HTTP share: the call, what its failures mean, and the address at which the provider calls back."""

import ssl
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

import requests
from django.conf import settings
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from surveys.channels.asked_waits import asked_wait, http_date
from surveys.channels.base import ChannelError, FateUnknownError

TIMEOUT = (5, 20)
"""Seconds to wait for a connection, and for each piece of the answer."""
A_MOMENT = timedelta(minutes=1)
"""How long to leave a gateway alone that is down, or busy without saying for how long."""
UNTIL_MENDED = timedelta(minutes=5)
"""How long to leave one alone that refuses us ourselves: a wrong password, no credit."""
SHORTEST, LONGEST = timedelta(seconds=1), timedelta(days=1)
"""What a gateway asks for beyond these is not believed."""


def call(
    method: str,
    url: str,
    *,
    params: Mapping[str, str] | None = None,
    data: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
) -> requests.Response:
    """Make one call over a connection of its own and return the answer, whatever its status.

    A connection that is kept can be closed by the other side at the instant we write into it; then nobody knows whether
    the message was taken. Raises ChannelError (passing) where there was no connection, and FateUnknownError where there
    was one and no whole answer. No error names the address, which may hold a password.
    """
    try:
        return requests.request(
            method, url, params=params, data=data, auth=auth, timeout=TIMEOUT, allow_redirects=False
        )
    except requests.RequestException as error:
        raise _fate(error) from error


def was_taken(response: requests.Response) -> bool:
    """Whether the answer says yes. One that leads elsewhere does not."""
    return response.status_code // 100 == 2


def busy(response: requests.Response, at: datetime) -> ChannelError:
    """Return what an answer of 429 or 503 means: nothing was taken, and nothing is for so long."""
    return ChannelError(in_short(response), permanent=False, busy_for=retry_after(response, at))


def refused_us(detail: str) -> ChannelError:
    """Return what it means that a gateway refuses us, whoever the message is for: an operator has to mend it."""
    return ChannelError(detail, permanent=False, busy_for=UNTIL_MENDED)


def retry_after(response: requests.Response, at: datetime) -> timedelta:
    """Return how long the gateway asks to be left alone (RFC 9110, 10.2.3: seconds or a date); a moment if it does not.

    A date is measured from the answer's own Date, or from `at`.
    """
    wait = asked_wait(response.headers.get("Retry-After", ""), answered_at(response, at))
    if wait is None:
        return A_MOMENT
    return min(max(wait, SHORTEST), LONGEST)


def answered_at(response: requests.Response, at: datetime) -> datetime:
    """Return when the gateway says that it answered, by its own clock; `at` where it does not say."""
    return http_date(response.headers.get("Date", "")) or at


def in_short(response: requests.Response) -> str:
    """Return an answer as a person can read it in an attempt: the status and the beginning of the text."""
    return f"{response.status_code} {' '.join(response.text.split())[:200]}".strip()


def hook_url(gateway: str, **query: str) -> str:
    """Return the full address at which a provider tells us what became of a message."""
    return f"{settings.SITE_URL}/hooks/{gateway}/?{urlencode(query)}"


def never_connected(error: requests.RequestException) -> bool:
    """Whether there was no connection at all, so that nothing was handed over."""
    return isinstance(_reason(error), NewConnectionError | ConnectTimeoutError)


def _reason(error: requests.RequestException) -> object:
    return getattr(error.args[0] if error.args else None, "reason", None)


def _fate(error: requests.RequestException) -> ChannelError | FateUnknownError:
    reason = _reason(error)
    cause = reason.args[0] if isinstance(reason, Exception) and reason.args else None
    if never_connected(error):
        return ChannelError(f"No connection to the gateway: {reason}", permanent=False, busy_for=A_MOMENT)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return refused_us(f"The gateway's certificate is not to be trusted: {cause.verify_message}.")
    return FateUnknownError(f"The gateway was called and gave no whole answer ({type(error).__name__}).")
