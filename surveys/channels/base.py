"""What every channel's gateway gets, returns and raises."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with an email; `kind` is its media type (RFC 6838)."""

    name: str
    content: str
    kind: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it goes out. `html`, `subject` and `unsubscribe` are empty where the channel has none."""

    attempt_id: int
    """0 for a test message, which is no attempt at an invitation."""
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
    key: str = ""
    """The same for attempts of which only one may arrive: what a `keyed` provider is given."""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """The gateway took the message; `reference` is its own name for it, where it has one."""

    reference: str = ""
    delivered: bool = False
    """Whether it is known to have arrived, and not only to have been accepted."""


class ChannelError(Exception):
    """The gateway surely did not take the message: for good (`permanent`), or only for now.

    `bad_address`: the fault lies with the recipient's address, which must not be used again. `opted_out`: the customer
    said no to this channel at the provider. `busy_for`: the gateway takes no message at all for so long (429 or 503
    with Retry-After), whoever it is for.
    """

    def __init__(
        self,
        detail: str,
        *,
        permanent: bool,
        bad_address: bool = False,
        opted_out: bool = False,
        busy_for: timedelta | None = None,
    ) -> None:
        super().__init__(detail)
        self.permanent = permanent
        self.bad_address = bad_address
        self.opted_out = opted_out
        self.busy_for = busy_for


class FateUnknownError(Exception):
    """The message was handed over, and nothing says whether it was taken. It must not be sent again by itself."""


Fate = Sent | ChannelError | FateUnknownError


class Certainty(StrEnum):
    """What can be done about a message whose fate is unknown."""

    KEYED = "keyed"
    """The provider honours our reference as a key: the same message handed over again is sent once."""
    LOOK_UP = "look-up"
    """The provider can be asked what became of a message."""
    BLIND = "blind"
    """Nothing: it goes to a person."""


class Gateway(ABC):
    """One way out of the house. An exception that is neither of the two above is a bug, and its fate unknown."""

    inside = False
    """Whether it only writes into our own database, so that it can be part of a transaction."""
    certainty = Certainty.BLIND
    key_window = timedelta()
    """For how long a `keyed` provider remembers a key."""

    @abstractmethod
    def send(self, message: Message) -> Sent:
        """Hand the message over. Raises ChannelError or FateUnknownError."""

    def look_up(self, message: Message) -> Sent | None:
        """What a `look-up` provider says of a message, handed over at `message.at` or later; None if it never got it.

        Takes the message as it went out, because not every provider can find it by our reference. Raises
        FateUnknownError where it cannot tell (yet).
        """
        raise FateUnknownError(f"Nobody can be asked what became of {message.reference}.")
