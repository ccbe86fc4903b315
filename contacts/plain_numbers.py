"""Phone numbers that are written as they are kept (+447700900123), told by what the library knows of their country.

The library itself reads a number in a tenth of a millisecond, mostly to find out how it is written.
"""

import re
from functools import cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata

_PLAIN = re.compile(r"\+[1-9][0-9]{8,14}")


class _Code(NamedTuple):
    """Of a country code: lengths of numbers that can be, and what may stand before one that is dialled at home."""

    lengths: frozenset[int]
    prefix: re.Pattern[str] | None


def is_plain(text: str) -> bool:
    """Whether this is E.164 of a possible number, without a doubt; where it is not, only the library can tell."""
    if not _PLAIN.fullmatch(text):
        return False
    for digits in (1, 2, 3):  # no country code is the beginning of another
        code = _code(int(text[1 : digits + 1]))
        if code:
            rest = text[digits + 1 :]
            doubtful = rest[0] == "0" or (code.prefix and code.prefix.match(rest))
            return len(rest) in code.lengths and not doubtful
    return False


@cache
def _code(number: int) -> _Code | None:
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(number)
    if not regions:
        return None
    about = [PhoneMetadata.metadata_for_region(region) for region in regions]
    main = about[0]
    if main is None or main.general_desc is None:  # codes of no country
        return _Code(frozenset(), None)
    # What may also be a short number (emergency, services) is doubtful.
    short = {length for region in regions for length in _short_lengths(region)}
    lengths = {length for length in main.general_desc.possible_length if length > max(short, default=0)}
    before = main.national_prefix_for_parsing
    return _Code(frozenset(lengths), re.compile(before) if before else None)


def _short_lengths(region: str) -> tuple[int, ...]:
    about = PhoneMetadata.short_metadata_for_region(region)
    return tuple(about.general_desc.possible_length) if about and about.general_desc else ()
