"""What a table's columns are, always in one order: the data dictionary is made of this."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db.models.expressions import Combinable

from contacts.readers import HiddenError, Reader


class Type(StrEnum):
    """What the values of a column are: a text is in the words of people or of other systems, a code is one of ours."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    DAY = "day"
    TEXT = "text"
    CODE = "code"
    JSON = "json"


INTEGER, NUMBER, BOOLEAN, INSTANT, DAY, TEXT, CODE, JSON = Type


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an export: `source` is a field path or an expression, the rest its line in the data dictionary.

    `empty`: there may be nothing in it. `personal`: it names a person or says what one said, so that it is only for who
    may see that: names, addresses, ids by which other systems know people, words of their own.
    """

    name: str
    source: str | Combinable
    meaning: str
    type: Type = TEXT
    unit: str = ""
    empty: bool = False
    personal: bool = False


def chosen(columns: Sequence[Column], names: str, reader: Reader) -> Sequence[Column]:
    """Return the columns of these names (comma between them) in that order; all that the reader may have for none.

    Raises ValidationError for a name that no column has or that stands there twice, and HiddenError for a personal one
    that is not for the reader.
    """
    by_name = {column.name: column for column in columns}
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in by_name]:
        known = ", ".join(by_name)
        raise ValidationError({"columns": [f"There is no column {', '.join(unknown)}. There are: {known}."]})
    if twice := sorted({name for name in wanted if wanted.count(name) > 1}):
        raise ValidationError({"columns": [f"Name each column once: {', '.join(twice)} stands there twice."]})
    if not wanted:
        return [column for column in columns if reader.personal or not column.personal]
    found = [by_name[name] for name in wanted]
    if not reader.personal and (hidden := [column.name for column in found if column.personal]):
        raise HiddenError(*hidden)
    return found
