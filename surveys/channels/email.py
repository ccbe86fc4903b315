"""Email through Django's mail backends (EMAIL_URL, or EMAIL_BACKEND for one that has no URL)."""

from typing import Any

from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend

from surveys.channels.base import FateUnknownError, Gateway, Message, Sent
from surveys.channels.mail import as_mail, mailable, name, sender_address
from surveys.channels.return_path import envelope_sender
from surveys.channels.smtp import Connections, Envelope


class EmailGateway(Gateway):
    """A multipart message with what RFC 8058 asks for. To a mail server it speaks itself, over kept connections."""

    def __init__(self) -> None:
        self.connections = Connections()

    def send(self, message: Message) -> Sent:
        """Hand the message over. What is refused for now, or cannot be reached for, is passing."""
        mail = as_mail(message)
        recipient = mailable(message.recipient)
        backend = get_connection()
        if isinstance(backend, EmailBackend):
            sender = envelope_sender(name(message)) or sender_address(message)
            written: Any = mail.message()
            self.connections.hand_over(Envelope(sender, recipient, written.as_bytes(linesep="\r\n")), backend)
        else:
            try:
                backend.send_messages([mail])
            except OSError as error:
                raise FateUnknownError(str(error)) from error
        return Sent(reference=mail.extra_headers["Message-ID"])
