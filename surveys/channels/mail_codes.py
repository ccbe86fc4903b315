"""What mail servers mean by their codes: replies (RFC 5321, 4.2) and enhanced statuses (RFC 3463)."""

import re
from dataclasses import dataclass

#: Reply codes that say: this mailbox does not exist, or is no valid name.
NO_SUCH_MAILBOX = frozenset({550, 551, 553})
#: The recipient's address is at fault: 5.1.7 and 5.1.8 are about the sender's, 5.1.10 is RFC 7505 (takes no mail).
ADDRESS_AT_FAULT = re.compile(r"5\.(1\.(0|1|2|3|4|6|10)|2\.1)")
STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
REPLY = re.compile(r"(?<![\d.])([245]\d\d)[ -]")


@dataclass(frozen=True, slots=True)
class Codes:
    """A server's reply code, 0 where it gave none, and its enhanced status, empty where it gave none."""

    reply: int
    status: str

    @property
    def permanent(self) -> bool:
        """Whether the server will not take the message later either."""
        return self.reply >= 500 or self.status.startswith("5")

    @property
    def bad_address(self) -> bool:
        """Whether the recipient's address must not be used again. The enhanced status says it better than the reply."""
        if self.status and not is_general(self.status):
            return bool(ADDRESS_AT_FAULT.fullmatch(self.status))
        return self.reply in NO_SUCH_MAILBOX


def codes(text: str) -> Codes:
    """Read "550 5.1.1 No such user"; what is not there is 0 or empty."""
    reply, status = REPLY.search(text), STATUS.search(text)
    return Codes(int(reply[1]) if reply else 0, status[0] if status else "")


def is_general(status: str) -> bool:
    """Whether a status tells no more than success or failure (x.0.0)."""
    return status.endswith(".0.0")
