"""What names or reaches a person is taken out of a comment before anything learns from it."""

import re
import string
from collections.abc import Iterable

NUMBER_DIGITS = 7
"""A figure of so many digits is masked whatever it is: an order, a meter or a phone number leads to a person."""

_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w@])@\w{2,}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}\b", re.IGNORECASE)
_FIGURE = re.compile(r"\+?\d(?:[ /().-]{0,2}\d)*")
_CARD_DIGITS = range(13, 20)
_PLACEHOLDER = re.compile(r"\[[a-z]+\]")


def mask(text: str, *, names: Iterable[str] = (), region: str | None = None) -> str:
    """Return the text with [email], [link], [iban], [card], [phone], [number] and [name] in place of personal data.

    `names`: what the customer is called, as it is known; whole names and each part of two letters or more are masked
    in any case. `region` (ISO 3166) says how phone numbers without a country are read. Masking twice changes nothing:
    what only stands out once its neighbour is masked, as the second of `@ada@bob`, is masked too.
    """
    names = list(names)
    while (masked := _mask_once(text, names, region)) != text:
        text = masked
    return text


def _mask_once(text: str, names: Iterable[str], region: str | None) -> str:
    for pattern, placeholder in ((_EMAIL, "[email]"), (_ADDRESS, "[link]"), (_HANDLE, "[name]")):
        text = pattern.sub(placeholder, text)
    text = _IBAN.sub(lambda found: "[iban]" if _is_iban(found[0]) else found[0], text)
    text = _FIGURE.sub(lambda found: _card_or_same(found[0]), text)
    text = _mask_phones(text, region)
    text = _FIGURE.sub(lambda found: "[number]" if _digits(found[0]) >= NUMBER_DIGITS else found[0], text)
    return _mask_names(text, names)


def _digits(figure: str) -> int:
    return sum(character.isdecimal() for character in figure)


def _card_or_same(figure: str) -> str:
    return "[card]" if _digits(figure) in _CARD_DIGITS and not figure.startswith("+") and _is_card(figure) else figure


def _is_card(figure: str) -> bool:
    """Whether the check digit is right (ISO/IEC 7812-1, Annex B: the formula of Luhn)."""
    digits = [int(character) for character in figure if character.isdecimal()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_iban(written: str) -> bool:
    """Whether the check digits are right (ISO 13616, by ISO 7064 MOD 97-10)."""
    plain = written.replace(" ", "").upper()
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


def _mask_phones(text: str, region: str | None) -> str:
    from phonenumbers import PhoneNumberMatcher

    if sum(map(text.count, string.digits)) < NUMBER_DIGITS:
        return text
    for match in reversed(list(PhoneNumberMatcher(text, region))):
        text = f"{text[: match.start]}[phone]{text[match.end :]}"
    return text


def _mask_names(text: str, names: Iterable[str]) -> str:
    """Mask the longest first, so that a whole name is one placeholder; what is one already stays."""
    parts = {part for name in names for part in (name.strip(), *name.split()) if len(part) > 1}
    if not parts:
        return text
    known = "|".join(re.escape(part) for part in sorted(parts, key=len, reverse=True))
    pattern = re.compile(rf"{_PLACEHOLDER.pattern}|(?<!\w)(?:{known})(?!\w)", re.IGNORECASE)
    return pattern.sub(lambda found: found[0] if _PLACEHOLDER.fullmatch(found[0]) else "[name]", text)
