"""Numbers that are taken without asking the library: never one that it would refuse or write otherwise."""

import random

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType, ValidationResult

from contacts.identity import normalise_phone
from contacts.plain_numbers import is_plain

DICE = random.Random(7)  # noqa: S311 - for tests
CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


def as_the_library_has_it(text: str) -> str:
    """Return E.164 as the library makes it, empty where the number cannot be or is a short one."""
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return ""
    possible = phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    if not possible or phonenumbers.is_valid_short_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def test_whatever_is_plain_the_library_has_as_it_is() -> None:
    numbers = [f"+{DICE.choice(CODES)}{DICE.randrange(10**6, 10 ** DICE.randint(7, 12))}" for _ in range(3000)]
    plain = [text for text in numbers if is_plain(text)]
    assert len(plain) > 500
    assert [text for text in plain if as_the_library_has_it(text) != text] == []


def test_most_mobile_numbers_are_plain() -> None:
    examples = [
        phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE) for region in ("GB", "DE", "US", "FR")
    ]
    texts = [phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) for number in examples if number]
    assert [is_plain(text) for text in texts] == [True] * 4


@pytest.mark.parametrize(
    "text", ["", "+", "+44", "07700900123", "+44 7700 900123", "+4407700900123", "+390612345678", "+999123456789"]
)
def test_what_is_written_otherwise_or_is_doubtful_is_left_to_the_library(text: str) -> None:
    assert not is_plain(text)


def test_a_plain_number_is_kept_as_it_is() -> None:
    assert normalise_phone("+447700900123", "DE") == "+447700900123"
