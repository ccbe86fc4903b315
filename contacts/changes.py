"""Which rows were committed after an earlier answer: what lets a copy of a table miss nothing and repeat nothing.

An answer carries a token, a place in the history of the database up to which everything is committed. The next one
gives the rows whose newest state lies between that place and its own. `updated_at` cannot say this: it holds when work
began, and a long transaction commits behind whoever has pulled meanwhile.

PostgreSQL: a row bears the number of the (sub)transaction that wrote it (`xmin`). The place is the oldest number that
a transaction of this database still writes under: everything below it has ended, and so have savepoints below it, as a
savepoint's number is larger than that of its transaction. What a transaction commits is thus given once all older ones
have ended. (PostgreSQL, "System Columns", "Transaction ID and Snapshot Information Functions".)

SQLite lets one transaction write at a time, so ids follow the order of commits: the place is the largest id of a table
and, for rows that were changed later, of the table beside it into which a trigger writes them.
"""

import base64
import binascii
import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import BigIntegerField, F, Func, Model, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.lookups import GreaterThanOrEqual

from contacts.models import Era
from contacts.writers import in_flight

BEGINNING = "beginning"
"""What asks for everything, instead of a token."""
BESIDE = "changed_in_"
"""Before a table's name, on SQLite: the table of the rows of it that were changed, and the trigger that fills it."""
OWN: tuple[str, ...] = ("",)
"""What a row's state consists of where it is that of one table."""
WRITING = "transaction"
CIRCLE = 2**32
"""Numbers of transactions as rows bear them begin anew after so many; they can be compared over half of it."""

DATABASE = (
    "SELECT (SELECT system_identifier FROM pg_control_system()), "
    "(SELECT oid FROM pg_database WHERE datname = current_database()), "
    "left(pg_walfile_name(pg_current_wal_lsn()), 8)"
)
"""Server, database and timeline, of which a restored backup has others."""
NEXT_WRITER = "(SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint)"
PLACES = (
    "SELECT kept.name, coalesce(given.seq, 0) FROM sqlite_master AS beside "
    f"JOIN sqlite_master AS kept ON kept.type = 'table' AND kept.name IN (beside.name, substr(beside.name, "
    f"{len(BESIDE) + 1})) LEFT JOIN sqlite_sequence AS given ON given.name = kept.name "
    f"WHERE beside.type = 'table' AND beside.name LIKE '{BESIDE}%%'"
)


