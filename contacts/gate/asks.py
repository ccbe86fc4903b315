"""What the gate is asked and what it answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from contacts.frequency import Reason
from contacts.models import Contact, Decision, Identifier


class GateError(ValueError):
    """A request that does not fit the state of the ledger; the text says what to do instead."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question: may this customer be contacted at `at`, by one of `channels`, for this purpose.

    An instant that has passed means now. `channels`: at least one, the preferred first. `seconds`: attention asked for.
    `probability`: with which the touchpoint could have been asked about. `refusal`: a reason found elsewhere (a
    program's sampling), kept as a decision without asking the rules.
    """

    customer_id: int
    at: datetime
    channels: tuple[str, ...]
    purpose: str
    survey: str = ""
    program: str = ""
    touchpoint_id: int | None = None
    expires: datetime | None = None
    priority: int = 0
    seconds: int = 0
    probability: float = 1.0
    refusal: Reason | None = None
    source: str = "cxsurvey"
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of an ask: `send`, `delay` or `skip`, by which channel, and the first instant that all rules allow.

    For a skip `allowed_at` is when it would be allowed if it did not expire. `reasons` are in the file format with the
    channel of each; `counted` holds the keys of the ledger rows that counted.
    """

    result: str
    channel: str
    asked_at: datetime
    allowed_at: datetime | None
    reasons: list[dict[str, object]]
    counted: Iterable[object] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """What became of an ask: the decision and, where it got a place in the ledger, the contact."""

    ask: Ask
    decision: Decision
    contact: Contact | None

    @property
    def address(self) -> Identifier | None:
        """Where the contact goes."""
        return self.contact.address if self.contact else None
