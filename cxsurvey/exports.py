"""Exports that take longer than a request: asked for, written by a worker into a file, fetched for some days.

A worker that dies leaves a file of another name behind, which nobody is given; the next one begins anew. What is read
is read by one statement on a connection of its own, so that the file holds the rows of one instant while the worker
goes on to say that it is alive.
"""

import hashlib
import logging
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import QuerySet

from analytics.exported import TABLES as OF_ANALYTICS
from contacts.exported import TABLES as OF_CONTACTS
from contacts.exporting import FORMATS, Asked, Part, Rows, Table
from contacts.jobs import SILENCE, Cancelled, beat, claim, fail, finish
from contacts.readers import Reader, reader_of
from cxsurvey.models import ExportRun, Retention
from surveys.exported import TABLES as OF_SURVEYS
from surveys.open_exported import OPEN_TABLES

TABLES: Mapping[str, Table] = {table.name: table for table in (*OF_CONTACTS, *OF_SURVEYS, *OPEN_TABLES, *OF_ANALYTICS)}
"""Every table that leaves the house, in the order in which they are listed."""
RIGHT = "contacts.export"
KIND = "exports"
"""What retention calls the files."""
BEAT = timedelta(seconds=2)
"""A worker shows so often that it is alive, and notices that somebody cancelled the export."""
PATIENCE = timedelta(minutes=30)
"""So long a database may sort before it gives its first row, in which a worker cannot show that it is alive."""
LEFT_BEHIND = timedelta(days=1)
"""A file that no export names is deleted after so long: longer than any export takes."""
Clock = Callable[[], datetime]

log = logging.getLogger(__name__)


def may_export(user: Any, table: str) -> bool:
    """Whether somebody may take a table home now: at the door, and again when the file is fetched."""
    return bool(table in TABLES and user.is_active and user.has_perms([RIGHT, TABLES[table].right]))


def tables_of(user: Any) -> list[Table]:
    """Return the tables that somebody may take home."""
    return [table for table in TABLES.values() if may_export(user, table.name)]


def may_fetch(run: ExportRun, user: Any, reader: Reader) -> bool:
    """Whether somebody may have the file of an export now; `reader` is who asks for it, perhaps with a token.

    The table still, what is personal in it, and, once it is written, every brand that it is about.
    """
    of_brands = not run.sha256 or reader.reads(run.brands)
    return may_export(user, run.table) and (reader.personal or not run.personal) and of_brands


def ask(user_id: int, table: str, format_: str, asked: Asked, at: datetime, reader: Reader) -> ExportRun:
    """Ask for a table as a file.

    Raises ValidationError, by parameter, for what cannot be asked for, and HiddenError for what is not for `reader`.
    """
    _ = _rows(table, format_, asked, at, reader)
    return ExportRun.objects.create(
        table=table, format=format_, asked=dict(asked), personal=reader.personal, by_id=user_id, asked_at=at
    )


def write_waiting(clock: Clock) -> int:
    """Write the exports that wait, one at a time in the whole installation; return how many were taken up.

    The others of the queue's workers stay free for what customers wait for.
    """
    taken = 0
    while (run := claim(_free(clock()), clock())) is not None:
        _write(run, clock)
        taken += 1
    return taken


def forget_files(at: datetime) -> int:
    """Delete the files whose days are over; return how many. What was asked for stays known."""
    _sweep(at)
    return _delete_files(ExportRun.objects.filter(expires_at__lte=at))


def finished_before(before: datetime) -> QuerySet[ExportRun]:
    """Return the exports with a file that was whole before an instant."""
    return ExportRun.objects.filter(finished_at__lt=before).exclude(file="")


def forget_finished(before: datetime) -> None:
    """Delete the files that were whole before an instant."""
    _delete_files(finished_before(before))


def withdraw_files() -> int:
    """Delete the files that hold something about persons, and begin those anew that are being written; return how many.

    When somebody is erased: what was written before still tells of her.
    """
    names = [table.name for table in TABLES.values() if any(column.personal for column in table.columns)]
    about = ExportRun.objects.filter(table__in=names)
    about.filter(state=ExportRun.State.RUNNING).update(state=ExportRun.State.WAITING)
    return _delete_files(about)


def path_of(run: ExportRun) -> Path:
    """Return where the file of an export lies."""
    return Path(settings.EXPORTS_FOLDER) / run.file


def manifest(run: ExportRun) -> dict[str, Any]:
    """Return what a reader checks a file against, and asks for the next changes with."""
    return {
        "file": f"{run.table}.{run.format}",
        "table": run.table,
        "format": run.format,
        "rows": run.rows_done,
        "bytes": run.size,
        "sha256": run.sha256,
        "columns": run.columns,
        "asked": run.asked,
        "as_of": run.as_of,
        "next_changes_since": run.next_changes_since,
        "expires_at": run.expires_at,
    }


