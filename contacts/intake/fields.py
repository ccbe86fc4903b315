"""What may stand in a cell: a parser for each kind of value, from text to what is stored.

Every parser takes the cell's text, returns the value or raises FieldError, which says what was expected.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils.text import slugify

from contacts.identity import IdentityError, normalise_email, normalise_phone
from contacts.junk import NO_ID, is_junk_email, is_junk_id, is_junk_phone

#: Zeros of clocks and spreadsheets (1970, 1900) are older than this; no service has touchpoints that old.
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
#: How far another system's clock may be ahead of ours.
AHEAD = timedelta(days=1)

#: Shorter than where it is stored: the ledger puts a word before the id of a response.
_KEY_LENGTH = 180
_SCORES = {str(score): score for score in range(11)}
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z0-9]{2,8}))?")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,20})?")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z|[+-][0-9]{2}:?[0-9]{2})", re.IGNORECASE)
_NAIVE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+)?", re.IGNORECASE)
#: What a spreadsheet makes of an id that it takes for a number: 123.0, 1.23E+15. Its last digits are gone.
_SPOILT = re.compile(r"-?[0-9]+\.0+|-?[0-9](\.[0-9]+)?[eE]\+[0-9]+")

_CONTROLS = dict.fromkeys((*range(32), *range(127, 160))) | {ord("\t"): " "}
# Marks that turn the direction of writing, and characters of no width: both make one text look like another.
_BIDI = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_NO_WIDTH = dict.fromkeys((0x00AD, 0x200B, 0x2060, 0xFEFF))
_JOINERS = dict.fromkeys((0x200C, 0x200D))
_INVISIBLE = _CONTROLS | _BIDI | _NO_WIDTH | _JOINERS
# In what customers write, lines count, and joiners hold emoji and Persian words together.
_INVISIBLE_IN_VERBATIMS = {code: to for code, to in _INVISIBLE.items() if code not in {*_JOINERS, 9, 10}}


class FieldError(ValueError):
    """A cell holds something else; the text says what was expected. `column` where more than one cell was looked at."""

    def __init__(self, expected: str, column: str = "") -> None:
        super().__init__(expected)
        self.column = column


def one_line(text: str) -> str:
    """Return the text in Unicode's composed form (NFC), without control, direction and zero-width characters."""
    text = text.strip()
    if text.isascii() and text.isprintable():
        return text
    if "\n" in text or "\r" in text:
        raise FieldError("one line of text")
    return unicodedata.normalize("NFC", text.translate(_INVISIBLE)).strip()


def verbatim(text: str) -> str:
    """Return what a customer wrote: its lines and emoji are kept, characters that nobody sees are not."""
    if text.isascii() and text.isprintable():
        return text.strip()
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_INVISIBLE_IN_VERBATIMS)
    return unicodedata.normalize("NFC", text).strip()


def text_up_to(length: int) -> Callable[[str], str]:
    """Return a parser for one line of at most `length` characters."""

    def parse(text: str) -> str:
        line = one_line(text)
        if len(line) > length:
            raise FieldError(f"at most {length} characters")
        return line

    return parse


def key(text: str) -> str:
    """Return an id of another system as text: 007 and 7 are two ids."""
    line = one_line(text)
    if not line or line.casefold() in NO_ID or len(line) > _KEY_LENGTH:
        raise FieldError(f"an id of 1 to {_KEY_LENGTH} characters")
    if _SPOILT.fullmatch(line):
        raise FieldError(
            "an id; a spreadsheet made a number of this one. Format the column there as text and export again"
        )
    return line


YEARS = range(1900, 3000)
"""Of instants that are asked for: others cannot be reckoned with in every time zone and database."""


def customer_key(text: str) -> str:
    """Return the id of a customer in another system, which must not stand for nobody: no 0, no `unknown`."""
    line = key(text)
    if is_junk_id(line):
        raise FieldError("the id of one customer; this one stands for nobody in particular")
    return line


