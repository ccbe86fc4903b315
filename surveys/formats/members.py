"""The members of one JSON object, each taken with the type that it must have; what is wrong is said with its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from surveys.formats.document import FormatError


class Members:
    """An object of a JSON document and where it stands, such as `questions[2].details`."""

    def __init__(self, value: object, place: str, known: Collection[str] | None = None) -> None:
        """Raise FormatError where the value is no object or, with `known`, has members of other names."""
        if not isinstance(value, dict):
            raise FormatError("an object {…} should stand here.", place)
        if known is not None and (strange := sorted(set(value) - set(known))):
            raise FormatError(f"there is no “{strange[0][:60]}” here; known are {', '.join(known)}.", place)
        self.all: Mapping[str, Any] = value
        self._place = place

    def place(self, name: str) -> str:
        """Return where a member stands."""
        return f"{self._place}.{name}" if self._place else name

    def text(self, name: str, default: str | None = None, *, longest: int) -> str:
        """Return a text; without a default it must be there and not be empty."""
        value = self.all.get(name, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise FormatError("a text in quotes should stand here.", self.place(name))
        if len(value) > longest:
            raise FormatError(f"this has {len(value)} characters and may have {longest}.", self.place(name))
        return value

    def flag(self, name: str) -> bool:
        """Return true or false; false where it is not there."""
        value = self.all.get(name, False)
        if not isinstance(value, bool):
            raise FormatError("true or false should stand here.", self.place(name))
        return value

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """Return a whole number within bounds."""
        value = self.all.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise FormatError(f"a whole number from {least} to {most} should stand here.", self.place(name))
        return value

    def items(self, name: str, most: int) -> Iterator[tuple[str, object]]:
        """Yield place and value of everything in a list; nothing where it is not there."""
        value = self.all.get(name, [])
        if not isinstance(value, list):
            raise FormatError("a list […] should stand here.", self.place(name))
        if len(value) > most:
            raise FormatError(f"there may be {most} here at most; these are {len(value)}.", self.place(name))
        yield from ((f"{self.place(name)}[{number}]", item) for number, item in enumerate(value))

    def one_of(self, name: str, allowed: Collection[str], default: str | None = None) -> str:
        """Return one of the words that are allowed."""
        value = self.all.get(name, default)
        if not isinstance(value, str) or value not in allowed:
            raise FormatError(f"one of these should stand here: {', '.join(allowed)}.", self.place(name))
        return value
