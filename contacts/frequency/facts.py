"""What the rules are told and what they answer, in the contract's words (docs/frequency.md, section 1)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from contacts.frequency.hours import Week

CHANNELS = ("email", "sms", "phone")
CONTACT_PURPOSES = frozenset({"invitation", "reminder", "thank_you", "call", "other"})
EVENT_PURPOSES = frozenset({"response", "decline"})
RELEASED = frozenset({"cancelled", "rejected", "bounced", "expired"})
"""Outcomes that give the place back: such a row counts nowhere."""
CLOSING = frozenset({"rejected", "bounced"})
"""Outcomes that close the address that was used."""
DIALLED = frozenset({"no_answer", "busy", "voicemail", "not_now", "refused", "completed"})
OUTCOMES = RELEASED | DIALLED | {"reserved", "accepted", "delivered", "deferred", "unknown"}

Decision = Literal["send", "delay", "skip"]
Kind = Literal[
    "cap",
    "hours",
    "consent",
    "expiry",
    "holiday",
    "wish",
    "sampling",
    "appointment",
    "answered",
    "override",
    "priority",
    "holdout",
]


ENDLESS_KINDS = frozenset({"consent", "expiry", "appointment", "answered", "override", "priority"})
"""Kinds of reasons that no instant belongs to."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the ledger as the rules see it; `key` is opaque and comes back in `Verdict.counted`."""

    at: datetime
    channel: str
    purpose: str
    outcome: str = "delivered"
    survey: str = ""
    program: str = ""
    source: str = ""
    tags: frozenset[str] = frozenset()
    seconds: int = 0
    key: object = None


@dataclass(frozen=True, slots=True)
class Customer:
    """A person as the rules see one; `closed` holds the channels without an open address, `opt_outs` channels or `all`.

    Where `timezone` is unknown the number and the country say which zones are possible. All of `preferred_hours` hold.
    `quiet`: so long a held-out person is not contacted about surveys before an invitation; None for all others.
    """

    id: str
    timezone: str | None = None
    country: str | None = None
    phone: str | None = None
    account: str | None = None
    opt_outs: frozenset[str] = frozenset()
    pause_until: datetime | None = None
    once_in_days: int | None = None
    preferred_hours: tuple[Week, ...] = ()
    closed: frozenset[str] = frozenset()
    quiet: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """What lets a request pass rules that would hold it back, from `start` on and before `end` (contract, section 8).

    An `override` passes every cap and every rest of the phone. An `appointment`, which the customer asked for, passes
    the caps on call attempts that are no deliberate block, the rests begun before it and preferred hours; with
    `any_hour` contact hours and holidays too. Neither passes a no. `key` is opaque.
    """

    kind: Literal["override", "appointment"]
    start: datetime
    end: datetime
    any_hour: bool = False
    key: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """The question whether a customer may be contacted at `at`; after `expires` it is no longer worth asking.

    `calls_ended`: bad moments have ended the calls about what it is about, but for one of its `leaves`. `answered`: so
    has an answer, given after a call about it was agreed on.
    """

    id: str
    customer: str
    at: datetime
    channel: str
    purpose: str
    survey: str = ""
    program: str = ""
    source: str = ""
    tags: frozenset[str] = frozenset()
    expires: datetime | None = None
    priority: int = 0
    seconds: int = 0
    calls_ended: bool = False
    answered: bool = False
    leaves: tuple[Leave, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that did not pass at the requested instant; `until` is when it alone passes, None for never."""

    rule: str
    kind: Kind
    used: int | None = None
    limit: int | None = None
    until: datetime | None = None

    def as_dict(self) -> dict[str, object]:
        """The reason as the file format writes it: `used` and `limit` for caps, `until` where waiting can help."""
        shown: dict[str, object] = {"rule": self.rule, "kind": self.kind}
        if self.limit is not None:
            shown |= {"used": self.used, "limit": self.limit}
        if self.kind not in ENDLESS_KINDS:
            shown["until"] = instant_text(self.until)
        return shown


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer: `at` is the first allowed instant (None for a skip), `counted` the keys of the rows in the caps.

    `possible_at` is when a request that did not expire would be allowed first; None where it never would. `leave` is
    what lets it through at that instant, where the rules alone do not.
    """

    decision: Decision
    at: datetime | None
    reasons: tuple[Reason, ...] = ()
    counted: tuple[object, ...] = ()
    possible_at: datetime | None = None
    leave: Leave | None = None


def instant_text(at: datetime | None) -> str | None:
    """ISO 8601 in UTC with `Z`, as the file format writes instants."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def is_call(contact: Row | Request) -> bool:
    """Whether the phone rings: the purpose `call` and the channel `phone` mean each other."""
    return contact.channel == "phone" or contact.purpose == "call"
