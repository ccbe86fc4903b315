"""Statements that a page or a step repeats for each customer, composed by the ORM once and not each time.

Composing the statement behind a survey page took the ORM as long as all the rest of the page. What is read and written,
and how values are converted, is the ORM's own; left out is only what stays the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import local
from typing import Any, Generic, TypeAlias, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.base import ModelState
from django.utils.functional import cached_property

M = TypeVar("M", bound=models.Model)
Convert: TypeAlias = Callable[[Any, BaseDatabaseWrapper], Any]
"""Of a value, for a database."""
CONVERTED = (models.DateField, models.DecimalField, models.DurationField, models.JSONField)
"""Fields whose values a database keeps in a way of its own; those of all others it takes as they are."""
PLACE = 1
"""Stands for the key while the statement is composed."""


@dataclass(frozen=True, slots=True)
class Branch:
    """What a row of a statement holds of one model: its columns by name, from the place `first` on, the key at `key`.

    `put_in` puts the object, or None, into the one that it belongs to, and `put_back` that one into it; the trunk
    belongs to none. `branches` are the models related to it.
    """

    model: type[models.Model]
    names: Sequence[str]
    first: int
    key: int
    put_in: Callable[[Any, Any], None] | None
    put_back: Callable[[Any, Any], None] | None
    branches: Sequence["Branch"]

    def grow(self, row: Sequence[Any]) -> Any:
        """Return the object of a row with those related to it, or None where the row has none.

        As `Model.from_db` makes it, without asking each column how it is set.
        """
        if row[self.key] is None:
            return None
        made = _bare(self.model, dict(zip(self.names, row[self.first : self.first + len(self.names)], strict=True)))
        made._state.adding, made._state.db = False, DEFAULT_DB_ALIAS  # noqa: SLF001
        for branch in self.branches:
            related = branch.grow(row)
            if branch.put_in:
                branch.put_in(made, related)
            if related is not None and branch.put_back:
                branch.put_back(related, made)
        return made


@dataclass(frozen=True, slots=True)
class Composed:
    """A statement with one parameter, and how a row of it becomes an object with those related to it."""

    sql: str
    converted: Callable[[Sequence[Any]], Sequence[Any]]
    trunk: Branch


class ReadOne(Generic[M]):
    """A row by its primary key, with the columns and related rows of a queryset (`only`, `select_related`)."""

    def __init__(self, rows: "models.QuerySet[M]") -> None:
        self.rows = rows
        self.kept = local()  # what converts values belongs to the thread's connection

    def get(self, pk: int) -> M | None:
        """Return the row, or None where there is none. One statement."""
        composed: Composed | None = getattr(self.kept, "composed", None)
        if composed is None:
            composed = self.kept.composed = _compose(self.rows)
        with connection.cursor() as cursor:
            cursor.execute(composed.sql, [pk])
            row = cursor.fetchone()
        return composed.trunk.grow(composed.converted(row)) if row else None


def _compose(rows: "models.QuerySet[Any]") -> Composed:
    query = rows.filter(pk=PLACE).order_by().query
    query.get_compiler(connection=connection).as_sql()  # now it knows every table that it reads
    # A backend looks through the whole text for the place of the key, so names of tables are not repeated in it.
    query.change_aliases({alias: f"t{place}" for place, alias in enumerate(query.alias_map)})
    compiler = query.clone().get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    if parameters != (PLACE,):
        raise TypeError("Only the key may differ from one time to the next.")
    select = [column for column, *_ in compiler.select or []]
    converters = compiler.get_converters(select)

    def converted(row: Sequence[Any]) -> Sequence[Any]:
        [values] = compiler.apply_converters([row], converters)
        return values  # type: ignore[no-any-return]

    return Composed(sql, converted, _branch(compiler.klass_info or {}, select))


def _branch(info: dict[str, Any], select: Sequence[Any]) -> Branch:
    """The branch of a model as Django's compiler describes it, with those beyond it."""
    model, first = info["model"], info["select_fields"][0]
    names = [column.target.attname for column in select[first : info["select_fields"][-1] + 1]]
    _refuse_own_making(model)
    beyond = [_branch(related, select) for related in info.get("related_klass_infos", ())]
    key = first + names.index(model._meta.pk.attname)  # noqa: SLF001
    return Branch(model, names, first, key, info.get("local_setter"), info.get("remote_setter"), beyond)


def _bare(model: type[M], columns: dict[str, Any]) -> M:
    """An object with these columns and no others, that is in no table yet."""
    made = model.__new__(model)
    made.__dict__, made._state = columns, ModelState()  # noqa: SLF001
    return made


def _refuse_own_making(model: type[models.Model]) -> None:
    """Make sure that objects of this model are made as Django makes them; nothing of ours listens for that."""
    if model.__init__ is not models.Model.__init__:
        raise TypeError(f"{model.__name__} makes its objects in a way of its own.")


class Insert(Generic[M]):
    """New rows of a model whose id the database gives."""

    def __init__(self, model: type[M]) -> None:
        self.model = model

    @cached_property
    def fields(self) -> list[Any]:
        """Return the columns that are given."""
        return [field for field in self.model._meta.concrete_fields if not field.primary_key]  # noqa: SLF001

    @cached_property
    def converted(self) -> list[tuple[str, Convert | None]]:
        """Return the attribute of each column, and what converts its values where they have to be."""
        return [(field.attname, _convert(field)) for field in self.fields]

    @cached_property
    def sql(self) -> str:
        """Return the statement up to the values."""
        columns = ", ".join(f'"{field.column}"' for field in self.fields)
        return f'INSERT INTO "{self.model._meta.db_table}" ({columns}) VALUES '  # noqa: SLF001

    @cached_property
    def row(self) -> str:
        """Return the places of the values of one row."""
        return f"({', '.join(['%s'] * len(self.fields))})"

    @cached_property
    def blank(self) -> list[tuple[str, Callable[[], Any]]]:
        """Return the attribute of each column, and what gives the value that it has by itself."""
        _refuse_own_making(self.model)
        return [(field.attname, field.get_default) for field in self.model._meta.concrete_fields]  # noqa: SLF001

    def new(self, **columns: Any) -> M:
        """Return a row that is not stored yet, as the model makes it; columns by the names of their attributes."""
        return _bare(self.model, {name: columns[name] if name in columns else given() for name, given in self.blank})

    def one(self, made: M) -> M:
        """Insert a row, and give it its id. One statement."""
        with connection.cursor() as cursor:
            cursor.execute(f"{self.sql}{self.row} RETURNING id", self._values(made))
            [made.pk] = cursor.fetchone()
        made._state.adding, made._state.db = False, connection.alias  # noqa: SLF001
        return made

    def many(self, made: Sequence[M]) -> None:
        """Insert rows whose ids nobody needs. One statement, none without rows."""
        if not made:
            return
        with connection.cursor() as cursor:
            rows = ", ".join([self.row] * len(made))
            cursor.execute(self.sql + rows, [value for row in made for value in self._values(row)])

    def _values(self, made: M) -> list[Any]:
        given, database = made.__dict__, connections[connection.alias]  # itself: its proxy looks it up for each value
        return [given[name] if convert is None else convert(given[name], database) for name, convert in self.converted]


def _convert(field: Any) -> Convert | None:
    """What the ORM does with a value of a field on its way to the database, but for the checks of instants."""
    if isinstance(field, models.DateTimeField):
        return lambda value, database: database.ops.adapt_datetimefield_value(value)
    return field.get_db_prep_save if isinstance(field, CONVERTED) else None
