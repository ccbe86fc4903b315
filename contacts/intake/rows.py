"""From the cells of a row to values, by the columns that a kind of file has. Pure: no database, no clock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from contacts.intake.fields import FieldError, instant, plain, verbatim
from contacts.intake.tables import Reject, Row, Unreadable, shown

Values = dict[str, Any]
"""Field -> value, for the columns that the file has; `attributes` holds the columns we do not know."""

Mapped = Mapping[str, str]
"""Header in the file -> our column, or empty for a column that is kept as an attribute."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file: how its cells are read, and where the value goes (`field`, by default the same name).

    `also` lists what other tools call it, in lower case and without spaces.
    """

    name: str
    parse: Callable[[str], Any]
    required: bool = False
    field: str = ""
    empty: Any = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A row that was understood."""

    number: int
    values: Values


@dataclass(slots=True)
class Tally:
    """What became of some rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejects: list[Reject] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A kind of file: its columns, what must hold across the cells of a row at an instant, and how rows are kept.

    `check` may complete the values and raises FieldError with the column. `write` runs inside a transaction, is given
    rows, source and instant, and creates, updates or leaves alone by source and external id. `attributes`: whether
    columns that we do not know are kept with the row.
    """

    name: str
    columns: tuple[Column, ...]
    check: Callable[[Values, datetime], None]
    write: Callable[[Sequence[Line], str, datetime], Tally]
    attributes: bool = True


def exact_mapping(subject: Subject, header: Sequence[str]) -> dict[str, str]:
    """Map the headers that are our names, in any case."""
    names = {column.name for column in subject.columns}
    return {title: title.casefold() if title.casefold() in names else "" for title in header}


def guessed_mapping(subject: Subject, header: Sequence[str]) -> dict[str, str]:
    """Map the headers that mean our columns, as far as their wording shows it; each column is given away once."""
    meanings = {plain(word): column.name for column in subject.columns for word in (*column.also, column.name)}
    mapping = exact_mapping(subject, header)
    for title in header:
        column = meanings.get(plain(title), "")
        if not mapping[title] and column not in mapping.values():
            mapping[title] = column
    return mapping


class RowReader:
    """Reads the rows of one file; raises Unreadable where the mapping leaves out a required column.

    `zone` is that of times without an offset; where it is empty these are refused.
    """

    def __init__(self, subject: Subject, header: Sequence[str], mapping: Mapped, at: datetime, zone: str = "") -> None:
        columns = {column.name: _in_zone(column, zone) for column in subject.columns}
        self._check, self._at = subject.check, at
        self._columns = [
            (place, title, columns[mapping[title]]) for place, title in enumerate(header) if mapping.get(title)
        ]
        given = [column.name for _, _, column in self._columns]
        if missing := [column.name for column in subject.columns if column.required and column.name not in given]:
            raise Unreadable(f"the header lacks {', '.join(missing)}. It has: {', '.join(header)}.", 1)
        if len(given) != len(set(given)):
            raise Unreadable("Two columns of the file are mapped to the same column. Choose another for one of them.")
        # Taken apart once, and not for each of a million rows.
        self._parsers = [
            (place, title, column.parse, column.required, column.empty, column.field or column.name)
            for place, title, column in self._columns
        ]
        self._extras = [(place, title) for place, title in enumerate(header) if not mapping.get(title)]
        self.unknown_columns = [title for _, title in self._extras]
        self._titles = {column.name: (place, title) for place, title, column in self._columns}

    def read(self, row: Row) -> Line | Reject:
        """Return the row's values, or the first cell that cannot be right."""
        values: Values = {}
        cells = row.cells
        for place, title, parse, required, empty, name in self._parsers:
            cell = cells[place].strip()
            try:
                values[name] = value = parse(cell) if cell else empty
            except FieldError as error:
                return Reject(row.line, title, shown(cell), str(error), cells)
            if required and value == empty:
                return Reject(row.line, title, shown(cell), "a value; this column may not be empty", cells)
        try:
            self._check(values, self._at)
        except FieldError as error:
            place, title = self._titles[error.column]
            return Reject(row.line, title, shown(cells[place]), str(error), cells)
        values["attributes"] = {title: verbatim(cells[place]) for place, title in self._extras}
        return Line(row.line, values)


def _in_zone(column: Column, zone: str) -> Column:
    return replace(column, parse=partial(instant, zone=zone)) if zone and column.parse is instant else column
