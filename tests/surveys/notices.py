"""Notices about mails as servers write them, each made by one call with what matters to the test."""

from email.message import EmailMessage

from surveys.channels.return_path import token

REFERENCE = "invitation-7-attempt-1"


def about(reference: str = REFERENCE) -> str:
    """Return the address to which a notice about the message comes."""
    return f"bounce+{token(reference)}@bounces.example"


def report(
    *,
    to: str = "",
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "",
    subtype: str = "report; report-type=delivery-status",
    text: str = "It could not be delivered.",
    returned: str = "",
    message_id: str = "<notice-1@mx.example>",
    date: str = "Tue, 05 May 2026 11:00:00 +0000",
) -> bytes:
    """Return a delivery status notification (RFC 3464); `returned` are headers of ours that it quotes."""
    lines = [f"To: {to or about()}", "From: MAILER-DAEMON@mx.example", f"Date: {date}", "MIME-Version: 1.0"]
    lines += [f"Message-ID: {message_id}"] if message_id else []
    lines += [f'Content-Type: multipart/{subtype}; boundary="XX"', "", "--XX", "Content-Type: text/plain", "", text]
    lines += ["", "--XX", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example", ""]
    lines += ["Final-Recipient: rfc822; ada@example.com", *([f"Action: {action}"] if action else [])]
    lines += [f"Status: {status}"] if status else []
    lines += [f"Diagnostic-Code: smtp; {diagnostic}"] if diagnostic else []
    lines += ["", "--XX", "Content-Type: text/rfc822-headers", "", returned or "Subject: Hello", "", "--XX--", ""]
    return "\r\n".join(lines).encode()


def complaint(kind: str = "abuse", *, returned: str = "") -> bytes:
    """Return a complaint (RFC 5965) that came to an address which says nothing about the message."""
    lines = ["To: complaints@bounces.example", "From: fbl@mail.example", "MIME-Version: 1.0"]
    lines += ["Message-ID: <complaint-1@mail.example>"]
    lines += ['Content-Type: multipart/report; report-type=feedback-report; boundary="XX"', "", "--XX"]
    lines += ["Content-Type: text/plain", "", "A complaint.", "", "--XX", "Content-Type: message/feedback-report", ""]
    lines += [f"Feedback-Type: {kind}", "User-Agent: Example/1", "Version: 1", "", "--XX"]
    returned = returned or f"Message-ID: <{token(REFERENCE)}@brand.example>"
    lines += ["Content-Type: message/rfc822", "", returned, "Subject: Hello", "", "Hello", "", "--XX--", ""]
    return "\r\n".join(lines).encode()


def reply(**headers: str) -> bytes:
    """Return a plain mail that somebody or something wrote in answer to ours."""
    mail = EmailMessage()
    mail["To"] = about()
    mail["Message-ID"] = "<reply-1@example.com>"
    for header, value in headers.items():
        mail[header.replace("_", "-")] = value
    mail.set_content("I am on holiday until Monday. 550 5.1.1 is what I say to no mail.")
    return mail.as_bytes()


def nested(inner: bytes) -> bytes:
    """Return a mail that holds another, as it was forwarded whole."""
    head = f'To: {about()}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="YY"\r\n\r\n'
    return head.encode() + b"--YY\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--YY--\r\n"
