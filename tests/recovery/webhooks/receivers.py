"""Systems that receive webhooks: real servers on this machine, and endpoints that lead to them."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pytest_django import Settings

from recovery.models import WebhookEndpoint, WebhookEvent
from recovery.webhooks import endpoints
from tests.surveys.makers import NOON, numbers

EVERYTHING = [str(type_) for type_ in WebhookEvent.Type if type_ != WebhookEvent.Type.TEST]
HOST = "receiver.test"
"""A name that leads nowhere but where a test's resolver says."""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Got:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told


Reply = tuple[int, Mapping[str, str], bytes]
Respond = Callable[[Got], Reply]


@dataclass
class Receiver:
    """A system that notes what it gets, and answers as it is told to: with 204 to begin with."""

    port: int = 0
    got: list[Got] = field(default_factory=list)
    reply: Respond = lambda got: (204, {}, b"")

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Answer so from now on; names of headers with _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.reply = lambda got: (status, named, body)

    @property
    def types(self) -> list[str]:
        return sorted(got.told["type"] for got in self.got)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Run a receiver on a free port."""
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append(Got(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            status, headers, content = made.reply(made.got[-1])
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        made.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield made
        finally:
            server.shutdown()


def here(host: str, port: int) -> list[str]:
    """Resolve every name to this machine."""
    return ["127.0.0.1"]


def make_endpoint(receiver: Receiver | None = None, *, at: datetime = NOON, **fields: Any) -> WebhookEndpoint:
    """Return an endpoint that is told everything from an instant on, at the receiver or at an address that is none."""
    url = f"http://{HOST}:{receiver.port}/hook" if receiver else "https://hooks.example.com/cx"
    values = {"name": f"CRM {next(numbers)}", "url": url, "events": EVERYTHING}
    endpoint = WebhookEndpoint(**values | fields)
    endpoints.add(endpoint, at)
    return endpoint


def let_inside(settings: Settings, *receivers: Receiver) -> None:
    """Allow these receivers, as an operator allows hosts of the own network."""
    settings.WEBHOOK_INSIDE_HOSTS = [f"{HOST}:{one.port}" for one in receivers]
