"""Email through Django's mail backends (EMAIL_URL)."""

import re
import smtplib
from contextlib import suppress
from email.utils import formataddr

from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email

from surveys.channels.base import ChannelError, FateUnknownError, Gateway, Message, Sent

#: Reply codes (RFC 5321, 4.2.3) that say: this mailbox does not exist, or is no valid name.
BAD_ADDRESS = frozenset({550, 551, 553})
#: An enhanced status (RFC 3463), where the server gives one, says it better: 5.1.x and 5.2.1 are about the address.
STATUS = re.compile(r"5\.\d+\.\d+")
BAD_ADDRESS_STATUS = re.compile(r"5\.(1\.\d+|2\.1)$")


class EmailGateway(Gateway):
    """A multipart message with what RFC 8058 asks for, over one connection of its own."""

    def send(self, message: Message) -> Sent:
        """Hand the message to the mail server. What it refuses for now, or cannot be reached for, is passing."""
        _refuse_malformed(message.recipient)
        mail = as_mail(message)
        connection = get_connection()
        _open(connection)
        try:
            _hand_over(connection, mail)
        finally:
            # Whether the message was taken is settled by now; a farewell that fails does not change it.
            with suppress(OSError):
                connection.close()
        return Sent(reference=mail.extra_headers["Message-ID"])


def as_mail(message: Message) -> EmailMultiAlternatives:
    """Return the mail with its headers; Django refuses any that holds a line break."""
    sender = formataddr((message.sender_name, message.sender), charset="utf-8")
    domain = message.sender.rpartition("@")[2]
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=sender,
        to=[message.recipient],
        reply_to=[sender],
        headers={
            "Message-ID": f"<{message.reference}@{domain}>",
            "Auto-Submitted": "auto-generated",  # RFC 3834: no holiday replies
            "List-Unsubscribe": f"<{message.unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    mail.attach_alternative(message.html, "text/html")
    return mail


def _refuse_malformed(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise ChannelError("This is no email address.", permanent=True, bad_address=True) from error


def _open(connection: BaseEmailBackend) -> None:
    try:
        connection.open()
    except OSError as error:  # smtplib's own errors are OSErrors too
        raise ChannelError(str(error), permanent=False) from error


def _hand_over(connection: BaseEmailBackend, mail: EmailMultiAlternatives) -> None:
    try:
        connection.send_messages([mail])
    except smtplib.SMTPRecipientsRefused as error:
        raise _refusal(*next(iter(error.recipients.values())), of_recipient=True) from error
    except smtplib.SMTPSenderRefused as error:
        # Our own address is refused: for an operator to mend, and no fault of the customer's.
        raise ChannelError(str(error), permanent=False) from error
    except smtplib.SMTPDataError as error:
        raise _refusal(error.smtp_code, error.smtp_error, of_recipient=False) from error
    except OSError as error:
        raise FateUnknownError(str(error)) from error


def _refusal(code: int, reply: bytes | str, *, of_recipient: bool) -> ChannelError:
    text = reply if isinstance(reply, str) else reply.decode(errors="replace")
    status = STATUS.match(text)
    about_address = bool(BAD_ADDRESS_STATUS.match(status[0])) if status else code in BAD_ADDRESS
    permanent = code >= 500
    return ChannelError(f"{code} {text}", permanent=permanent, bad_address=permanent and of_recipient and about_address)
