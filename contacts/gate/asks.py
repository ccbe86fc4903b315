"""What the gate is asked and what it answers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from contacts.frequency import Leave, Reason
from contacts.models import Contact, Decision, Identifier
from contacts.models.words import OURS


class GateError(ValueError):
    """A request that does not fit the state of the ledger; the text says what to do instead."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question: may this customer be contacted at `at`, by one of `channels`, for this purpose.

    An instant that has passed means now. `channels`: at least one, the preferred first. `seconds`: attention asked for.
    `probability`: with which the touchpoint could have been asked about. `refusal`: a reason found elsewhere (a
    program's sampling), kept as a decision without asking the rules. `contact_id`: the place that asks again.
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
    source: str = OURS
    simulated: bool = False
    contact_id: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of an ask: `send`, `delay` or `skip`, by which channel, and the first instant that all rules allow.

    For a skip `allowed_at` is when it would be allowed if it did not expire. `reasons` are in the file format with the
    channel of each; `counted` holds the keys of the ledger rows that counted. `leave` is the override or appointment
    without which it would not be allowed then.
    """

    result: str
    channel: str
    asked_at: datetime
    allowed_at: datetime | None
    reasons: list[dict[str, object]]
    counted: Iterable[object] = ()
    leave: Leave | None = None

    @property
    def override_id(self) -> int | None:
        """The override that this takes."""
        return self.leave.key if self.leave and self.leave.kind == "override" else None


@dataclass(frozen=True, slots=True)
class Grant:
    """What became of an ask: the decision and, where it got a place in the ledger, the contact.

    `gave_way`: the decisions about contacts whose place it took; each contact is moved (delay) or released (skip).
    """

    ask: Ask
    decision: Decision
    contact: Contact | None
    gave_way: Sequence[Decision] = ()

    @property
    def address(self) -> Identifier | None:
        """Where the contact goes."""
        return self.contact.address if self.contact else None
