"""An SMS provider with the common provider's interface (Twilio's Messages API) that has bad days.

It does to a share of the messages what providers do, and can be asked afterwards which it has.
"""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.processes import FORK
from tests.surveys.provider_log import LoggingProvider, serving

SLOW_SECONDS = 1.7
"""In the time of campaigns that wait half as long: 30 seconds where the time-out is 20."""
RETRY_AFTER = 120


class SmsProvider(LoggingProvider):
    """Each fault is the share of the calls that it befalls; half of the last three come before the message is kept.

    `busy`: 429 with Retry-After. `errors`: 500. `drops`: the line is dropped. `is_slow`: the answer comes too late.
    """

    def __init__(self, log: Path) -> None:
        super().__init__(log)
        self.busy, self.errors, self.drops, self.is_slow = (FORK.Value("d", 0.0) for _ in range(4))
        self.kept: list[dict[str, str]] = []

    def keep(self, recipient: str, text: str) -> dict[str, str]:
        """Accept a message."""
        self.note("accepted", recipient)
        row = {"sid": f"SM{len(self.kept)}", "body": text, "to": recipient, "status": "sent"}
        row |= {"direction": "outbound-api", "date_created": formatdate(self.now(), usegmt=True)}
        self.kept.append(row)
        return row

    def befalls(self, share: Any) -> bool:
        """Whether a fault befalls this call."""
        return self.chance.random() < float(share.value)


@contextmanager
def sms_provider(log: Path) -> Iterator[SmsProvider]:
    """Run a provider until the end of the block."""
    with serving(SmsProvider(log), _serve) as provider:
        yield provider


def _serve(provider: SmsProvider) -> None:
    handler = type("Handler", (_Handler,), {"provider": provider})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        provider.port.value = server.server_port
        server.serve_forever()


class _Handler(BaseHTTPRequestHandler):
    provider: SmsProvider

    def do_GET(self) -> None:
        """List the messages to a number."""
        to = parse_qs(urlsplit(self.path).query)["To"][0]
        self._answer(200, {"messages": [row for row in reversed(self.provider.kept) if row["to"] == to]})

    def do_POST(self) -> None:
        """Take a message, unless a fault befalls it."""
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if self.provider.befalls(self.provider.busy):
            self.provider.note("busy", form["To"][0])
            self._answer(429, {"code": 20429}, {"Retry-After": str(RETRY_AFTER)})
        else:
            self._take(form["To"][0], form["Body"][0])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing in the terminal."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Its own time, in the header Date."""
        return formatdate(timestamp or self.provider.now(), usegmt=True)

    def _take(self, recipient: str, text: str) -> None:
        provider = self.provider
        error, drop, slow = map(provider.befalls, (provider.errors, provider.drops, provider.is_slow))
        keeps = not (error or drop or slow) or provider.chance.random() < 1 / 2
        row = provider.keep(recipient, text) if keeps else {}
        if not keeps and not slow:
            provider.note("lost", recipient)
        if slow:
            time.sleep(SLOW_SECONDS)
            row = row or provider.keep(recipient, text)
        if drop:
            self.connection.shutdown(socket.SHUT_RDWR)
        elif error:
            self._answer(500, {"code": 20500})
        else:
            self._answer(201, row)

    def _answer(self, status: int, told: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        text = json.dumps(told).encode()
        with suppress(ConnectionError):  # who waited too long has left
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(text))} | (headers or {})).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)
