"""The body of an email, written once for all customers whose messages differ in nothing but their facts.

A mold is the body with a mark in the place of each fact. Rendering it takes a hundred times as long as filling it.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils.text import normalize_newlines

from contacts.models import Brand
from surveys.colours import Shades
from surveys.fields import SCALES, filled
from surveys.looks import shades_of
from surveys.models import Question
from surveys.page_words import page_words
from surveys.phrases import phrases
from surveys.questions.spec import paged
from surveys.speaking import direction
from surveys.texts import FACTS, Facts, QuestionWords, Words, fill

MARK = re.compile("\0([a-z]+)\0")
"""With a character that no text of ours can hold. What fills a mold is never searched for marks."""
MOLDS = 512
"""Kept in memory, of two or three dozen kilobytes each at most."""


class Body(NamedTuple):
    """An email's text and the same in HTML."""

    text: str
    html: str


class Mold(NamedTuple):
    """A body cut at its marks: what is fixed and the name of a fact take turns."""

    text: tuple[str, ...]
    html: tuple[str, ...]


def body(words: Words, brand: Brand, known: Facts) -> Body:
    """The body of an email in these words and the brand's colour, with what is known about the customer put in.

    Needs the brand with its look, and then no statement.
    """
    values = {name: getattr(known, name) for name in FACTS}
    told = tuple(name for name in FACTS if values[name])
    mold = _mold(words, brand.name, brand.legal_lines, shades_of(brand), told)
    return Body(cast(mold.text, values), cast(mold.html, {name: escape(values[name]) for name in told}))


@lru_cache(MOLDS)
def _mold(words: Words, brand: str, legal_lines: str, shades: Shades, told: tuple[str, ...]) -> Mold:
    """The mold for customers about whom the same facts are told; an empty fact takes the space before it away."""
    marked = Facts(**dict.fromkeys(FACTS, "") | {name: f"\0{name}\0" for name in told})
    first = _first(words)
    question, scores = filled(first, marked), _scores(first, words.language)
    context = {
        "language": words.language,
        "direction": direction(words.language),
        "phrases": phrases(words.language),
        "brand": {"name": brand, "legal_lines": legal_lines},
        "shades": shades,
        "paragraphs": fill(normalize_newlines(words.message), marked).strip().split("\n\n"),
        "question": question,
        "scores": [(label, f"{marked.link}?{question.key}={value}") for value, label in scores.items()],
        "ends": _ends(question, list(scores.values())),
        "link": marked.link,
    }
    text, html = (render_to_string(f"surveys/mail.{kind}", context) for kind in ("txt", "html"))
    return Mold(tuple(MARK.split(text)), tuple(MARK.split(html)))


def cast(parts: Sequence[str], values: Mapping[str, str]) -> str:
    """Return what a mold that is cut at its marks makes of these values."""
    return "".join(values[part] if n % 2 else part for n, part in enumerate(parts))


def _first(words: Words) -> QuestionWords:
    """The first question that the page asks; where the first page asks nothing, what it tells."""
    page = paged(words.questions)[0]
    return next((question for question in page if question.asks), page[0])


def _scores(question: QuestionWords, language: str) -> dict[str, str]:
    """What can be answered with one tap in the message: value -> what is shown for it.

    Nothing where not every customer is asked it, or where it is no scale.
    """
    if question.fact or question.module:
        return {}
    words = page_words(language)
    if question.kind == Question.Kind.YES_NO:
        return {"1": words.yes, "0": words.no}
    star = " ★" if question.kind == Question.Kind.STARS else ""
    return {str(number): f"{number}{star}" for number in question.scale or ()} if question.kind in SCALES else {}


def _ends(question: QuestionWords, labels: Sequence[str]) -> list[tuple[str, str]]:
    """The first and the last score with what they mean, where that is written."""
    meant = (question.low, question.high)
    return list(zip((labels[0], labels[-1]), meant, strict=True)) if labels and all(meant) else []
