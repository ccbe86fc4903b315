"""What kind of line a phone number is, by what the library knows of its country.

The library tells it in a twentieth of a millisecond, mostly to try one pattern after the other: here all patterns of a
country code are one.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata


class Line(StrEnum):
    """A kind of line that does not take every channel, as it is called after the words "this number is"."""

    LANDLINE = "a landline"
    PREMIUM = "a premium-rate number"
    FREE = "a freephone number"
    SHARED_COST = "a shared-cost number"
    COMPANY = "a company's number for all its offices"
    VOICEMAIL = "a voicemail number"


KINDS: tuple[tuple[str, Line | None], ...] = (
    ("premium_rate", Line.PREMIUM),
    ("toll_free", Line.FREE),
    ("shared_cost", Line.SHARED_COST),
    ("voip", None),
    ("personal_number", None),
    ("pager", None),
    ("uan", Line.COMPANY),
    ("voicemail", Line.VOICEMAIL),
    ("mobile", None),
    ("fixed_line", Line.LANDLINE),
)
"""The library's names, in the order in which it tries them; but that what may be mobile goes before what is fixed."""
_CODES = "|".join(map(str, phonenumbers.COUNTRY_CODE_TO_REGION_CODE))
_NUMBER = re.compile(rf"\+({_CODES})(\d+)")
"""No country code is the beginning of another."""


class _Country(NamedTuple):
    """Of a country code: one pattern for the rest of a number, and what each of its groups stands for."""

    pattern: re.Pattern[str]
    lines: tuple[Line | None, ...]


def line_of(number: str) -> Line | None:
    """The kind of line of a number in E.164; None where it takes everything, or nobody knows."""
    known = _NUMBER.fullmatch(number)
    if not known:
        return None
    country = _country(known[1])
    found = country.pattern.fullmatch(known[2])
    return country.lines[found.lastindex - 1] if found and found.lastindex else None


@cache
def _country(code: str) -> _Country:
    groups = [group for region in _regions(code) for group in _groups(region)]
    return _Country(re.compile("|".join(pattern for pattern, _ in groups)), tuple(line for _, line in groups))


def _regions(code: str) -> list[PhoneMetadata]:
    names = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(code)]
    about = (PhoneMetadata.metadata_for_region_or_calling_code(int(code), name) for name in names)
    return [region for region in about if region]


def _groups(region: PhoneMetadata) -> Iterator[tuple[str, Line | None]]:
    """A pattern with one group for each kind of line of a region."""
    begins = f"(?={region.leading_digits})" if region.leading_digits else ""
    for name, line in KINDS:
        about = getattr(region, name)
        if about and about.national_number_pattern:
            yield f"{begins}({about.national_number_pattern})", line
