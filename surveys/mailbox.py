"""The mailbox to which notices about our mails come (BOUNCE_IMAP_URL), read over IMAP.

A mail leaves the inbox for the folder `Handled` only once what it tells is stored; reading it twice changes nothing, as
its events have names of their own. What cannot be read stays in the inbox with a flag, for a person.
"""

import logging
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from imaplib import IMAP4
from itertools import islice
from urllib.parse import unquote, urlsplit

from django.conf import settings
from imap_tools.consts import MailMessageFlags
from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.message import MailMessage

from surveys.channels.bounces import Notice, read_notice
from surveys.channels.events import StatusEvent

GATEWAY = "email"
HANDLED = "Handled"
LONGEST = 1_000_000
"""Bytes. No notice about our mails, which have no pictures, is longer."""
LOT = 50
MOST = 1_000
"""Mails in one pass: the rest waits for the next."""
TIMEOUT = 20
"""Seconds that the server may take for one step."""

Store = Callable[[str, Sequence[StatusEvent], datetime], None]
"""Keeps events of a gateway, each once."""

logger = logging.getLogger(__name__)


class MailboxError(Exception):
    """The mailbox cannot be read; the text says why and what to look at."""


@dataclass(frozen=True)
class MailboxReport:
    """What was in the mailbox: mails read, events that they told, and mails that wait for a person, old and new."""

    read: int = 0
    events: int = 0
    for_person: int = 0

    @property
    def needs(self) -> list[str]:
        """What a person has to see to, in sentences; empty where all was understood."""
        if not self.for_person:
            return []
        some = "1 mail" if self.for_person == 1 else f"{self.for_person:,} mails"
        told = f"Nobody but a person can tell what {some} in the bounce mailbox mean."
        return [f"{told} Look at what has a flag there, act on it, and remove it."]


def read_bounces(store: Store, at: datetime) -> MailboxReport:
    """Read what has come since the last pass. Raises MailboxError; what was stored until then is stored."""
    with _inbox() as inbox:
        inbox.flag(inbox.uids(f"UNFLAGGED LARGER {LONGEST}"), MailMessageFlags.FLAGGED, value=True)
        waiting = iter(inbox.uids("UNFLAGGED")[:MOST])
        read = events = 0
        while uids := list(islice(waiting, LOT)):
            notices = {
                mail.uid or "": _read(mail, at) for mail in inbox.fetch(uid_list=uids, mark_seen=False, bulk=LOT)
            }
            told = [event for notice in notices.values() for event in notice.events]
            store(GATEWAY, told, at)
            _put_away(inbox, notices)
            read, events = read + len(notices), events + len(told)
        return MailboxReport(read, events, len(inbox.uids("FLAGGED")))


def _read(mail: MailMessage, at: datetime) -> Notice:
    try:
        notice = read_notice(mail.obj, at)
    except Exception:
        logger.exception("Could not read mail %s in the bounce mailbox; a person has to.", mail.uid)
        return Notice(problem="It broke the reading of it.")
    if notice.problem:
        logger.warning("Mail %s in the bounce mailbox is left for a person. %s", mail.uid, notice.problem)
    return notice


def _put_away(inbox: BaseMailBox, notices: dict[str, Notice]) -> None:
    inbox.flag([uid for uid, notice in notices.items() if notice.problem], MailMessageFlags.FLAGGED, value=True)
    folder = _namespace(inbox) + HANDLED
    if not inbox.folder.exists(folder):
        inbox.folder.create(folder)
    inbox.move([uid for uid, notice in notices.items() if not notice.problem], folder)


def _namespace(inbox: BaseMailBox) -> str:
    """What the names of own folders have to begin with (RFC 2342): nothing, or `INBOX.` on some servers."""
    if "NAMESPACE" not in inbox.client.capabilities:
        return ""
    _, [answer] = inbox.client.namespace()
    found = re.match(rb'\(\("([^"]*)"', answer or b"")
    return found[1].decode() if found else ""


@contextmanager
def _inbox() -> Iterator[BaseMailBox]:
    """Open what BOUNCE_IMAP_URL names: imaps://user:password@host:993/INBOX, imap+tls:// (STARTTLS) or imap://."""
    url = urlsplit(settings.BOUNCE_IMAP_URL)
    try:
        with _connected(url.scheme, url.hostname or "", url.port) as mailbox:
            user, password = unquote(url.username or ""), unquote(url.password or "")
            mailbox.login(user, password, unquote(url.path.strip("/")) or "INBOX")
            # Servers say most of what they can (MOVE, NAMESPACE) only now, and Python's IMAP does not ask again.
            mailbox.client.capabilities = tuple(mailbox.client.capability()[1][-1].decode().upper().split())
            yield mailbox
    except (ImapToolsError, IMAP4.error, OSError) as error:
        told = f"The bounce mailbox at {url.hostname} cannot be read: {error}"
        raise MailboxError(f"{told} Look at BOUNCE_IMAP_URL and at the mail server.") from error


def _connected(scheme: str, host: str, port: int | None) -> BaseMailBox:
    if scheme == "imap":
        return MailBoxUnencrypted(host, port or 143, TIMEOUT)
    # Without a context of our own, Python's IMAP would take any certificate.
    context = ssl.create_default_context()
    if scheme == "imap+tls":
        return MailBoxStartTls(host, port or 143, TIMEOUT, context)
    return MailBox(host, port or 993, TIMEOUT, ssl_context=context)
