"""Mail servers on loopback: one that does as it is told, and the real ones by which a notice comes back."""

import asyncio
import email
import email.policy
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from imap_tools.mailbox import MailBoxUnencrypted

from tests.processes import wait_until

DOVECOT = shutil.which("dovecot")
OPENSMTPD = shutil.which("smtpd")
REAL_SERVERS = bool(DOVECOT and OPENSMTPD) and os.geteuid() == 0
NO_REAL_SERVERS = (
    "Tests of real bounces are LEFT OUT: they need root, OpenSMTPD and Dovecot. "
    "On Debian: apt-get install --no-install-recommends opensmtpd dovecot-imapd"
)
OWNER = "mail"
"""The system's user to whom the mailboxes belong."""
PASSWORD = "pass:word/1"  # holds what has to be escaped in an address


class Postbox:
    """A mail server's manners: what it says to each step, the mails that it took, and how it was spoken to."""

    def __init__(self) -> None:
        self.on_sender = self.on_recipient = self.on_data = "250 OK"
        self.hang_up_at = self.slow_at = ""
        self.mails_per_connection = 1_000_000
        self.taken: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.senders: list[str] = []
        self.recipients: list[str] = []
        self.connections: set[int] = set()
        self.logins: list[str] = []

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self._step(server, "MAIL")
        self.connections.add(id(session))
        session.mails = getattr(session, "mails", 0) + 1  # type: ignore[attr-defined]
        if session.mails > self.mails_per_connection:  # type: ignore[attr-defined]
            return "421 4.7.0 Too many messages on this connection"
        envelope.mail_from = address
        self.senders.append(address)
        return self.on_sender

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self._step(server, "RCPT")
        self.recipients.append(address)
        if self.on_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.on_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await self._step(server, "DATA")
        if self.on_data.startswith("250"):
            content = envelope.content if isinstance(envelope.content, bytes) else b""
            self.raw.append(content)
            self.taken.append(email.message_from_bytes(content, policy=email.policy.default))
        return self.on_data

    def login(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        """Let in whoever knows the password."""
        self.logins.append(data.login.decode())
        return AuthResult(success=data.password.decode() == PASSWORD)

    async def _step(self, server: Any, step: str) -> None:
        if self.hang_up_at == step:
            server.transport.abort()
        if self.slow_at == step:
            await asyncio.sleep(6)


@contextmanager
def mail_server(postbox: Postbox, **options: Any) -> Iterator[int]:
    """Run a server with these manners and give its port."""
    controller = Controller(postbox, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1 that only somebody who is given it trusts; return it and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
    ]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-out", str(certificate), "-keyout", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


def tls(folder: Path) -> ssl.SSLContext:
    """Return what a server needs to speak TLS with that certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate(folder))
    return context


class Dovecot:
    """A real IMAP server with one mailbox per user, in a folder of its own, and one password for all."""

    def __init__(self, folder: Path, prefix: str = "") -> None:
        self.folder = folder
        self.prefix = prefix
        self.port, self.tls_port = free_port(), free_port()
        self.log = folder / "dovecot.log"

    @property
    def url(self) -> str:
        return f"imap://bounce:pass%3Aword%2F1@127.0.0.1:{self.port}/INBOX"

    def mailbox(self) -> MailBoxUnencrypted:
        """Open the mailbox as somebody who looks into it."""
        mailbox = MailBoxUnencrypted("127.0.0.1", self.port)
        mailbox.login("bounce", PASSWORD)
        return mailbox

    def put(self, *mails: bytes) -> None:
        """Let mails come into the mailbox."""
        with self.mailbox() as mailbox:
            for mail in mails:
                mailbox.append(mail)

    def empty(self) -> None:
        """Remove every mail from every folder."""
        with self.mailbox() as mailbox:
            for folder in mailbox.folder.list():
                mailbox.folder.set(folder.name)
                mailbox.delete(mailbox.uids())

    def names(self, folder: str = "INBOX", criteria: str = "ALL") -> list[str]:
        """Return the Message-IDs of the mails in a folder."""
        with self.mailbox() as mailbox:
            mailbox.folder.set(folder)
            return [str(mail.obj["Message-ID"]) for mail in mailbox.fetch(criteria, mark_seen=False)]

    def configuration(self) -> str:
        """Return what is the server's configuration file."""
        certificate_, key = certificate(self.folder)
        return f"""
            base_dir = {self.folder}/run
            state_dir = {self.folder}/state
            log_path = {self.log}
            protocols = imap
            listen = 127.0.0.1
            ssl = yes
            ssl_cert = <{certificate_}
            ssl_key = <{key}
            disable_plaintext_auth = no
            first_valid_uid = 1
            mail_location = maildir:{self.folder}/mail/s.test/%u
            namespace inbox {{
              inbox = yes
              separator = .
              prefix = {self.prefix}
            }}
            passdb {{
              driver = static
              args = password={PASSWORD}
            }}
            userdb {{
              driver = static
              args = uid={OWNER} gid={OWNER} home={self.folder}/home
            }}
            service imap-login {{
              inet_listener imap {{
                port = {self.port}
              }}
              inet_listener imaps {{
                port = {self.tls_port}
                ssl = yes
              }}
            }}
            service stats {{
              client_limit = 100
            }}
        """


@contextmanager
def mail_folder() -> Iterator[Path]:
    """Give a folder that the servers' own users may enter, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="cxsurvey-mail-"))
    try:
        folder.chmod(0o755)
        (folder / "mail").mkdir()
        shutil.chown(folder / "mail", OWNER, OWNER)
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def imap_server(folder: Path, prefix: str = "") -> Iterator[Dovecot]:
    """Run a Dovecot until the end; with a prefix, the names of own folders have to begin with it."""
    server = Dovecot(folder, prefix)
    path = folder / "dovecot.conf"
    path.write_text(server.configuration())
    with running([str(DOVECOT), "-F", "-c", str(path)]):
        wait_until(lambda: answers(server.port))
        yield server


@contextmanager
def relay(folder: Path, far_port: int) -> Iterator[int]:
    """Run an OpenSMTPD that keeps mail for s.test and hands that for remote.test on; give its port."""
    port = free_port()
    path = folder / "smtpd.conf"
    path.write_text(
        f"""
        table domains {{ s.test }}
        table users {{ "@s.test" = {OWNER} }}
        listen on 127.0.0.1 port {port} hostname mx.s.test
        action "keep" maildir "{folder}/mail/%{{rcpt.domain:lowercase}}/%{{rcpt.user:lowercase|strip}}" virtual <users>
        action "hand on" relay host smtp://127.0.0.1:{far_port}
        match from any for domain <domains> action "keep"
        match from any for domain "remote.test" action "hand on"
        """
    )
    path.chmod(0o600)
    with running([str(OPENSMTPD), "-d", "-f", str(path)]):
        wait_until(lambda: answers(port))
        yield port


@contextmanager
def running(command: list[str]) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
