"""The placeholders of texts: which are ours, which a translation lost, and what stands in braces and is none."""

import re
from collections.abc import Iterable, Iterator

from surveys.formats.document import Document, Item, Note
from surveys.texts import PLACEHOLDER

BRACES = re.compile(r"\$?\{\s*([^{}\n]{1,80}?)\s*\}")


def known(text: str) -> set[str]:
    """Return the placeholders of ours that a text has."""
    return {found[2] for found in PLACEHOLDER.finditer(text)}


def unknown(text: str) -> list[str]:
    """Return what stands in braces in a text and is no placeholder of ours, as it stands there."""
    return [found[0] for found in BRACES.finditer(text) if not PLACEHOLDER.fullmatch(found[0])]


def repeated_answers(items: Iterable[Item]) -> list[Note]:
    """Return a note about everything in braces in what is imported that was to stand for an answer."""
    found = ((item.spec.key, text) for item in items for texts in item.words.values() for text in texts.values())
    names = sorted({(key, name) for key, text in found for name in unknown(text)})
    return [
        Note(f"“{key}”", name, "Texts here cannot repeat an answer; it stands there as it is.") for key, name in names
    ]


def left_as_they_are(document: Document) -> list[Note]:
    """Return a note about the placeholders in what is exported, which other tools do not fill."""
    found = sorted({name for text in _texts(document) for name in known(text)})
    if not found:
        return []
    names = ", ".join(f"{{{name}}}" for name in found)
    return [Note("Texts", f"placeholders {names}", "They stay in the texts as they are; other tools do not fill them.")]


def _texts(document: Document) -> Iterator[str]:
    for language in document.languages:
        yield document.text("title", language)
        for item in document.items:
            yield from item.words.get(language, {}).values()
