"""A comment in one way of writing, and the words of it."""

import re
import unicodedata

_APOSTROPHES = re.compile(r"['‘’‛`´ʼ＇]")  # noqa: RUF001
_PLACEHOLDER = r"\[[a-z]+\]"
#: A placeholder of `masking.mask`, or letters with the marks that belong to them.
_WORD = re.compile(rf"{_PLACEHOLDER}|[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u0900-\u0dff\u0e31-\u0e4e])*")
_MASKED = re.compile(_PLACEHOLDER)


def normalise(text: str) -> str:
    """Return the text in compatibility form (Unicode NFKC), without case and apostrophes, with single spaces.

    Doing it twice changes nothing. Raises ValueError for what is no text, as an empty place of a column.
    """
    if not isinstance(text, str):
        raise ValueError(f"a comment is a text, not {text!r}: leave out who wrote none")  # noqa: TRY004 - as all others
    folded = text
    while (further := _fold(folded)) != folded:  # folding can leave letters that compose anew
        folded = further
    return folded


def words(text: str) -> list[str]:
    """Return the words of a text, normalised, in their order; neither figures nor what masking put in."""
    return [word for word in _WORD.findall(normalise(text)) if not _MASKED.fullmatch(word)]


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(_APOSTROPHES.sub("", plain).split())
