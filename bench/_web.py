"""A gunicorn with one worker, which clients keep busy, and the processor time that it uses."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from socket import create_server

from bench._databases import cpu_seconds

CLIENTS = 4
FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Server:
    """Where it listens, the process id of its worker, and headers that every form needs there."""

    port: int
    process_id: int
    headers: dict[str, str] = field(default_factory=dict)

    def load(self, method: str, paths: Sequence[str], form: str) -> float:
        """Send requests over several connections at once; return the CPU seconds that they cost the server."""
        before = cpu_seconds(self.process_id)
        with ThreadPoolExecutor(CLIENTS) as clients:
            list(clients.map(lambda n: self.send(method, paths[n::CLIENTS], form), range(CLIENTS)))
        return cpu_seconds(self.process_id) - before

    def send(self, method: str, paths: Sequence[str], form: str = "") -> Mapping[str, str]:
        """Send one request after the other over one connection, all of which must succeed; the last one's headers."""
        connection, told = HTTPConnection("127.0.0.1", self.port), {}
        for address in paths:
            body, headers = (form, FORM_TYPE | self.headers) if method == "POST" else (None, {})
            connection.request(method, address, body, headers)
            response = connection.getresponse()
            response.read()
            told = dict(response.getheaders())
            if response.status not in (200, 302, 303):
                sys.exit(f"{method} {address} was answered with {response.status}.")
        connection.close()
        return told


@contextmanager
def running(application: str, first: str, environment: Mapping[str, str]) -> Iterator[Server]:
    """Run an application; `first` is a path that it answers as soon as it is there."""
    with create_server(("127.0.0.1", 0)) as listener:
        options = ["--bind", f"fd://{listener.fileno()}", "--threads", str(CLIENTS), "--log-level", "error"]
        command = [sys.executable, "-m", "gunicorn", *options, "--no-control-socket", application]
        process = subprocess.Popen(command, pass_fds=[listener.fileno()], env=os.environ | environment)
        port = listener.getsockname()[1]
    try:
        Server(port, 0).send("GET", [first])
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        yield Server(port, int(children))
    finally:
        process.terminate()
        process.wait()
