"""What providers tell us, in our words: what became of a message, and what a customer wrote back.

Providers repeat, delay and reorder what they tell. `key` is the same for each copy of one event, and no other event of
that provider has it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from django.http import HttpRequest


class Status(StrEnum):
    """What became of a message after it was handed over, in rising rank: a later rank is never taken back."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    """The provider tries again by itself."""
    DELIVERED = "delivered"
    FAILED = "failed"
    """Never arrived, through no fault of the address."""
    BOUNCED = "bounced"
    """Never arrived: the address does not exist or takes nothing. It is closed."""
    UNSUBSCRIBED = "unsubscribed"
    """The customer said no to this channel at the provider."""
    COMPLAINED = "complained"
    """The customer called it spam: a no to this channel, and a reason to look at the program."""


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """News of one message, which is known by `reference` (ours) or by `provider_reference`, or by both."""

    key: str
    status: Status
    at: datetime
    reference: str = ""
    provider_reference: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message that somebody sent to one of our numbers (E.164 or a short code, as the provider gives them)."""

    key: str
    sender: str
    recipient: str
    text: str
    at: datetime


Event = StatusEvent | IncomingMessage


class HookRefusedError(Exception):
    """What came in is not from the provider (403) or cannot be read (400); the text says what was expected."""

    def __init__(self, detail: str, *, status: int = 403) -> None:
        super().__init__(detail)
        self.status = status


class Hook(Protocol):
    """How one provider tells us things; a provider that has one is named in `surveys.channels.hooks`."""

    methods: tuple[str, ...]
    """The HTTP methods that it calls with."""

    def read(self, request: HttpRequest, at: datetime) -> list[Event]:
        """Check the signature and return what the request tells; `at` stands where the provider gives no time.

        Raises HookRefusedError. Reads nothing from the database and writes nothing.
        """

    def answer(self) -> tuple[str, str]:
        """What the provider expects to hear once everything is stored: body and content type."""
