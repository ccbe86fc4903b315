"""An SMS: how much of it a text takes, what that costs, and the rule by which a text is shortened until it fits.

A text in the GSM-7 alphabet (3GPP TS 23.038) takes one message of 160 septets or several of 153; any other is UCS-2, 70
characters or several times 67. `smsutil` knows the alphabet and counts.
"""

import unicodedata
from dataclasses import asdict, replace
from decimal import Decimal
from textwrap import shorten

from django.utils.text import normalize_newlines
from smsutil import gsm_split, unicode_split
from smsutil.codecs import GSM_BASIC_CHARSET, GSM_EXT_CHARSET

from surveys.texts import Facts, fill

LIMIT = 160
"""Septets in one message; we stay under it."""
SHORT_BRAND = 15
SHORTEST = "{brand}, {seconds} s: {link}"

BASIC = frozenset(GSM_BASIC_CHARSET) - {"\x1b"}
EXTENDED = frozenset(GSM_EXT_CHARSET) - {"\f"}
"""Each takes two septets. (Escape and form feed are in the alphabet, but no characters of a text.)"""
LOOKALIKES = str.maketrans("“”„’‘´`–—•łŁđĐı", "\"\"\"''''---lLdDi") | {ord("œ"): "oe", ord("Œ"): "OE"}  # noqa: RUF001


def septets(text: str) -> int:
    """Return how much of a message a GSM-7 text takes."""
    return len(text) + sum(character in EXTENDED for character in text)


def is_gsm(text: str) -> bool:
    """Whether the text can be written in GSM-7."""
    return not set(text) - BASIC - EXTENDED


def segments(text: str) -> int:
    """Return how many messages the text is sent as, each of which is paid for."""
    split = gsm_split if text and is_gsm(text) else unicode_split  # the library takes no empty text for GSM-7
    return len(split(text).parts)


def cost(count: int, price: Decimal | None, currency: str) -> str:
    """Return in words how many messages these are, and what they cost where a price for one is known."""
    many = f"{count} message{'' if count == 1 else 's'}"
    return many if price is None else f"{many}, {price * count:f} {currency}".rstrip()


def size(text: str, price: Decimal | None, currency: str) -> str:
    """Return in words how long a text is, how it is written, as how many messages it is sent, and what they cost."""
    encoding = "GSM-7" if is_gsm(text) else "UCS-2"
    return f"{len(text)} characters in {encoding}, {cost(segments(text), price, currency)}"


def gsm(text: str) -> str:
    """Return the text in GSM-7: accents that it lacks are dropped, and what it cannot write at all is left out."""
    written = (_gsm_character(character) for character in unicodedata.normalize("NFC", text).translate(LOOKALIKES))
    return " ".join("".join(written).split())


def fit(text: str, facts: Facts, *, brand_slug: str) -> str:
    """Fill an SMS text so that it stays under 160 septets.

    What goes first, until it fits: the day, then all but the first words of the brand, then every word but the
    brand, the seconds and the link. A brand without a single GSM-7 character stands as its slug. A text in another
    script takes as many messages as it needs.
    """
    text = normalize_newlines(text)
    if not is_gsm(text):
        return fill(text, facts)
    written = {name: gsm(value) for name, value in asdict(facts).items()}
    full = Facts(**written | {"brand": written["brand"] or brand_slug})
    dayless = replace(full, visit=full.experience)
    short = replace(dayless, brand=shorten(full.brand, SHORT_BRAND, placeholder="") or full.brand[:SHORT_BRAND])
    candidates = (fill(text, full), fill(text, dayless), fill(text, short), fill(SHORTEST, short))
    return next((sms for sms in candidates if septets(sms) < LIMIT), candidates[-1])


def _gsm_character(character: str) -> str:
    if character in BASIC or character in EXTENDED:
        return character
    return "".join(part for part in unicodedata.normalize("NFKD", character) if part in BASIC)
