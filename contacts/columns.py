"""Columns of many rows as arrays, read and written by the fastest way that each database has.

Instants are int64 microseconds since the epoch in UTC; what is masked (`numpy.ma`) is null. Nothing is checked here but
what the database checks.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, TypeAlias

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Aggregate, BigIntegerField, QuerySet, TextField
from django.db.models.expressions import Combinable, RawSQL
from numpy import ma
from numpy.typing import NDArray

from contacts.copying import micros_of
from contacts.frequency.zone_arrays import Ints, Places, micros
from contacts.texts import Texts

Column = NDArray[Any] | Texts
Field: TypeAlias = "models.Field[Any, Any]"
Varying: TypeAlias = "Sequence[tuple[Field, Column]]"
Constant: TypeAlias = "Sequence[tuple[Field, Any]]"

POSTGRES_EPOCH = 946_684_800_000_000
"""2000-01-01 in microseconds since 1970."""
NUMBERS = {
    "bigint": ">i8",
    "integer": ">i4",
    "smallint": ">i2",
    "boolean": "?",
    "double precision": ">f8",
    "timestamp with time zone": ">i8",
}
"""How COPY writes numbers down (PostgreSQL, "COPY", binary format); everything else is a text."""
HEADER, TRAILER = b"PGCOPY\n\xff\r\n\x00" + bytes(8), b"\xff\xff"
POSTGRES, SQLITE = ("array_send(array_agg({}))", "array_agg(CAST({} AS text))"), ("json_group_array({})",) * 2
"""How numbers and how texts of a column are packed into one value."""
ARRAY_HEADER = 20
"""Behind it an array has the length of each value and its bytes."""
NULL = b"\xff\xff\xff\xff"
JSONB_VERSION = b"\x01"


def read_columns(sql: str, parameters: Sequence[Any], **types: type[np.generic]) -> dict[str, NDArray[Any]]:
    """Name -> values of each column of a SELECT, which gives numbers of 64 bits, truths and texts, and no nulls.

    Read as one row of columns: both drivers take their time for each row and each value.
    """
    packing, unpacked = (POSTGRES, _from_arrays) if connection.vendor == "postgresql" else (SQLITE, _from_json)
    packed = ", ".join(packing[type_ is np.str_].format(name) for name, type_ in types.items())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SELECT {packed} FROM ({sql}) AS found ({', '.join(types)})", parameters)
        else:
            cursor.execute(f"WITH found ({', '.join(types)}) AS ({sql}) SELECT {packed} FROM found", parameters)
        row = cursor.fetchone() or ()
    return {
        name: np.array(unpacked(column, np.dtype(type_)), type_)
        for (name, type_), column in zip(types.items(), row, strict=True)
    }


def read_numbers(rows: QuerySet[Any, Any], *names: str) -> list[Ints]:
    """These columns of a query set, all of them numbers of 64 bits."""
    try:
        sql, parameters = rows.values_list(*names).query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return [np.empty(0, np.int64) for _ in names]
    return [*read_columns(sql, parameters, **{f"column_{n}": np.int64 for n, _ in enumerate(names)}).values()]


class Listed(Aggregate):
    """The values of all rows as one text: a third of the work of a Python object for each."""

    function = "JSON_GROUP_ARRAY"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        """The same by the name that PostgreSQL has for it."""
        return self.as_sql(compiler, connection, template="json_agg(%(expressions)s)::text")


def read_alike(
    rows: QuerySet[Any], alike: Sequence[str], *values: str | Combinable
) -> tuple[list[tuple[Any, ...]], Places, list[NDArray[Any]]]:
    """Rows as columns, in one statement: the kinds that there are of them, the place of each in these, and values.

    Rows of a kind have the fields `alike` in common. Values are whole numbers or texts, and never null.
    """
    listed = {f"column_{n}": Listed(value) for n, value in enumerate(values)}
    found = [*rows.order_by().values_list(*alike).annotate(**listed)]
    parts = [[listed_column(text) for text in row[len(alike) :]] for row in found]
    whole = [np.concatenate(column) for column in zip([listed_column(None)] * len(values), *parts, strict=True)]
    kind = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts])
    return [row[: len(alike)] for row in found], kind, whole


def listed_column(listed: str | None) -> NDArray[Any]:
    """What `Listed` says; None is what PostgreSQL says of no rows."""
    if listed and listed.startswith('["'):
        return np.array(json.loads(listed), np.object_)
    return np.fromstring((listed or "[]")[1:-1], np.int64, sep=",")


def micros_in(column: str) -> RawSQL:
    """A column of instants, named with its table, in microseconds since the epoch."""
    return RawSQL(micros_of(column), (), BigIntegerField())  # noqa: S611 (no value in it)


def write_columns(model: type[models.Model], columns: Mapping[str, Column], **fixed: object) -> None:
    """Add a row for each place of the columns: `fixed` values are the same in all, others the defaults."""
    fields = _fields(model)
    defaults = {name: field.get_default() for name, field in fields.items() if not isinstance(field, models.AutoField)}
    same = {name: value for name, value in (defaults | fixed).items() if name not in columns}
    varying = [(fields[name], column) for name, column in columns.items()]
    constant = [
        (fields[name], json.dumps(value) if isinstance(value, list | dict) else value) for name, value in same.items()
    ]
    into = f"{model._meta.db_table} ({', '.join([*columns, *same])})"  # noqa: SLF001 (public in all but name)
    # Around the drivers' own ways, Django has to be asked to raise its own errors.
    with connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            _copy(into, varying, constant)
        else:
            _insert(into, varying, constant)


def _copy(into: str, varying: Varying, constant: Constant) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN (FORMAT binary)") as copy:
        copy.write(HEADER + _packed(varying, constant) + TRAILER)


def _insert(into: str, varying: Varying, constant: Constant) -> None:
    rows = max(len(column) for _, column in varying)
    values = [_values(field, column) for field, column in varying]
    values += [[None] if value is None else _values(field, _single(value)) for field, value in constant]
    places = ", ".join("?" * len(values))
    whole = zip(*(value * rows if len(value) == 1 else value for value in values), strict=True)
    connection.ensure_connection()
    # Django's own cursor would look at every row to write its statement down.
    connection.connection.executemany(f"INSERT INTO {into} VALUES ({places})", whole)


@cache
def _fields(model: type[models.Model]) -> dict[str, Any]:
    return {str(field.column): field for field in model._meta.concrete_fields}  # noqa: SLF001


@cache
def _type(field: Field) -> str:
    return field.db_type(connection) or ""


def _single(value: object) -> Column:
    """A column of one row."""
    if isinstance(value, str):
        return Texts.same(value)
    return np.array([micros(value) if isinstance(value, datetime) else value])


def _values(field: Field, column: Column) -> list[Any]:
    """A column as SQLite takes it, instants as text."""
    if isinstance(column, Texts):
        return column.strings()
    if isinstance(field, models.DateTimeField):
        texts = np.full(len(column), None, np.object_)
        texts[~ma.getmaskarray(column)] = Texts.instants(ma.compressed(column), " ").strings()
        column = texts
    values: list[Any] = column.tolist()
    return values


def _packed(varying: Varying, constant: Constant) -> bytes:
    """Rows as COPY reads them: how many fields, then the length of each and its bytes."""
    end = b"".join(_constant(field, value) for field, value in constant)
    begin = (len(varying) + len(constant)).to_bytes(2, "big")
    fields = [_field(field, column) for field, column in varying]
    return Texts.joined([Texts.same(begin), *fields, Texts.same(end)]).packed()


@lru_cache(maxsize=256)  # most are the same in every range of a wave
def _constant(field: Field, value: Any) -> bytes:
    """Length and bytes of a field that is the same in each row."""
    return NULL if value is None else _field(field, _single(value)).packed()


def _field(field: Field, column: Column) -> Texts:
    """Length and bytes of one field of each row."""
    type_ = _type(field)
    if isinstance(column, Texts):
        version = JSONB_VERSION if type_ == "jsonb" else b""
        lengths = (column.lengths() + len(version)).astype(">i4")
        return Texts.joined([Texts.raw(lengths), Texts.same(version), column])
    number, null = np.dtype(NUMBERS[type_]), ma.getmaskarray(column)
    fields = np.empty(len(column), [("length", ">i4"), ("value", number)])
    fields["length"] = np.where(null, -1, number.itemsize)
    fields["value"] = ma.getdata(column) - (POSTGRES_EPOCH if isinstance(field, models.DateTimeField) else 0)
    packed = Texts.raw(fields)
    return Texts(packed.letters, ~null[:, None] | (np.arange(fields.itemsize) < len(NULL)))


def _from_arrays(packed: Any, type_: np.dtype[Any]) -> Any:
    """The values of a column that PostgreSQL has packed, None for none at all."""
    if packed is None or type_.kind == "U":
        return packed or ()
    values, rest = divmod(len(packed) - ARRAY_HEADER, len(NULL) + type_.itemsize)
    elements = np.frombuffer(packed, [("length", ">i4"), ("value", type_.newbyteorder(">"))], values, ARRAY_HEADER)
    if rest or (elements["length"] != type_.itemsize).any():
        raise TypeError(f"A column has nulls, or values that are not {type_.name}.")
    return elements["value"]


def _from_json(packed: str, type_: np.dtype[Any]) -> Any:
    """The values of a column that SQLite has packed: of numbers without a Python object for each."""
    if type_.kind == "U":
        return json.loads(packed)
    if "null" in packed:
        raise TypeError(f"A column has nulls, or values that are not {type_.name}.")
    return np.fromstring(packed[1:-1], np.int64, sep=",")
