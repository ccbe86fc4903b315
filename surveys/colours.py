"""A brand's colour on the customers' pages: which can be read, and what becomes of it by day and by night. Pure.

Contrast by WCAG 2.2: text at least 4.5 to 1 against what is behind it (1.4.3), parts of controls 3 to 1 (1.4.11). No
colour has 4.5 against both white and the dark sheet, so the chosen one holds by day, and the night's is made from it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

Rgb: TypeAlias = tuple[int, int, int]

HEX = re.compile(r"#[0-9a-fA-F]{6}")
TEXT_CONTRAST = 4.5
LIGHT_GROUNDS: Sequence[Rgb] = ((255, 255, 255), (245, 243, 239), (232, 239, 246))
DARK_GROUNDS: Sequence[Rgb] = ((27, 33, 42), (18, 22, 28), (34, 48, 63))
"""What links and buttons stand on: the sheet, the paper around it, a box (`page.css`)."""
WHITE, DARK_INK = (255, 255, 255), (13, 26, 39)
STEPS = 256


@dataclass(frozen=True, slots=True)
class Pair:
    """A colour for links and buttons, and that of the text on it: `#rrggbb` each."""

    lead: str
    on_lead: str


@dataclass(frozen=True, slots=True)
class Shades:
    """What the pages make of a brand's colour by day and by night."""

    day: Pair
    night: Pair


HOUSE = Shades(day=Pair("#1f4e79", "#ffffff"), night=Pair("#9cc9f2", "#0d1a27"))
"""Those of a brand that chose none (`page.css`)."""


def read_colour(text: str) -> Rgb:
    """Return red, green and blue from 0 to 255 of `#rrggbb`. Raises ValueError that says what was expected."""
    if not HEX.fullmatch(text):
        raise ValueError("Write the colour as # and six digits, such as #1f4e79.")
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def write_colour(colour: Rgb) -> str:
    """Return a colour as `#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def luminance(colour: Rgb) -> float:
    """Return the relative luminance from 0 to 1, as WCAG 2.2 defines it for sRGB."""
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast ratio of two colours, from 1 to 21, as WCAG 2.2 defines it."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def can_be_read(colour: Rgb, grounds: Sequence[Rgb] = LIGHT_GROUNDS) -> bool:
    """Whether text of this colour can be read wherever the pages put it, and so be seen as a button too."""
    return all(contrast(colour, ground) >= TEXT_CONTRAST for ground in grounds)


def nearest_readable(colour: Rgb) -> Rgb:
    """Return the colour itself or, of its darker shades, the first that can be read by day."""
    return _first(colour, _darker, LIGHT_GROUNDS)


@lru_cache(maxsize=256)
def shades(text: str) -> Shades:
    """Return what the pages make of a brand's colour, which can be read by day. Raises ValueError for no colour."""
    colour = read_colour(text)
    return Shades(_pair(colour), _pair(_first(colour, _lighter, DARK_GROUNDS)))


def _pair(colour: Rgb) -> Pair:
    on_it = max((WHITE, DARK_INK), key=lambda ink: contrast(ink, colour))
    return Pair(write_colour(colour), write_colour(on_it))


def _first(colour: Rgb, shade: Callable[[Rgb, float], Rgb], grounds: Sequence[Rgb]) -> Rgb:
    """The shade that is nearest to the colour of those that can be read; the last, black or white, always can."""
    candidates = (shade(colour, step / STEPS) for step in range(STEPS + 1))
    return next(candidate for candidate in candidates if can_be_read(candidate, grounds))


def _darker(colour: Rgb, share: float) -> Rgb:
    red, green, blue = (round(part * (1 - share)) for part in colour)
    return red, green, blue


def _lighter(colour: Rgb, share: float) -> Rgb:
    red, green, blue = (round(part + (255 - part) * share) for part in colour)
    return red, green, blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