class TokenError(ValueError):
    """A token that tells nothing here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Token:
    """A place in the history of a database, the same for all of its tables: what it counts by -> how far it had come.

    `history`: which history that is. A restored backup has another one, and so has another installation.
    """

    history: str
    places: Mapping[str, int]

    def __str__(self) -> str:
        packed = json.dumps([self.history, self.places], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def here() -> Token:
    """Return the token of this moment: what is read from now on holds all that lies before it. Three statements."""
    places = _places()
    kept = [*Era.objects.values_list("key", flat=True)]
    told = [*kept, *_rows(DATABASE)] if connection.vendor == "postgresql" else kept
    return Token(hashlib.sha256(repr(told).encode()).hexdigest()[:16], places)


def token_of(text: str, now: Token) -> Token | None:
    """Read a token, None for the beginning; `now` is that of this moment. Raises TokenError."""
    if text == BEGINNING:
        return None
    try:
        history, places = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        known = Token(str(history), {str(name): int(place) for name, place in places.items()})
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise TokenError(
            "This is no token of ours. Give back the one that came with your last answer, or ask for "
            f"“{BEGINNING}” to begin anew."
        ) from error
    if known.history != now.history or not _is_before(known, now):
        raise TokenError(
            "This token is of another database, of one before a backup was restored or its tables were rebuilt, or "
            f"very old. Ask for “{BEGINNING}”, and replace your copy with what comes."
        )
    return known


def between(rows: QuerySet[Any], since: Token | None, until: Token, consists_of: Sequence[str] = OWN) -> QuerySet[Any]:
    """Return the rows whose newest state lies after `since` (None: everything) and before `until`.

    A row's state is that of the rows that the paths in `consists_of` lead to; an empty path is the row itself.
    """
    inside = rows.filter(~_changed_after(until, rows.model, consists_of))
    return inside.filter(_changed_after(since, rows.model, consists_of)) if since else inside


def install(tables: Iterable[str]) -> None:
    """Put on what notes the changes of tables, where it is not; tokens from before that tell nothing any more."""
    with transaction.atomic():
        missing = [table for table in tables if not _is_on(table)] if connection.vendor == "sqlite" else []
        for table in missing:
            _put_on(table)
        if missing or not Era.objects.exists():
            begin_anew()


def begin_anew() -> None:
    """Let no token from before tell anything: the database has forgotten some of what it had told."""
    Era.objects.update_or_create(pk=1, defaults={"key": secrets.token_hex(16)})


def state() -> str:
    """Return a text that is another one whenever something was committed: two reads with the same text are alike.

    On SQLite only where it was committed to tables whose changes are noted.
    """
    if connection.vendor == "postgresql":
        return str(_rows("SELECT pg_current_snapshot()::text")[0][0])
    return repr(_places())


def _places() -> dict[str, int]:
    if connection.vendor == "postgresql":
        return {WRITING: in_flight().oldest}
    return {str(name): int(place) for name, place in _rows(PLACES)}


def _is_before(known: Token, now: Token) -> bool:
    """Whether a token of this history can be compared with what is there now."""
    if known.places.keys() != now.places.keys():
        return False
    distances = [now.places[name] - place for name, place in known.places.items()]
    return min(distances) >= 0 and (WRITING not in now.places or max(distances) < CIRCLE // 2)


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [])
        return list(cursor.fetchall())


class Written(Func):
    """The number of the transaction that wrote the row of a column, counted on where rows begin anew."""

    output_field = BigIntegerField()

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Compose it from the table's name in the statement."""
        [column] = self.get_source_expressions()
        number = f"{compiler.quote_name_unless_alias(column.alias)}.xmin::text::bigint"
        return f"({NEXT_WRITER} - (({NEXT_WRITER} - {number}) & {CIRCLE - 1}))", []


def _model_of(model: type[Model], path: str) -> type[Model]:
    found: Any = model
    for name in filter(None, path.split("__")):
        found = found._meta.get_field(name).related_model  # noqa: SLF001
    return found  # type: ignore[no-any-return]


def _changed_after(token: Token, model: type[Model], consists_of: Sequence[str]) -> Q:
    """Rows whose state was written after a place; no table is joined for it, which would take longer than all else."""
    changed = Q()
    for path in consists_of:
        part = _model_of(model, path)
        after = _written_after(token, part)
        changed |= Q(**{f"{path}__in": part._base_manager.filter(after).values("pk")}) if path else after  # noqa: SLF001
    return changed


def _written_after(token: Token, model: type[Model]) -> Q:
    """Rows of a table that were added or changed after a place."""
    if connection.vendor == "postgresql":
        fields = model._meta.concrete_fields  # noqa: SLF001 (public in all but name)
        column = next(field.name for field in fields if not field.primary_key and not field.is_relation)
        return Q(GreaterThanOrEqual(Written(F(column)), token.places[WRITING]))
    table = model._meta.db_table  # noqa: SLF001
    beside = f"{BESIDE}{table}"
    changed = RawSQL(f"SELECT row FROM {beside} WHERE id > %s", [token.places[beside]])  # noqa: S611
    return Q(pk__gt=token.places[table]) | Q(pk__in=changed)


def _is_on(table: str) -> bool:
    return bool(_rows(f"SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = '{BESIDE}{table}'"))


def _put_on(table: str) -> None:
    beside = f"{BESIDE}{table}"
    _rows(f"CREATE TABLE IF NOT EXISTS {beside} (id integer PRIMARY KEY AUTOINCREMENT, row integer NOT NULL UNIQUE)")
    # Not INSERT OR REPLACE: in a trigger the statement that sets it off, an upsert, decides about conflicts (SQLite,
    # "CREATE TRIGGER").
    _rows(
        f"CREATE TRIGGER {beside} AFTER UPDATE ON {table} FOR EACH ROW "
        f"BEGIN DELETE FROM {beside} WHERE row = NEW.id; INSERT INTO {beside} (row) VALUES (NEW.id); END"
    )
