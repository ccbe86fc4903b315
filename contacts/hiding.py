"""Rows as they are for whoever may not see personal data: hidden alike everywhere, and never saved.

What is personal in which table is decided in one place for all rooms, which `settings.PERSONAL_FIELDS` names.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NoReturn, TypeVar

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db.models import ForeignKey, JSONField, Model, QuerySet
from django.db.models.query import ModelIterable
from django.utils.module_loading import import_string
from django.utils.text import capfirst

from contacts.readers import Reader

HIDDEN = "hidden"
"""What stands in the place of a text."""
Row = TypeVar("Row", bound=Model)


def hidden_fields(table: type[Model]) -> frozenset[str]:
    """Return the names of a table's fields that are only for who may see personal data."""
    return _decided().get(table._meta.concrete_model or table, frozenset())  # noqa: SLF001


@cache
def _decided() -> Mapping[type[Model], frozenset[str]]:
    return dict(import_string(settings.PERSONAL_FIELDS)())


def leads_to_hidden(table: type[Model], path: str) -> bool:
    """Whether a path as filters and orders have it (`customer__name__startswith`) reads something hidden."""
    for part in path.lstrip("-^=@").split("__"):
        try:
            field = table._meta.get_field(part)  # noqa: SLF001
        except FieldDoesNotExist:
            return False
        if field.name in hidden_fields(table):
            return True
        if not field.is_relation or not isinstance(field.related_model, type):
            return False
        table = field.related_model
    return False


def shown(row: Row, reader: Reader) -> Row:
    """Return the row as the reader gets it.

    Where they may not see personal data, these are hidden in it and in its neighbours; where it has some, it refuses to
    be saved.
    """
    return row if reader.personal else _hide(row)


def shown_rows(rows: QuerySet[Row], reader: Reader) -> QuerySet[Row]:
    """Return the rows as the reader gets them; what they are chosen and ordered by is for the caller to look after."""
    if reader.personal:
        return rows
    hidden: Any = rows.all()
    hidden._iterable_class = _HiddenRows  # noqa: SLF001
    return hidden  # type: ignore[no-any-return]  # django-stubs knows no iterable classes


class _HiddenRows(ModelIterable):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    def __iter__(self) -> Iterator[Any]:
        return map(_hide, super().__iter__())


def _hide(row: Row) -> Row:
    """Hide what is personal in a row, in the rows that were read with it, and in those that it leads to."""
    if "_is_hidden" in row.__dict__:
        return row
    row.__dict__["_is_hidden"] = True
    if names := hidden_fields(type(row)):
        row.__dict__["save"] = _never_saved
    for field in row._meta.concrete_fields:  # noqa: SLF001
        if field.name in names and row.__dict__.get(field.attname):
            row.__dict__[field.attname] = _instead_of(row, field)
            row._state.fields_cache.pop(field.name, None)  # noqa: SLF001
        if isinstance(field, ForeignKey) and row.__dict__.get(field.attname) is not None:
            _hide_neighbour(row, field)
    for rows in getattr(row, "_prefetched_objects_cache", {}).values():
        for other in rows:
            _hide(other)
    return row


def _hide_neighbour(row: Model, field: "ForeignKey[Any, Any]") -> None:
    """Hide a row that was read along; of one that was not, put there what is known: its number."""
    near = field.related_model
    if (known := row._state.fields_cache.get(field.name)) is not None:  # noqa: SLF001
        _hide(known)
    elif hidden_fields(near):
        known = near.from_db(row._state.db, [near._meta.pk.attname], [row.__dict__[field.attname]])  # noqa: SLF001
        for name in hidden_fields(near):
            hidden: Any = near._meta.get_field(name)  # noqa: SLF001
            known.__dict__[hidden.attname] = _instead_of(known, hidden)
        row._state.fields_cache[field.name] = _hide(known)  # noqa: SLF001


def _instead_of(row: Model, field: Any) -> Any:
    """What stands there instead: a record is known by its number, a text is said to be hidden."""
    if isinstance(field, ForeignKey):
        return None
    if isinstance(field, JSONField):
        return type(row.__dict__.get(field.attname, {}))()
    if field.name == "name":
        return ""
    return f"{capfirst(row._meta.verbose_name)} {row.pk}" if field.name == "external_id" else HIDDEN  # noqa: SLF001


def _never_saved(*_: Any, **__: Any) -> NoReturn:
    raise TypeError("What is hidden in this row would be lost: read it anew to save it.")
