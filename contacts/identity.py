"""Addresses in one way of writing, so that the same address is found again however it was typed."""

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from contacts.plain_numbers import is_plain

LONGEST_EMAIL = 254
"""Octets of a mailbox in an SMTP path: RFC 5321, 4.5.3.1.3, less its two brackets."""
#: Taken out of its lazy wrapping once, which costs as much as to match.
_matches = validate_email.user_regex.match


class IdentityError(ValueError):
    """An address that cannot be used; the text says what was expected."""


def normalise_email(text: str) -> str:
    """The email address in lower case, without spaces around it, its domain in ASCII (IDNA).

    Plus tags and dots stay: only the receiving host knows whether they matter.
    Raises IdentityError for anything that is not one plain address.
    """
    address = unicodedata.normalize("NFC", text).strip().lower()
    mailbox, at_sign, domain = address.rpartition("@")
    try:
        address = f"{_mailbox(mailbox)}{at_sign}{_domain(domain)}"
    except (UnicodeError, ValidationError) as error:
        raise IdentityError('expected one email address like "ana@example.com"') from error
    if len(address.encode()) > LONGEST_EMAIL:
        raise IdentityError(f"expected an email address of at most {LONGEST_EMAIL} characters")
    return address


def _mailbox(name: str) -> str:
    """What stands before the sign. Raises ValidationError."""
    if not _matches(name):
        raise ValidationError(validate_email.message)
    return name


@lru_cache(maxsize=4096)
def _domain(domain: str) -> str:
    """The domain of addresses in ASCII; many customers share a few. Raises ValidationError or UnicodeError."""
    in_ascii = domain.encode("idna").decode()
    validate_email(f"a@{in_ascii}")
    return in_ascii


def normalise_phone(text: str, region: str = "") -> str:
    """The phone number in E.164 (`+4930123456`); `region` (ISO 3166) is where numbers without country code belong.

    A number of a possible length is taken: whether it is in use only a call can tell.
    Raises IdentityError for anything else, also for an extension, which an SMS could not reach.
    """
    if is_plain(text):
        return text
    expected = "expected a phone number" + ("" if region else " with its country code") + ' like "+49 30 1234567"'
    if re.search(r"[^\W\d_]", text):
        raise IdentityError(f"{expected}, in digits and without an extension")
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException as error:
        raise IdentityError(expected) from error
    # Neither a number that is only dialled within its town, nor an emergency or service number.
    possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    if not possible or phonenumbers.is_valid_short_number(number):
        raise IdentityError(f"{expected}; this one has too few or too many digits")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
