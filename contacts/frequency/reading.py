"""Reading JSON documents with checks: every complaint names the place and what was expected there."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NoReturn, TypeVar

Read = TypeVar("Read")
Default = TypeVar("Default")


class PolicyError(ValueError):
    """A policy document that cannot be read; the text names the place and what was expected."""


class DocumentError(ValueError):
    """A preview document that cannot be read; the text names the place and what was expected."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value in a JSON document, its place (`caps[0].limit`) and the error that a wrong value raises."""

    value: object
    place: str
    error: type[ValueError]

    def fail(self, complaint: str) -> NoReturn:
        raise self.error(f"{self.place or 'document'}: {complaint}")

    def fields(self, required: Collection[str] = (), optional: Collection[str] = ()) -> "Members":
        """The members of an object with these keys; fails for a missing or an unknown one."""
        members = self.members()
        for key in members:
            if key not in required and key not in optional:
                members[key].fail(f"unknown key; expected {', '.join([*required, *optional])}")
        for key in required:
            if key not in members:
                self.fail(f'"{key}" is missing')
        return members

    def members(self) -> "Members":
        """The members of an object with any keys."""
        if not isinstance(self.value, Mapping):
            self.fail(f"expected an object, not {shown(self.value)}")
        prefix = f"{self.place}." if self.place else ""
        return Members((str(key), Node(value, f"{prefix}{key}", self.error)) for key, value in self.value.items())

    def items(self) -> list["Node"]:
        """The elements of a list."""
        if not isinstance(self.value, list | tuple):
            self.fail(f"expected a list, not {shown(self.value)}")
        return [Node(value, f"{self.place}[{n}]", self.error) for n, value in enumerate(self.value)]

    def text(self) -> str:
        """A text with something in it."""
        if not isinstance(self.value, str) or not self.value.strip():
            self.fail(f"expected a text, not {shown(self.value)}")
        return self.value

    def one_of(self, known: Collection[str], what: str) -> str:
        """One of the known words."""
        if not isinstance(self.value, str) or self.value not in known:
            choice = f"; expected {', '.join(sorted(known))}" if len(known) <= 20 else ""
            self.fail(f"unknown {what} {shown(self.value)}{choice}")
        return self.value

    def words(self, known: Collection[str] | None = None, what: str = "") -> frozenset[str]:
        """A list of texts, of the known ones where these are given."""
        return frozenset(item.text() if known is None else item.one_of(known, what) for item in self.items())

    def whole(self, least: int | None = None, most: int | None = None) -> int:
        """A whole number within the bounds."""
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            self.fail(f"expected a whole number, not {shown(self.value)}")
        if (least is not None and self.value < least) or (most is not None and self.value > most):
            bounds = f"at least {least}" if most is None else f"from {least} to {most}"
            self.fail(f"expected a whole number {bounds}, not {shown(self.value)}")
        return self.value

    def instant(self) -> datetime:
        """An instant in UTC, from ISO 8601 with offset, of the years that calendars can be reckoned with."""
        at = self.parsed(datetime.fromisoformat, 'expected an instant with offset like "2026-05-31T09:00:00-04:00"')
        if at.tzinfo is None:
            self.fail(f'{shown(self.value)} has no offset; expected an instant like "2026-05-31T09:00:00-04:00"')
        if not 1900 <= at.year < 3000:
            self.fail(f"{shown(self.value)} is out of range; expected a year from 1900 to 2999")
        return at.astimezone(UTC)

    def day(self) -> date:
        """A calendar date."""
        return self.parsed(date.fromisoformat, 'expected a date like "2026-12-25"')

    def parsed(self, parse: Callable[[str], Read], expected: str) -> Read:
        """What `parse` makes of a text; its ValueError becomes a complaint with `expected`, not the parser's words."""
        text = self.text()
        try:
            return parse(text)
        except ValueError:
            self.fail(f"{expected}, not {shown(self.value)}")


class Members(dict[str, Node]):
    """The members of an object by name."""

    def read(self, name: str, read: Callable[[Node], Read], default: Default) -> Read | Default:
        """What `read` makes of a member; the default where the member is left out."""
        return read(self[name]) if name in self else default


def shown(value: object) -> str:
    """A value as its author wrote it in JSON, cut to a length that fits a message."""
    if isinstance(value, Mapping | list | tuple):
        return "an object" if isinstance(value, Mapping) else "a list"
    written = json.dumps(value, default=str, ensure_ascii=False)
    return written if len(written) <= 60 else f"{written[:57]}..."
