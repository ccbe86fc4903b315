"""Kinds of phone lines: told as the library tells them, without asking it."""

import random

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from contacts.lines import Line, line_of
from contacts.sharing import unfit_line

DICE = random.Random(7)  # noqa: S311 - for tests
KINDS = {
    PhoneNumberType.FIXED_LINE: Line.LANDLINE,
    PhoneNumberType.PREMIUM_RATE: Line.PREMIUM,
    PhoneNumberType.TOLL_FREE: Line.FREE,
    PhoneNumberType.SHARED_COST: Line.SHARED_COST,
    PhoneNumberType.UAN: Line.COMPANY,
    PhoneNumberType.VOICEMAIL: Line.VOICEMAIL,
}


def examples() -> list[str]:
    """Return a number of every kind that every country has, and others that differ in the last digits."""
    found = [
        phonenumbers.example_number_for_type(region, kind)
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        for kind in PhoneNumberType.values()
    ]
    found += map(phonenumbers.example_number_for_non_geo_entity, sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS))
    texts = [phonenumbers.format_number(number, PhoneNumberFormat.E164) for number in found if number]
    return texts + [f"{text[:-4]}{DICE.randrange(10**4):04}" for text in texts if len(text) > 9]


def test_a_line_is_what_the_library_says_that_it_is() -> None:
    known = {text: phonenumbers.number_type(phonenumbers.parse(text)) for text in examples()}
    valid = {text: KINDS.get(kind) for text, kind in known.items() if kind != PhoneNumberType.UNKNOWN}
    assert len(valid) > 2000
    assert set(valid.values()) == {None, *Line}
    assert {text: line_of(text) for text in valid} == valid


@pytest.mark.parametrize(
    ("number", "sms", "phone"),
    [
        ("+442079460018", Line.LANDLINE, None),
        ("+493023125000", Line.LANDLINE, None),
        ("+449098790000", Line.PREMIUM, Line.PREMIUM),
        ("+19002345678", Line.PREMIUM, Line.PREMIUM),
        ("+448001111111", Line.FREE, None),
        ("+491803123456", Line.SHARED_COST, None),
        ("+447700900123", None, None),
        ("+12125550123", None, None),  # a landline or a mobile: in North America nobody can tell
        ("+445631234567", None, None),  # over the internet
        ("+447012345678", None, None),  # a personal number
        ("+999123456789", None, None),
        ("ada@example.com", None, None),
        ("", None, None),
    ],
)
def test_what_a_number_does_not_take(number: str, sms: Line | None, phone: Line | None) -> None:
    assert [unfit_line(number, channel) for channel in ("sms", "phone", "email")] == [sms, phone, None]