def instant(text: str, zone: str = "") -> datetime:
    """Return an ISO 8601 date and time in UTC; `zone` (IANA) is where one without an offset was read off a clock.

    What clocks skip in spring is an hour later, and of what they show twice in autumn the first is meant.
    """
    expected = "a date and time" + ("" if zone else " with offset, such as 2026-03-04T10:30:00+01:00")
    if not (_INSTANT.fullmatch(text) or (zone and _NAIVE.fullmatch(text))):
        raise FieldError(expected)
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise FieldError(expected) from None


def happened(moment: datetime, at: datetime, column: str) -> None:
    """Refuse what cannot have happened by `at`, and the zeros of clocks."""
    if not EARLIEST <= moment <= at + AHEAD:
        raise FieldError(f"a time from {EARLIEST.year} until now", column)


def word(known: Collection[str], also: Mapping[str, str]) -> Callable[[str], str]:
    """Return a parser for one of the known words, however it is written; `also` maps what others call them.

    The keys of `also` are in lower case and without spaces and marks.
    """
    meanings = {**{plain(name): name for name in known}, **also}

    def parse(text: str) -> str:
        try:
            return meanings[plain(text)]
        except KeyError:
            raise FieldError(f"one of {', '.join(known)}") from None

    return parse


def plain(text: str) -> str:
    """Return the letters and digits of a text in lower case."""
    return "".join(character for character in text.casefold() if character.isalnum())


def survey(text: str) -> str:
    """Return the name of a survey, of which a key can be made."""
    name = text_up_to(60)(text)
    if not slugify(name):
        raise FieldError("a survey's name, with letters from A to Z or digits in it")
    return name


def score(text: str) -> int:
    """Return a recommendation of 0 to 10."""
    try:
        return _SCORES[text]
    except KeyError:
        raise FieldError("a whole number from 0 to 10") from None


@lru_cache(maxsize=4096)
def amount(text: str) -> Decimal:
    """Return a sum of money, rounded half to even to two decimals."""
    if not _AMOUNT.fullmatch(text):
        raise FieldError("a number such as 1234.50, with a point and without separators of thousands")
    return Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


@lru_cache(maxsize=1024)
def zone(text: str) -> str:
    """Return the IANA name of a time zone."""
    try:
        return _zones()[text.casefold()]
    except KeyError:
        raise FieldError("an IANA time zone such as Europe/Berlin") from None


@cache
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


@lru_cache(maxsize=1024)
def language(text: str) -> str:
    """Return a language, with a region where there is one: en, de-AT."""
    match = _LANGUAGE.fullmatch(text)
    if not match:
        raise FieldError("a language code such as en or de-AT")
    main, region = match.groups()
    return f"{main.lower()}-{region.upper()}" if region else main.lower()


@lru_cache(maxsize=1024)
def country(text: str) -> str:
    """Return two capital letters of ISO 3166-1."""
    if not _COUNTRY.fullmatch(text):
        raise FieldError("two letters of ISO 3166, such as DE")
    letters = text.upper()
    return "GB" if letters == "UK" else letters


def email(text: str) -> str:
    """Return the normalised address, which must not be one that nobody reads, such as noreply@..."""
    try:
        address = normalise_email(text)
    except IdentityError as error:
        raise FieldError(_expected(error), "email") from None
    if is_junk_email(address):
        raise FieldError("the customer's own email address; leave it empty where there is none", "email")
    return address


def phone(text: str, region: str) -> str:
    """Return the number in E.164; `region` is used where it is written without country code."""
    try:
        number = normalise_phone(text, region)
    except IdentityError as error:
        raise FieldError(_expected(error), "phone") from None
    if is_junk_phone(number):
        raise FieldError("the customer's own phone number; leave it empty where there is none", "phone")
    return number


def _expected(error: IdentityError) -> str:
    return str(error).removeprefix("expected ")
