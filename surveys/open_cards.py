"""A QR code of a link, and the words of the card that hangs at a counter."""

import io
from dataclasses import dataclass

import segno

from surveys.models import OpenLink, SurveyVersion
from surveys.open_answers import place_facts
from surveys.open_tokens import open_url
from surveys.open_words import OpenWords, open_words
from surveys.questionnaires import questionnaire
from surveys.speaking import direction, spoken
from surveys.texts import fill

QUIET_ZONE = 4
"""Empty modules around the code (ISO/IEC 18004)."""
PNG_MODULE = 12
"""Pixels of a module: sharp on a card of 10 cm at 300 dots an inch."""
TITLE = "Link to the survey"


@dataclass(frozen=True, slots=True)
class Card:
    """What a card shows."""

    language: str
    direction: str
    title: str
    seconds: str
    words: OpenWords
    qr: str
    address: str


def qr_svg(address: str) -> str:
    """Return the QR code of an address as SVG that stands in a page or in a file of its own."""
    out = io.BytesIO()
    options = {"border": QUIET_ZONE, "dark": "#000", "light": "#fff", "title": TITLE}
    _code(address).save(out, kind="svg", xmldecl=False, omitsize=True, svgclass="qr", lineclass=None, **options)
    return out.getvalue().decode().strip()


def qr_png(address: str) -> bytes:
    """Return the QR code of an address as PNG."""
    out = io.BytesIO()
    _code(address).save(out, kind="png", scale=PNG_MODULE, border=QUIET_ZONE)
    return out.getvalue()


def card(link: OpenLink, version: SurveyVersion, language: str) -> Card:
    """Return the card of a link in a language, else in the brand's."""
    otherwise = link.survey.brand.default_language
    written = questionnaire(version, otherwise).languages
    asked = questionnaire(version, spoken(written, [language], otherwise)).words
    fixed, address = open_words(asked.language), open_url(link)
    return Card(
        language=asked.language,
        direction=direction(asked.language),
        title=fill(asked.title, place_facts(link, version, asked)),
        seconds=fixed.seconds.format(seconds=version.seconds),
        words=fixed,
        qr=qr_svg(address),
        address=address,
    )


def _code(address: str) -> segno.QRCode:
    return segno.make_qr(address, error="m")
