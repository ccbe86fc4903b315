"""A provider's HTTP server on loopback: it keeps what was asked of it, and answers as the test says."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Asked:
    """One call as it came in: `form` from the body, `query` from the address."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]


@dataclass
class Provider:
    """Answers every call alike. `drop`: read the call, then hang up; `slow`: seconds before the answer."""

    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    slow: float = 0
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def says(self, status: int, told: Any = None, **headers: str) -> None:
        """Answer from now on so, with JSON or a text."""
        self.status, self.body = status, told if isinstance(told, str) else json.dumps(told)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class _Handler(BaseHTTPRequestHandler):
    it: Provider

    def do_GET(self) -> None:
        self.take()

    def do_POST(self) -> None:
        self.take()

    def take(self) -> None:
        """Note the call, then do as the provider was told."""
        where = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        query, form = (dict(parse_qsl(text, keep_blank_values=True)) for text in (where.query, body))
        self.it.asked.append(Asked(self.command, where.path, query, form, dict(self.headers)))
        time.sleep(self.it.slow)
        if self.it.drop:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response_only(self.it.status)
        for name, value in self.it.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.it.body.encode())))
        self.end_headers()
        self.wfile.write(self.it.body.encode())


@contextmanager
def provider() -> Iterator[Provider]:
    """Run a provider on a free port."""
    it = Provider()
    handler = type("Handler", (_Handler,), {"it": it})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        it.url = f"http://127.0.0.1:{server.server_port}"
        yield it
        server.shutdown()


def closed_port() -> int:
    """Return a port on loopback at which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
