"""A whole survey version as plain data: what every format is written from and read into."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from surveys.questions.spec import Spec
from surveys.texts import VERSION_FIELDS, question_fields

Texts: TypeAlias = Mapping[str, Mapping[str, str]]
"""Language -> field (`surveys.models.Translation`) -> text; empty texts are left out."""
MOST_QUESTIONS, MOST_LANGUAGES, LONGEST_TEXT = 300, 40, 10_000
LONGEST_NAME, LONGEST_SLUG, LONGEST_TAG = 120, 60, 12


class FormatError(ValueError):
    """A file that cannot be read; the text says where and what to do. Nothing of it is used."""

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(f"{place}: {message}" if place else message)


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that a format cannot carry over, or only changed: where it is, what it is, and why or how."""

    place: str
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}. {self.why}"


@dataclass(frozen=True, slots=True)
class Item:
    """A question with its words in every language, and what it is tagged with."""

    spec: Spec
    words: Texts = field(default_factory=dict)
    aspect: str = ""
    compass: str = ""

    def text(self, field: str, language: str) -> str:
        """Return one of its texts; empty where it is not written."""
        return self.words.get(language, {}).get(field, "")

    @property
    def fields(self) -> list[str]:
        """Names of the fields that hold its words."""
        return question_fields(self.spec)


@dataclass(frozen=True, slots=True)
class Document:
    """A survey version: the survey's own settings, the words around the questions, and the questions in order.

    `language`: the one that the others are translated from. `change_for`: seconds.
    """

    slug: str
    name: str
    language: str
    items: tuple[Item, ...]
    words: Texts = field(default_factory=dict)
    occasion: str = "transactional"
    change_for: int = 24 * 60 * 60
    review_url: str = ""
    modules_asked: int = 1
    hidden_fields: tuple[str, ...] = ()

    @property
    def specs(self) -> list[Spec]:
        """The questions as the rules know them."""
        return [item.spec for item in self.items]

    @property
    def languages(self) -> list[str]:
        """Every language in which something is written, the one translated from first."""
        used = {language for texts in (self.words, *(item.words for item in self.items)) for language in texts}
        return [self.language, *sorted(used - {self.language})]

    def text(self, field: str, language: str) -> str:
        """Return one of the texts around the questions; empty where it is not written."""
        return self.words.get(language, {}).get(field, "")


@dataclass(frozen=True, slots=True)
class Read:
    """What a file was read as, and what of it was not carried over."""

    document: Document
    notes: Sequence[Note] = ()


@dataclass(frozen=True, slots=True)
class Exported:
    """A version as a file of a format, and what of it that format cannot hold."""

    content: bytes
    notes: Sequence[Note] = ()


def written_only(texts: Texts) -> dict[str, dict[str, str]]:
    """Return the texts without empty ones, and without languages that have none."""
    filled = {tag: {name: text for name, text in fields.items() if text} for tag, fields in texts.items()}
    return {tag: fields for tag, fields in filled.items() if fields}


def not_carried(document: Document, carried: Sequence[str] = ("title",)) -> list[Note]:
    """Return what no other tool's format holds: the words of messages, modules, facts, tags, hidden fields.

    `carried`: which of the version's words the format does hold.
    """
    lost = [name for name in VERSION_FIELDS if name not in carried and any(name in t for t in document.words.values())]
    found = (
        [Note("Survey", ", ".join(lost).replace("_", " "), "The format has no place for these texts.")] if lost else []
    )
    if document.hidden_fields:
        found.append(Note("Survey", "hidden fields", "The format does not know our touchpoints."))
    for item in document.items:
        spec, place = item.spec, f"“{item.spec.key}”"
        if spec.module:
            found.append(Note(place, f"rotating module “{spec.module}”", "There everybody is asked it."))
        if spec.fact:
            found.append(
                Note(place, f"known fact “{spec.fact}”", "There it is also asked of those about whom it is known.")
            )
        if item.aspect or item.compass:
            found.append(Note(place, "what it is about", "The format has no such tags."))
    return found
