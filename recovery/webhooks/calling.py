"""One call of an endpoint, over a connection of its own to an address that was looked at: the outside call.

The name is resolved once, every address it has is judged, and the connection is made to the very address that was
judged; so a name that leads elsewhere a moment later (DNS rebinding) leads nobody there. No redirect is followed, no
proxy of the environment is used, and the time is limited in total, however slowly an answer drips.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

from recovery.webhooks.addresses import Place, is_public

PATIENCE = 15.0
"""Seconds for everything together, as Standard Webhooks proposes."""
LONGEST_ANSWER = 4096
"""Bytes of an answer that are read; nobody needs more of it."""
SHOWN = 200
CONNECT = 5.0
"""Seconds at most for one of several addresses."""
AGENT = "cxsurvey-webhooks/1"
Resolve = Callable[[str, int], Sequence[str]]
"""Name and port -> IP addresses. Raises OSError where there are none."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `status` is None where no answer did, and `text` says why. `retry_after` as it was sent."""

    status: int | None
    text: str
    seconds: float
    retry_after: str = ""


class RefusedError(ValueError):
    """An endpoint that is not called; the text says why."""


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a name, as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@cache
def trusted() -> ssl.SSLContext:
    """Return whose certificates are trusted: what the system does."""
    return ssl.create_default_context()


def call(
    place: Place,
    body: bytes,
    headers: Mapping[str, str],
    *,
    resolve: Resolve = resolve,
    context: ssl.SSLContext | None = None,
    patience: float = PATIENCE,
) -> Answer:
    """Post a body of JSON, and return what came back, whatever it was."""
    began = time.monotonic()
    sent = {"Host": place.authority, "Content-Type": "application/json", "User-Agent": AGENT, **headers}
    with _Deadline(patience) as deadline:
        connection = _Pinned(place, resolve, context, deadline)
        try:
            connection.request("POST", place.path, body, sent)
            response = connection.getresponse()
            deadline.left()  # a connection that is broken off looks like the end of the headers
            status, text, asked = response.status, _text(response), response.headers.get("Retry-After", "")
        except (OSError, http.client.HTTPException, RefusedError) as error:
            status, text, asked = None, _why(error, place, deadline), ""
        finally:
            connection.close()
    return Answer(status, text, round(time.monotonic() - began, 3), asked)


class _Deadline:
    """Breaks a connection off when its time is over, whatever it is doing then."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self._end, self.over = seconds, time.monotonic() + seconds, False
        self._held: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._break_off)

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._held:
            self._held.close()

    def left(self) -> float:
        """Seconds that are left. Raises TimeoutError when none are."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def watch(self, connected: socket.socket) -> None:
        """Break this connection off in time: by a second handle of it, as TLS takes the first one over."""
        self._held = connected.dup()

    def _break_off(self) -> None:
        self.over = True
        if self._held:
            with suppress(OSError):  # it ended at this moment by itself
                self._held.shutdown(socket.SHUT_RDWR)


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was judged, under the name of its host."""

    def __init__(self, place: Place, resolve: Resolve, context: ssl.SSLContext | None, deadline: _Deadline) -> None:
        super().__init__(place.host, place.port)
        self._place, self._resolve, self._context, self._deadline = place, resolve, context, deadline

    def connect(self) -> None:
        """Resolve, judge, connect."""
        connected = self._connected(self._addresses())
        self._deadline.watch(connected)
        connected.settimeout(self._deadline.left())
        if self._place.scheme == "https":
            connected = (self._context or trusted()).wrap_socket(connected, server_hostname=self._place.host)
        self.sock: Any = connected

    def _addresses(self) -> Sequence[str]:
        found = self._resolve(self._place.host, self._place.port)
        private = [] if self._place.inside else [address for address in found if not is_public(address)]
        if private:
            raise RefusedError(f"Not called: {self._place.host} leads to {private[0]}, which is no public address.")
        return found

    def _connected(self, addresses: Sequence[str]) -> socket.socket:
        """The first address that answers."""
        trouble: OSError = OSError("the name has no address")
        for address in addresses:
            try:
                return socket.create_connection(
                    (address, self._place.port), timeout=min(CONNECT, self._deadline.left())
                )
            except OSError as error:
                trouble = error
        raise trouble


def _text(response: http.client.HTTPResponse) -> str:
    """The beginning of the answer in one line; its status counts even where no whole text follows."""
    try:
        content = response.read(LONGEST_ANSWER)
    except (OSError, http.client.HTTPException):
        return "The answer has no whole text."
    return " ".join(content.decode(errors="replace").replace("\0", "").split())[:SHOWN]


def _why(error: Exception, place: Place, deadline: _Deadline) -> str:
    if isinstance(error, RefusedError):
        return str(error)
    if deadline.over or isinstance(error, TimeoutError):
        return f"No whole answer within {deadline.seconds:g} seconds."
    if isinstance(error, socket.gaierror):
        return f"The name {place.host} has no address."
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The certificate of {place.host} is not to be trusted: {error.verify_message}."
    if isinstance(error, http.client.HTTPException):
        return f"What came back is no HTTP answer ({type(error).__name__})."
    return f"No connection: {error.strerror or error}."[:SHOWN] if isinstance(error, OSError) else str(error)
