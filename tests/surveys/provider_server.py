"""A provider's interface on loopback: it answers as it is told, and keeps a log of what it accepted."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Call:
    """A request as it came in."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any


@dataclass
class FakeProvider:
    """What it answers to the next call, and the calls so far. `hang_up`: the answer is lost on its way."""

    status: int = 200
    answer: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False
    wait: float = 0
    calls: list[Call] = field(default_factory=list)
    url: str = ""


@contextmanager
def provider_server() -> Iterator[FakeProvider]:
    """Run the interface until the end."""
    provider = FakeProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._take()

        def do_GET(self) -> None:
            self._take()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing in the terminal."""

        def _take(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            heard = json.loads(body) if body.startswith(b"{") else body.decode()
            provider.calls.append(Call(self.command, url.path, parse_qs(url.query), dict(self.headers), heard))
            time.sleep(provider.wait)
            if provider.hang_up:
                self.close_connection = True
                return
            text = provider.answer if isinstance(provider.answer, str) else json.dumps(provider.answer)
            self.send_response(provider.status)
            for name in provider.headers.keys() - {"Date"}:
                self.send_header(name, provider.headers[name])
            self.send_header("Content-Length", str(len(text.encode())))
            with suppress(ConnectionError):  # who waited too long has left
                self.end_headers()
                self.wfile.write(text.encode())

        def date_time_string(self, timestamp: float | None = None) -> str:
            return provider.headers.get("Date", "") or super().date_time_string(timestamp)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
