"""What every channel's gateway gets, returns and raises."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it goes out. `html`, `subject` and `unsubscribe` are empty where the channel has none."""

    attempt_id: int
    reference: str
    """Ours, the same for whoever looks at this attempt; no other attempt has it."""
    channel: str
    sender_name: str
    sender: str
    """An address without a name: email, or a number in E.164."""
    recipient: str
    text: str
    at: datetime
    subject: str = ""
    html: str = ""
    unsubscribe: str = ""
    """Address that takes an opt-out in one POST."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The gateway took the message; `reference` is its own name for it, where it has one."""

    reference: str = ""
    delivered: bool = False
    """Whether it is known to have arrived, and not only to have been accepted."""


class ChannelError(Exception):
    """The gateway surely did not take the message: for good (`permanent`), or only for now.

    `bad_address`: the fault lies with the recipient's address, which must not be used again.
    """

    def __init__(self, detail: str, *, permanent: bool, bad_address: bool = False) -> None:
        super().__init__(detail)
        self.permanent = permanent
        self.bad_address = bad_address


class FateUnknownError(Exception):
    """The message was handed over, and nothing says whether it was taken. It must not be sent again by itself."""


Fate = Sent | ChannelError | FateUnknownError


class Gateway(Protocol):
    """One way out of the house. An exception that is neither of the two above is a bug, and its fate unknown."""

    inside: bool
    """Whether it only writes into our own database, so that it can be part of a transaction."""

    def send(self, message: Message) -> Sent:
        """Hand the message over. Raises ChannelError or FateUnknownError."""
