"""What a mail in the bounce mailbox tells of a message of ours: pure, from the mail to events.

Read are delivery status notifications (RFC 3464) wherever in the mail they stand, as servers nest them differently, and
complaints in the Abuse Reporting Format (RFC 5965). A mail is about a message only if it quotes our signed name for it.
"""

import email
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.utils import parsedate_to_datetime

from surveys.channels.events import Status, StatusEvent
from surveys.channels.mail_codes import Codes, codes, is_general
from surveys.channels.return_path import reference

#: What a report says of a message that did not fail (RFC 3464, 2.3.3).
ACTIONS = {
    "delivered": Status.DELIVERED,
    "relayed": Status.ACCEPTED,
    "expanded": Status.ACCEPTED,
    "delayed": Status.DEFERRED,
}
#: Kinds of feedback (RFC 5965, RFC 6430, RFC 6591) that are no complaint.
NO_COMPLAINT = {"not-spam", "auth-failure"}
OPT_OUT = "opt-out"
#: Set by what answers without a person, beside Auto-Submitted (RFC 3834).
AUTOMATIC = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress")
NO_REPORT = "No report that can be read is in it."
NOT_OURS = "It is about no message of ours, or somebody made it up."


@dataclass(frozen=True, slots=True)
class Notice:
    """What a mail tells: `events`, or nothing that matters, or why a person has to look at it (`problem`)."""

    events: tuple[StatusEvent, ...] = ()
    problem: str = ""


def read_notice(mail: Message, at: datetime) -> Notice:
    """Read a mail that came to the bounce mailbox; `at` stands where it has no date, or one that is still to come."""
    told = list(dict.fromkeys(_reported(mail)))
    if not told:
        return Notice() if _is_automatic(mail) or _is_other_feedback(mail) else Notice(problem=NO_REPORT)
    about = reference(_quoted(mail))
    if not about:
        return Notice(problem=NOT_OURS)
    name, when = _name(mail), min(_date(mail) or at, at)
    return Notice(
        tuple(
            StatusEvent(key=f"{about}:{status}:{name}", status=status, at=when, reference=about, detail=detail)
            for status, detail in told
        )
    )


def _reported(mail: Message) -> Iterator[tuple[Status, str]]:
    """Yield what each report in the mail says, with the words of the server."""
    for part in mail.walk():
        blocks = _blocks(part)
        if part.get_content_type() == "message/feedback-report":
            yield from (told for block in blocks if (told := _complaint(block)))
        if part.get_content_type() == "message/delivery-status":
            yield from (told for block in blocks if (told := _delivery(block, mail)))


def _complaint(report: Message) -> tuple[Status, str] | None:
    kind = _field(report, "Feedback-Type").lower()
    if not kind or kind in NO_COMPLAINT:
        return None
    return (Status.UNSUBSCRIBED if kind.startswith(OPT_OUT) else Status.COMPLAINED), f"Feedback: {kind}"


def _delivery(block: Message, mail: Message) -> tuple[Status, str] | None:
    """What the block about one recipient says; the block about the message as a whole says nothing."""
    action = _field(block, "Action").lower()
    if not action and "Status" not in block:
        return None
    detail = _field(block, "Diagnostic-Code") or _words_about(_recipient(block), mail) or _field(block, "Status")
    status = ACTIONS.get(action) or _failure(action, _codes(block, detail))
    return (status, detail) if status else None


def _codes(block: Message, detail: str) -> Codes:
    """The status where it is a specific one, else what the server that refused said."""
    stated = codes(_field(block, "Status"))
    return stated if stated.status and not is_general(stated.status) else codes(f"{detail} {stated.status}")


def _failure(action: str, told: Codes) -> Status | None:
    """What a failure is. One that "failed" with a passing status was tried until time ran out: it never arrives."""
    if told.bad_address:
        return Status.BOUNCED
    if told.permanent or action == "failed":
        return Status.FAILED
    return Status.DEFERRED if told.status.startswith("4") else None


def _words_about(recipient: str, mail: Message) -> str:
    """The line of the text with the recipient and a reply: OpenSMTPD gives the reason nowhere else."""
    for part in mail.walk():
        if recipient and part.get_content_type() == "text/plain":
            for line in _text(part).splitlines():
                if recipient in line.lower() and codes(line).reply:
                    return line.strip()
    return ""


def _recipient(block: Message) -> str:
    return _field(block, "Final-Recipient").rpartition(";")[2].strip().lower()


def _is_automatic(mail: Message) -> bool:
    """Whether nobody wrote it: a holiday reply, say. A failure that old servers report in words only is none."""
    if "X-Failed-Recipients" in mail:
        return False
    submitted = _field(mail, "Auto-Submitted").lower()
    marked = any(header in mail for header in AUTOMATIC)
    return marked or submitted not in ("", "no") or _field(mail, "Precedence").lower() == "auto_reply"


def _is_other_feedback(mail: Message) -> bool:
    return any(part.get_content_type() == "message/feedback-report" for part in mail.walk())


def _quoted(mail: Message) -> str:
    """Every header of the mail, of its reports and of what it returns, as one text in which to look for our name."""
    texts: list[str] = []
    for part in mail.walk():
        texts += map(str, part.values())
        texts += [str(value) for block in _blocks(part) for value in block.values()]
        if part.get_content_type() == "text/rfc822-headers":
            texts += map(str, email.message_from_string(_text(part)).values())
    return "\n".join(texts)


def _blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode(errors="replace") if isinstance(payload, bytes) else ""


def _field(message: Message, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())


def _name(mail: Message) -> str:
    """The same for each copy of the mail."""
    named = _field(mail, "Message-ID").encode(errors="replace") or mail.as_bytes()
    return hashlib.sha256(named).hexdigest()[:32]


def _date(mail: Message) -> datetime | None:
    try:
        date = parsedate_to_datetime(_field(mail, "Date"))
    except ValueError:
        return None
    return date if date.tzinfo else None
