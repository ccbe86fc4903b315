"""A conversation with a mail server (RFC 5321), step by step, over connections that stay open for the next message.

What a lost connection means depends on the step: before the content was handed over the message was surely not taken.
Django's own backend does not tell the steps apart, so each time-out of a slow server would leave a fate unknown.
"""

import os
import smtplib
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from django.core.mail.backends.smtp import EmailBackend

from surveys.channels.base import ChannelError, FateUnknownError
from surveys.channels.mail_codes import codes, is_general

LEFT_ALONE = timedelta(minutes=1)
"""For so long nothing is handed to a server that cannot be reached, or that turns us away whoever the mail is for."""
OK = 250
FORWARDS = 251
SHUTTING_DOWN = 421


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the server is told, and the content as it is to arrive; addresses in ASCII."""

    sender: str
    recipient: str
    content: bytes


class Connections:
    """The open connections of one process; each is used by one thread at a time."""

    def __init__(self) -> None:
        self._idle: list[EmailBackend] = []
        # Two processes that talk over one connection would get each other's replies.
        os.register_at_fork(after_in_child=self._idle.clear)

    def hand_over(self, envelope: Envelope, fresh: EmailBackend) -> None:
        """Hand the mail over; `fresh` has not been opened and is only where no connection is left, or works any more.

        Raises ChannelError or FateUnknownError.
        """
        backend = self._agreed(envelope, fresh)
        try:
            _name_recipient(_smtp(backend), envelope.recipient)
            _give_content(_smtp(backend), envelope.content)
        except (ChannelError, FateUnknownError):
            _leave(backend)
            raise
        self._idle.append(backend)

    def close(self) -> None:
        """Say goodbye on every connection that is not in use."""
        while self._idle:
            _leave(self._idle.pop())

    def _agreed(self, envelope: Envelope, fresh: EmailBackend) -> EmailBackend:
        """Return a connection on which the server has taken our sender: until then nothing is lost by trying anew."""
        if kept := self._kept():
            try:
                _begin(kept, envelope)
            except ChannelError:
                _leave(kept)
            else:
                return kept
        try:
            _open(fresh)
            _begin(fresh, envelope)
        except ChannelError:
            _leave(fresh)
            raise
        return fresh

    def _kept(self) -> EmailBackend | None:
        try:
            return self._idle.pop()
        except IndexError:  # asking first would not help: another thread may take the last one in between
            return None


def _open(backend: EmailBackend) -> None:
    try:
        backend.open()
    except OSError as error:  # smtplib's own errors are OSErrors too
        told = f"The mail server cannot be used: {error}"
        raise ChannelError(told, permanent=False, busy_for=LEFT_ALONE) from error


def _begin(backend: EmailBackend, envelope: Envelope) -> None:
    smtp = _smtp(backend)
    try:
        smtp.ehlo_or_helo_if_needed()
        sized = [f"size={len(envelope.content)}"] if smtp.has_extn("size") else []
        eight_bits = ["body=8bitmime"] if smtp.has_extn("8bitmime") else []
        code, reply = smtp.mail(envelope.sender, sized + eight_bits)
    except OSError as error:
        raise ChannelError(f"The mail server left: {error}", permanent=False, busy_for=LEFT_ALONE) from error
    if code != OK:
        # Our own address is refused, for an operator to mend, or the server is closing: no fault of the customer's.
        busy_for = LEFT_ALONE if code == SHUTTING_DOWN else None
        raise ChannelError(_told(code, reply), permanent=False, busy_for=busy_for)


def _name_recipient(smtp: smtplib.SMTP, recipient: str) -> None:
    try:
        code, reply = smtp.rcpt(recipient)
    except OSError as error:
        raise ChannelError(f"The mail server left before it had the mail: {error}", permanent=False) from error
    if code not in (OK, FORWARDS):
        told = codes(_told(code, reply))
        permanent = code >= 500
        raise ChannelError(_told(code, reply), permanent=permanent, bad_address=permanent and told.bad_address)


def _give_content(smtp: smtplib.SMTP, content: bytes) -> None:
    try:
        code, reply = smtp.data(content)
    except smtplib.SMTPDataError as error:
        code, reply = error.smtp_code, _bytes(error.smtp_error)
    except OSError as error:
        raise FateUnknownError(f"The mail server left without saying whether it took the mail: {error}") from error
    if code != OK:
        # A reply alone may be about the content by now; an enhanced status says so where it is about the address.
        told = codes(_told(code, reply))
        about_address = bool(told.status) and not is_general(told.status) and told.bad_address
        permanent = code >= 500
        raise ChannelError(_told(code, reply), permanent=permanent, bad_address=permanent and about_address)


def _leave(backend: EmailBackend) -> None:
    # What became of a message is settled by now; a farewell that fails does not change it.
    with suppress(OSError):
        backend.close()


def _smtp(backend: EmailBackend) -> smtplib.SMTP:
    if backend.connection is None:
        raise RuntimeError("The connection to the mail server has not been opened.")
    return backend.connection


def _told(code: int, reply: bytes) -> str:
    return f"{code} {reply.decode(errors='replace')}"


def _bytes(reply: bytes | str) -> bytes:
    return reply.encode() if isinstance(reply, str) else reply
