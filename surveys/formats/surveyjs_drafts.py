"""What is known of one SurveyJS element while it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from surveys.formats.document import Item, Note
from surveys.formats.surveyjs_texts import Languages
from surveys.questions.details import DetailsError, read_details
from surveys.questions.keys import Keys
from surveys.questions.kinds import Kind
from surveys.questions.spec import Spec

Members = Mapping[str, Any]


@dataclass(slots=True)
class Draft:
    """A question on its way: its kind, settings as JSON, words by field and language, values -> keys of options.

    `read`: which members of the element were understood.
    """

    kind: Kind
    details: dict[str, Any] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)
    read: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reading:
    """One element being read: its members, where it stands, and where notes about it go."""

    element: Members
    place: str
    languages: Languages
    notes: list[Note]

    def note(self, what: str, why: str) -> None:
        """Note what is not carried over."""
        self.notes.append(Note(self.place, what, why))

    def texts(self, name: str) -> dict[str, str]:
        """Return a member as language -> text."""
        return self.languages.read(self.element.get(name), f"{self.place}, {name}")

    def number(self, name: str) -> Decimal | None:
        """Return a member as a number; None, with a note, for what is none."""
        value = self.element.get(name)
        if value in (None, ""):
            return None
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if isinstance(value, bool) or not number.is_finite():
            self.note(f"{name} “{str(value)[:40]}”", "It is no number.")
            return None
        return number


def item(draft: Draft, key: str, reading: Reading) -> Item | None:
    """Return the question with its words; None, with a note, where its settings do not fit."""
    element = reading.element
    try:
        details = read_details(
            draft.kind,
            {name: value for name, value in draft.details.items() if value is not None and value is not False},
        )
    except DetailsError as error:
        reading.note("the question is left out", str(error))
        return None
    title = reading.texts("title") or {reading.languages.main: str(element.get("name", ""))}
    words = {"text": title, "help": reading.texts("description")} | draft.words
    required = bool(element.get("isRequired")) and draft.kind != Kind.STATEMENT
    found = Item(Spec(key=key, kind=draft.kind, details=details, required=required))
    by_language: dict[str, dict[str, str]] = {}
    for name in found.fields:
        for language, text in words.get(name, {}).items():
            by_language.setdefault(language, {})[name] = text
    return Item(found.spec, by_language)


def options(
    reading: Reading, given: object, prefix: str
) -> tuple[list[str], dict[str, dict[str, str]], dict[str, str]]:
    """Keys, words by field, and their values -> our keys."""
    keys, order, words, values = Keys(), list[str](), dict[str, dict[str, str]](), dict[str, str]()
    for option in given if isinstance(given, list) else []:
        value = option.get("value") if isinstance(option, dict) else option
        if isinstance(value, dict | list) or value in (None, ""):
            reading.note("an option without a value", "It is left out.")
            continue
        if isinstance(option, dict) and (strange := sorted(set(option) - {"value", "text"})):
            reading.note(f"of the option “{value}”: {', '.join(strange)}", "Options here have a text and nothing else.")
        written = str(value).lower() if isinstance(value, bool) else str(value)
        key = keys.give(written, "option")
        text = option.get("text") if isinstance(option, dict) else None
        said = reading.languages.read(text, reading.place) or {reading.languages.main: written}
        order.append(key)
        words[f"{prefix}{key}"], values[written] = said, key
    return order, words, values
