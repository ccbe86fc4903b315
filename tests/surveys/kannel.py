"""A real Kannel on loopback, between our gateway and an SMPP centre or a simulated one, and an ear for its calls."""

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.handlers.wsgi import WSGIRequest

from surveys.channels.events import Event, HookRefusedError, IncomingMessage, Status, StatusEvent
from surveys.channels.hooks import HOOKS
from tests.processes import wait_until
from tests.surveys.provider import closed_port
from tests.surveys.smpp import Centre, running

FAKESMSC = Path("/usr/lib/kannel/test/fakesmsc")
PATH = os.environ.get("PATH", "") + ":/usr/sbin"  # where Debian puts them, and whoever is not root does not look
BEARERBOX, SMSBOX = shutil.which("bearerbox", path=PATH) or "", shutil.which("smsbox", path=PATH) or ""
KANNEL = bool(BEARERBOX and SMSBOX and FAKESMSC.exists())
NO_KANNEL = (
    "SMS through a real Kannel is LEFT OUT. On Debian: apt-get install --no-install-recommends kannel kannel-extras"
)
TOKEN = "100% sécret & long=enough/0123456789"
"""With what Kannel would take for an escape (%C3) once it stands in an address."""

CONFIGURATION = """
group = core
admin-port = {admin}
admin-password = test
admin-interface = 127.0.0.1
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = OUT
allowed-smsc-id = OUT
host = 127.0.0.1
port = {out}
connect-allow-ip = 127.0.0.1

group = smsc
smsc = fake
smsc-id = IN
allowed-smsc-id = IN
host = 127.0.0.1
port = {into}
connect-allow-ip = 127.0.0.1

group = smsc
smsc = smpp
smsc-id = SMPP
allowed-smsc-id = SMPP
host = 127.0.0.1
port = {smpp}
transceiver-mode = true
smsc-username = cx
smsc-password = smpp
system-type = ""
enquire-link-interval = 1
reconnect-delay = 1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
mo-recode = true
http-request-retry = 20
http-queue-delay = 1

group = sendsms-user
username = simulated
password = secret
user-allow-ip = 127.0.0.1
forced-smsc = OUT
concatenation = true
max-messages = 6

group = sendsms-user
username = smpp
password = secret
user-allow-ip = 127.0.0.1
forced-smsc = SMPP
concatenation = true
max-messages = 6

group = sendsms-user
username = nowhere
password = secret
user-allow-ip = 127.0.0.1
forced-smsc = NOWHERE

group = sms-service
keyword = default
catch-all = true
max-messages = 0
concatenation = true
get-url = "{hook}&from=%p&to=%P&text=%b&charset=%C&id=%I&at=%T"
"""


@dataclass
class Ear:
    """Our side of the calls: what the hook made of them; it is `deaf` while it answers 503."""

    url: str = ""
    events: list[Event] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    deaf: bool = False
    turned_away: int = 0

    def reports(self, reference: str) -> set[Status]:
        """What was said of one of our messages so far."""
        mine = [event for event in self.events if isinstance(event, StatusEvent) and event.reference == reference]
        return {event.status for event in mine}

    def incoming(self) -> list[IncomingMessage]:
        return [event for event in self.events if isinstance(event, IncomingMessage)]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        body, kind = HOOKS["kannel"].answer()
        if self.deaf:
            self.turned_away += 1
            start_response("503 Service Unavailable", [])
            return []
        try:
            self.events += HOOKS["kannel"].read(WSGIRequest(environ), datetime.now(UTC))
        except HookRefusedError as error:
            self.refusals.append(str(error))
            start_response(f"{error.status} Refused", [])
            return []
        start_response("200 OK", [("Content-Type", kind)])
        return [body.encode()]


@dataclass
class Kannel:
    """A running one with what is around it. `handset` is the log of the simulated centre's only phone."""

    url: str
    ear: Ear
    centre: Centre
    handset: Path
    incoming_port: int

    def received(self) -> list[str]:
        """The messages on the handset, as fakesmsc writes them: sender, recipient, kind, text."""
        return re.findall(r"Got message \d+: <(.*)>", self.handset.read_text())

    def comes_in(self, sender: str, recipient: str, text: str) -> None:
        """Let a customer send a message through the simulated centre."""
        message = f"{sender} {recipient} text {text}"
        command = [str(FAKESMSC), "-H", "127.0.0.1", "-r", str(self.incoming_port), "-m", "1", message]
        with _process(self.handset.parent, "incoming", *command):
            wait_until(lambda: [event for event in self.ear.incoming() if event.text == text])


@contextmanager
def listening() -> Iterator[Ear]:
    """Serve an ear on a free port."""
    ear = Ear()
    with make_server("127.0.0.1", 0, ear, _Threads, _Silent) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        ear.url = f"http://127.0.0.1:{server.server_port}"
        yield ear
        server.shutdown()


@contextmanager
def real_kannel(folder: Path, *, centre_open: bool = True) -> Iterator[Kannel]:
    """Start bearerbox, smsbox, the simulated handset and an SMPP centre on free ports; stop them afterwards."""
    ports = {name: closed_port() for name in ("admin", "box", "out", "into", "smpp", "sendsms")}
    with ExitStack() as stack:
        ear = stack.enter_context(listening())
        centre = Centre(ports["smpp"])
        if centre_open:
            stack.enter_context(running(centre))
        hook = f"{ear.url}/hooks/kannel/?token={_quoted(TOKEN)}"
        conf = folder / "kannel.conf"
        conf.write_text(CONFIGURATION.format(hook=hook, **ports))
        stack.enter_context(_process(folder, "bearerbox", BEARERBOX, "-v", "2", str(conf)))
        status = f"http://127.0.0.1:{ports['admin']}/status.txt?password=test"
        wait_until(lambda: "SMPP" in _read(status), 20)
        stack.enter_context(_process(folder, "smsbox", SMSBOX, "-v", "2", str(conf)))
        handset = [str(FAKESMSC), "-H", "127.0.0.1", "-r", str(ports["out"]), "-m", "0", "0 0 text idle"]
        stack.enter_context(_process(folder, "handset", *handset))
        wait_until(lambda: _read(status).count("(online") == 1 + centre_open and "smsbox" in _read(status), 20)
        url = f"http://127.0.0.1:{ports['sendsms']}/cgi-bin/sendsms"
        wait_until(lambda: _read(url), 20)
        yield Kannel(url, ear, centre, folder / "handset.log", ports["into"])


@contextmanager
def _process(folder: Path, name: str, *command: str) -> Iterator[None]:
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            yield
        finally:
            process.kill()
            process.wait()


def _read(url: str) -> str:
    """What is said there, also with a refusal; empty while nobody listens."""
    try:
        with urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())
    except HTTPError as refusal:
        return refusal.reason
    except OSError:
        return ""


def _quoted(token: str) -> str:
    """A token as it stands in an address in Kannel's configuration, where a percent sign begins an escape."""
    return quote(token, safe="").replace("%", "%%")


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""
