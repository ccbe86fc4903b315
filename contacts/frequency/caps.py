"""Caps: at most LIMIT of MEASURE in WINDOW within SCOPE (docs/frequency.md, section 2)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from contacts.frequency.facts import CONTACT_PURPOSES, RELEASED, Request, Row, is_call
from contacts.frequency.windows import Window, setbacks

MEASURES = {
    "contacts": CONTACT_PURPOSES,
    "invitations": frozenset({"invitation"}),
    "reminders": frozenset({"reminder"}),
    "call_attempts": frozenset({"call"}),
    "responses": frozenset({"response"}),
    "declines": frozenset({"decline"}),
    "seconds": CONTACT_PURPOSES,
}
"""The purposes that each measure counts; a call attempt is also what went over the channel `phone`."""
CLOCKS = frozenset({"responses", "declines"})
"""Measures that count the customer's own events: nothing that we plan adds to them."""
EVERYTHING: frozenset[str] = frozenset()
"""An empty scope leaves nothing out."""


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `limit` of `measure` in `window` within the scope, per `customer` or per `account`."""

    name: str
    limit: int
    measure: str
    window: Window
    channels: frozenset[str] = EVERYTHING
    purposes: frozenset[str] = EVERYTHING
    surveys: frozenset[str] = EVERYTHING
    programs: frozenset[str] = EVERYTHING
    sources: frozenset[str] = EVERYTHING
    tags: frozenset[str] = EVERYTHING
    per: str = "customer"

    @property
    def counts_calls_only(self) -> bool:
        """Whether this is a cap on call attempts, by its measure or by its scope."""
        by_scope = self.channels == {"phone"} or self.purposes == {"call"}
        return self.measure == "call_attempts" or (self.measure == "contacts" and by_scope)

    def tests(self, request: Request) -> bool:
        """Whether a request has to fit under this cap."""
        if not (self._by_means(request) and self._about(request)):
            return False
        if self._exempts(request):
            return False
        return self.measure in CLOCKS or self._measures(request)

    def counts(self, row: Row) -> bool:
        """Whether a row of the ledger takes a place under this cap, while its window lasts."""
        if row.outcome in RELEASED or not self._measures(row):
            return False
        return self._about(row) and (self.measure in CLOCKS or self._by_means(row))

    def weight(self, contact: Row | Request) -> int:
        """How much of the limit one contact takes: its seconds, or one place."""
        return contact.seconds if self.measure == "seconds" else 1

    def _measures(self, contact: Row | Request) -> bool:
        if contact.purpose in MEASURES[self.measure]:
            return True
        return self.measure == "call_attempts" and is_call(contact) and contact.purpose in CONTACT_PURPOSES

    def _by_means(self, contact: Row | Request) -> bool:
        return (not self.channels or contact.channel in self.channels) and (
            not self.purposes or contact.purpose in self.purposes
        )

    def _about(self, contact: Row | Request) -> bool:
        return (
            (not self.surveys or contact.survey in self.surveys)
            and (not self.programs or contact.program in self.programs)
            and (not self.sources or contact.source in self.sources)
            and (not self.tags or not self.tags.isdisjoint(contact.tags))
        )

    def _exempts(self, request: Request) -> bool:
        """A reminder belongs to its invitation: a gap of its own survey does not hold it back, unless meant to."""
        return (
            self.limit == 1
            and request.purpose in ("reminder", "thank_you")
            and bool(self.surveys)
            and self.measure != "reminders"
            and request.purpose not in self.purposes
        )


class Span(NamedTuple):
    """A row in a cap: from its instant until its own expiry, the end left out."""

    start: datetime
    end: datetime
    weight: int
    key: object


@dataclass(frozen=True, slots=True)
class Load:
    """What one cap holds of one customer in one zone, for a request that weighs `own`."""

    cap: Cap
    zone: ZoneInfo
    spans: Sequence[Span]
    own: int

    def used(self, at: datetime) -> int:
        """What the fullest window that holds `at` has in it, without the request.

        A planned contact must fit at every instant until its own expiry, so that contacts booked for later count;
        a clock (responses, declines) is read at the instant alone.
        """
        held = self.held(at)
        peaks = {at, *(span.start for span in held if span.start > at)}
        return max(sum(span.weight for span in held if span.start <= peak < span.end) for peak in peaks)

    def held(self, at: datetime) -> list[Span]:
        """The spans that share an instant with the span of a contact at `at`."""
        spans = [span for span in self.spans if span.end > at]
        if all(span.start <= at for span in spans):
            return spans
        end = at if self.cap.measure in CLOCKS else self.cap.window.end(at, self.zone)
        return [span for span in spans if span.start <= at or span.start < end]

    def first(self, at: datetime) -> datetime | None:
        """The first instant from `at` on at which the request fits; None for a limit that it can never fit under."""
        if self.cap.limit == 0 or self.own > self.cap.limit:
            return None
        if self._fits(at):
            return at
        if all(span.start <= at for span in self.spans):
            return self._emptied(at)
        return next(turn for turn in self._turns(at) if self._fits(turn))

    def _emptied(self, at: datetime) -> datetime:
        """The first end at which enough has expired, where nothing is booked for later and places only become free.

        One look at each span, because a customer may have thousands.
        """
        lasting = sorted((span for span in self.spans if span.end > at), key=lambda span: span.end)
        used = sum(span.weight for span in lasting)
        for span in lasting:
            used -= span.weight
            if used + self.own <= self.cap.limit:
                return span.end
        return at

    def _fits(self, at: datetime) -> bool:
        return self.used(at) + self.own <= self.cap.limit

    def _turns(self, at: datetime) -> list[datetime]:
        """All instants after `at` at which a place can become free, in order; at the last nothing counts any more."""
        turns = {span.end for span in self.spans}
        latest = max((span.start for span in self.spans), default=at)
        if latest > at:
            turns.update(setbacks(self.cap.window, self.zone, at, latest))
        return sorted(turn for turn in turns if turn > at)


def loads(cap: Cap, rows: Iterable[Row], at: datetime, zones: Sequence[ZoneInfo], own: int) -> list[Load]:
    """A load for each possible zone, with the rows that still count at `at` or later."""
    oldest = at - cap.window.longest
    counting = [row for row in rows if row.at > oldest and cap.counts(row)]
    differing = zones if counting and cap.window.local else zones[:1]
    return [Load(cap, zone, _spans(cap, counting, at, zone), own) for zone in differing]


def _spans(cap: Cap, rows: Iterable[Row], at: datetime, zone: ZoneInfo) -> list[Span]:
    spans = []
    for row in rows:
        start = row.at.astimezone(UTC)
        end = cap.window.end(start, zone)
        if end > at:
            spans.append(Span(start, end, cap.weight(row), row.key))
    return spans


def earliest(firsts: Sequence[Callable[[datetime], datetime | None]], at: datetime) -> datetime | None:
    """The first instant from `at` on that suits all of `firsts`, each asked for its own; None where there is none."""
    while True:
        reached = at
        for first in firsts:
            found = first(reached)
            if found is None:
                return None
            reached = found
        if reached == at:
            return at
        at = reached
