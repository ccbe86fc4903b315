"""A customer's year around one question: contacts, answers, refusals, how full each cap is, and the free places."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from contacts.frequency import Lane, Row, Stretch, free_places, lanes
from contacts.gate import Book
from contacts.models import OptOut, Wish
from contacts.models.words import Outcome
from contacts.why import Why
from contacts.why_words import say_contact

MONTHS_BEFORE, MONTHS_AFTER, MONTHS_AT_MOST = 12, 4, 16
NEVER = datetime.max.replace(tzinfo=UTC)
PLANNED = (Outcome.RESERVED, Outcome.DEFERRED)


class Mark(NamedTuple):
    """A contact or an answer: `what` is the channel, `response` or `decline`."""

    at: datetime
    what: str
    words: str
    planned: bool


class Band(NamedTuple):
    """A time in which the customer wants no contact."""

    start: datetime
    end: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Year:
    """What a picture of the year shows, from `since` to `until`, for a question about the instant `at`."""

    since: datetime
    at: datetime
    until: datetime
    zone: ZoneInfo
    marks: tuple[Mark, ...]
    bands: tuple[Band, ...]
    lanes: tuple[Lane, ...]
    free: tuple[Stretch, ...]
    allowed_at: datetime | None


def year_before(at: datetime) -> datetime:
    """Return from when on a book has to be read for the year around `at`."""
    return _month(at, ZoneInfo("UTC"), -MONTHS_BEFORE - 1)


def read_year(book: Book, why: Why, hidden: Collection[object] = ()) -> Year:
    """Return the year around the question that `why` answers; two statements beside the book.

    Whole months of the customer's zone: twelve before the question, and after it so many that the first allowed
    instant is seen, if it lies within 16 months. `hidden`: the ids of contacts that have no mark.
    """
    ask, person, zone = why.ask, why.person, why.zone
    allowed_at = why.explanation.verdict.at
    since = _month(ask.at, zone, -MONTHS_BEFORE)
    latest = min(max(_month(ask.at, zone, MONTHS_AFTER), allowed_at or ask.at), _month(ask.at, zone, MONTHS_AT_MOST))
    until = _month(latest, zone, 1)
    found = lanes(*book.question(ask, person, why.channel, ask.at), since=since, until=until)
    own = [row for row in book.ledger.of(person) if since <= row.at < until and row.key not in hidden]
    return Year(
        since=since,
        at=ask.at,
        until=until,
        zone=zone,
        marks=tuple(sorted(map(_mark, own))),
        bands=tuple(_cut(_bands(person.records), since, until)),
        lanes=tuple(found),
        free=tuple(free_places(found, _waited(why), until)),
        allowed_at=allowed_at,
    )


def _waited(why: Why) -> datetime:
    """From when on only caps and contact hours stand in the way: after pauses and rests, never after a no."""
    others = [told.finding for told in why.rules if told.finding.limit is None]
    lasting = [finding for finding in others if finding.kind in ("consent", "wish", "cap")]
    return max(finding.until or NEVER for finding in lasting)


def _month(at: datetime, zone: ZoneInfo, months: int) -> datetime:
    """The first instant of a month of the zone, counted from the month that holds `at`."""
    local = at.astimezone(zone)
    years, month = divmod(local.month - 1 + months, 12)
    return datetime(local.year + years, month + 1, 1, tzinfo=zone).astimezone(UTC)


def _mark(row: Row) -> Mark:
    return Mark(row.at, row.channel or row.purpose, say_contact(row), row.outcome in PLANNED)


def _bands(records: tuple[int, ...]) -> Iterator[tuple[datetime, datetime | None, str]]:
    """Start, end (None: still open) and words of every opt-out and pause, also of those that are over."""
    for opt_out in OptOut.objects.filter(customer__in=records).order_by("at"):
        yield opt_out.at, opt_out.reopened_at, str(opt_out)
    for wish in Wish.objects.filter(customer__in=records, kind=Wish.Kind.PAUSE).order_by("at"):
        yield wish.at, wish.withdrawn_at or wish.pause_until, "Pause that the customer asked for"


def _cut(bands: Iterator[tuple[datetime, datetime | None, str]], since: datetime, until: datetime) -> Iterator[Band]:
    for start, end, words in bands:
        if start < until and (end is None or end > since):
            yield Band(max(start, since), min(end or until, until), words)
