"""A message as a mail: its headers, its two parts and its files, the same by whatever gateway it goes."""

from email.utils import formataddr

from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.utils.encoding import punycode

from surveys.channels.base import ChannelError, Message
from surveys.channels.return_path import token


def as_mail(message: Message) -> EmailMultiAlternatives:
    """Return the mail with its headers. Raises ChannelError where one of them holds a line break.

    The same message always makes the same headers, so that a provider that honours keys sees the same request again.
    """
    address = sender_address(message)
    sender = formataddr((message.sender_name, address), charset="utf-8")
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=sender,
        to=[message.recipient],
        reply_to=[sender],
        headers={
            # Signed, so that a complaint which returns nothing but the headers tells for sure what it is about.
            "Message-ID": f"<{token(name(message))}@{address.rpartition('@')[2]}>",
            "Auto-Submitted": "auto-generated",  # RFC 3834: no holiday replies
            "X-Auto-Response-Suppress": "OOF, AutoReply",  # the same for Microsoft Exchange (MS-OXCMAIL)
        }
        | _opt_out(message),
    )
    mail.attach_alternative(message.html, "text/html")
    for file in message.attachments:
        mail.attach(file.name, file.content, file.kind)
    # Told here and not by Django when the mail is written: it is certain that nothing was sent.
    if any(character in text for text in (mail.subject, sender, *mail.extra_headers.values()) for character in "\r\n"):
        raise ChannelError("A line break in a header would let its text pose as another header.", permanent=True)
    return mail


def _opt_out(message: Message) -> dict[str, str]:
    """One POST without any page in between (RFC 8058); a test send has nobody to opt out."""
    if not message.unsubscribe:
        return {}
    return {"List-Unsubscribe": f"<{message.unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def name(message: Message) -> str:
    """Return our name for the message, the same for attempts of which only one may arrive."""
    return message.key or message.reference


def mailable(address: str) -> str:
    """Return the address as servers take it, the domain in ASCII. Raises ChannelError for what is no address."""
    try:
        return _in_ascii(address)
    except (ValidationError, UnicodeError) as error:
        raise ChannelError("This is no email address.", permanent=True, bad_address=True) from error


def sender_address(message: Message) -> str:
    """Return our own address as servers take it. Raises ChannelError for what is none: an operator has to mend it."""
    try:
        return _in_ascii(message.sender)
    except (ValidationError, UnicodeError) as error:
        told = f"The sender {message.sender!r} is no email address. See to the brand, or to DEFAULT_FROM_EMAIL."
        raise ChannelError(told, permanent=False) from error


def _in_ascii(address: str) -> str:
    validate_email(address)
    local, _, domain = address.rpartition("@")
    return f"{local}@{punycode(domain)}"
