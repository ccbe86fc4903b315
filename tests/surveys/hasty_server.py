"""The control of the siege: the real pages behind a server that acknowledges an answer before it is stored."""

import io
import time
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from threading import Thread
from typing import Any

from cxsurvey.wsgi import application as careful

WRITES_EVERY = 2.0
"""Seconds, as with a cache that is written behind."""
Start = Callable[..., Any]
taken: SimpleQueue[dict[str, Any]] = SimpleQueue()


def application(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    """Thank at once for what is posted, and see to it afterwards."""
    if environ["REQUEST_METHOD"] != "POST":
        return careful(environ, start_response)
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    taken.put({**environ, "wsgi.input": io.BytesIO(body)})
    start_response("303 See Other", [("Location", f"{environ['PATH_INFO']}/thanks"), ("Content-Length", "0")])
    return [b""]


def write_behind() -> None:
    """Store what was taken, now and then."""
    while True:
        time.sleep(WRITES_EVERY)
        while not taken.empty():
            careful(taken.get(), lambda *_: lambda _: None)


Thread(target=write_behind, daemon=True).start()