def _rows(table: str, format_: str, asked: Asked, at: datetime, reader: Reader, using: Any = None) -> Rows:
    """The rows that are asked for and somebody may read. Raises ValidationError and HiddenError."""
    if table not in TABLES:
        raise ValidationError({"table": [f"There is no table {table}. There are: {', '.join(TABLES)}."]})
    if format_ not in FORMATS:
        raise ValidationError({"format": [f"There is no format {format_}. There are: {', '.join(FORMATS)}."]})
    rows = TABLES[table].rows(asked, at, reader, using)
    if said := FORMATS[format_].refusal(rows):
        raise ValidationError({"format": [said]})
    return rows


def _free(at: datetime) -> QuerySet[ExportRun]:
    """The exports that may be taken up: none while a worker is alive at another."""
    alive = ExportRun.objects.filter(state=ExportRun.State.RUNNING, alive_at__gte=at - SILENCE)
    return ExportRun.objects.none() if alive.exists() else ExportRun.objects.all()


def _write(run: ExportRun, clock: Clock) -> None:
    """Write the file of an export that is this worker's, and end the job, well or not."""
    try:
        try:
            _write_file(run, clock)
        except ValidationError as error:
            fail(run, " ".join(error.messages), clock())
        except Cancelled:
            raise
        except Exception as error:
            log.exception("Export %s failed.", run.pk)
            fail(run, f"{type(error).__name__}: {error}. When that is mended, ask for the export again.", clock())
    except Cancelled:
        log.info("Export %s was cancelled, or taken up by another worker.", run.pk)


def _write_file(run: ExportRun, clock: Clock) -> None:
    asker = run.by or AnonymousUser()
    reader = reader_of(asker)
    if not may_fetch(run, asker, reader):
        raise ValidationError("Whoever asked for it may not take this table home any more.")
    folder, started = Path(settings.EXPORTS_FOLDER), clock()
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{run.pk}-{run.deaths}-{secrets.token_hex(8)}"
    kept = folder / f"{run.table}-{run.pk}-{secrets.token_hex(8)}.{run.format}"
    apart = connection.copy()
    try:
        rows = _rows(run.table, run.format, run.asked, started, replace(reader, personal=run.personal), apart)
        beat(run, 0, clock() + PATIENCE, rows=rows.count(), columns=[column.name for column in rows.columns])
        with unfinished.open("wb") as file:
            done, digest = _fill(file, FORMATS[run.format].write(rows), run, clock)
        about = {"rows_done": done, "size": unfinished.stat().st_size, "sha256": digest, "file": kept.name}
        unfinished.replace(kept)
        until, brands = _expires(clock()), None if reader.brands is None else sorted(reader.brands)
        told = {"as_of": started, "brands": brands, "next_changes_since": rows.next_changes_since, "expires_at": until}
        try:
            finish(run, clock(), **about, **told)
        except Cancelled:
            kept.unlink()
            raise
    finally:
        apart.close()
        unfinished.unlink(missing_ok=True)


def _expires(at: datetime) -> datetime | None:
    """When a file that is whole now is deleted; None for never."""
    decided = Retention.objects.filter(kind=KIND).first()
    days = decided.days if decided else settings.EXPORTS_KEPT_DAYS
    return at + timedelta(days=days) if days else None


def _fill(file: BinaryIO, parts: Iterator[Part], run: ExportRun, clock: Clock) -> tuple[int, str]:
    """Write the parts down to the disk; return how many rows they held, and their SHA-256."""
    digest, done, due = hashlib.sha256(), 0, clock()
    for part in parts:
        file.write(part.content)
        digest.update(part.content)
        done += part.rows
        if done and (now := clock()) >= due:
            beat(run, done, now)
            due = now + BEAT
    file.flush()
    os.fsync(file.fileno())
    return done, digest.hexdigest()


def _delete_files(runs: QuerySet[ExportRun]) -> int:
    found = list(runs.exclude(file=""))
    for run in found:
        path_of(run).unlink(missing_ok=True)
    ExportRun.objects.filter(pk__in=[run.pk for run in found]).update(file="")
    return len(found)


def _sweep(at: datetime) -> None:
    """Delete what workers that died have left behind."""
    known = set(ExportRun.objects.exclude(file="").values_list("file", flat=True))
    for path in Path(settings.EXPORTS_FOLDER).glob("*"):
        if path.name not in known and path.stat().st_mtime < (at - LEFT_BEHIND).timestamp():
            path.unlink(missing_ok=True)
