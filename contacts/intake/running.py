"""A file from its first byte to its counts: read, understand, write in batches, say what became of every row."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import IO

from django.db import connection, transaction

from contacts.intake.rows import Line, RowReader, Subject, Tally, exact_mapping
from contacts.intake.tables import DELIMITERS, Reject, Row, Table, Unreadable
from contacts.models import ImportRun

#: Rows of one transaction: few enough that answers which arrive meanwhile do not wait.
BATCH = 1000
#: Rejects that a result and an import run hold; whoever wants all of them listens.
KEPT_REJECTS = 1000


@dataclass(slots=True)
class ImportResult:
    """What became of a file's rows: each was created, updated, unchanged or rejected; blank ones are counted apart.

    `attributes`: whether columns that we do not know were kept. `broken` says where and why the file could not be read,
    or not be read on; the rows before it were imported.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    blank: int = 0
    rejects: list[Reject] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)
    attributes: bool = True
    delimiter: str = ","
    broken: Unreadable | None = None

    def __str__(self) -> str:
        rows = self.created + self.updated + self.unchanged + self.rejected
        counts = f"{self.created:,} created, {self.updated:,} updated, {self.unchanged:,} unchanged"
        text = f"{rows:,} {'row' if rows == 1 else 'rows'}: {counts}, {self.rejected:,} rejected"
        return f"{text}; {self.blank:,} blank lines" if self.blank else text

    def notes(self) -> list[str]:
        """Return in sentences what was noticed about the file as a whole."""
        notes = []
        if self.delimiter != ",":
            notes.append(f"The cells are separated by {DELIMITERS[self.delimiter]}.")
        if self.unknown_columns:
            fate = "kept as attributes" if self.attributes else "left out"
            notes.append(f"Unknown columns, {fate}: {', '.join(self.unknown_columns)}.")
        return notes

    def add(self, tally: Tally) -> None:
        """Count a batch."""
        self.created += tally.created
        self.updated += tally.updated
        self.unchanged += tally.unchanged
        self.rejected += len(tally.rejects)
        self.rejects += tally.rejects[: KEPT_REJECTS - len(self.rejects)]


def bring_in(
    subject: Subject,
    file: IO[bytes],
    *,
    source: str,
    at: datetime,
    mapping: Mapping[str, str] | None = None,
    dry_run: bool = False,
    progress: Callable[[int], object] | None = None,
    on_reject: Callable[[Reject], object] | None = None,
) -> ImportResult:
    """Bring in a CSV file, batch by batch, each in a transaction of its own; idempotent on source and external id.

    `mapping` (header -> our column, or empty) stands in for the names in the header. `progress` is told the bytes read
    so far. A dry run takes every batch back once it is counted; an id that returns in a later batch then counts as
    created again.
    """
    result = ImportResult(attributes=subject.attributes)
    try:
        table = Table(file)
        reader = RowReader(
            subject, table.header, exact_mapping(subject, table.header) if mapping is None else mapping, at
        )
        result.delimiter, result.unknown_columns = table.delimiter, reader.unknown_columns
        for rows in _batches(table.rows()):
            lines, rejects = _understood(rows, reader)
            tally = _written(subject, lines, source, at, dry_run=dry_run)
            tally.rejects += rejects
            result.add(tally)
            result.blank += len(rows) - len(lines) - len(rejects)
            if on_reject:
                for reject in tally.rejects:
                    on_reject(reject)
            if progress:
                progress(table.offset)
    except Unreadable as error:
        result.broken = error.with_traceback(None)  # or it would hold on to the last rows and the open file
    return result


def _batches(rows: Iterable[Row | Reject]) -> Iterator[list[Row | Reject]]:
    batch = []
    try:
        for row in rows:
            batch.append(row)
            if len(batch) == BATCH:
                yield batch
                batch = []
    except Unreadable:
        yield batch  # what stands before the place is good
        raise
    yield batch


def _understood(rows: Iterable[Row | Reject], reader: RowReader) -> tuple[list[Line], list[Reject]]:
    lines, rejects = [], []
    for row in rows:
        if isinstance(row, Row) and not row.cells:
            continue
        understood = row if isinstance(row, Reject) else reader.read(row)
        if isinstance(understood, Reject):
            rejects.append(understood)
        else:
            lines.append(understood)
    return lines, rejects


def _written(subject: Subject, lines: list[Line], source: str, at: datetime, *, dry_run: bool) -> Tally:
    if not lines:
        return Tally()
    with transaction.atomic():
        take_turn()
        tally = subject.write(lines, source, at)
        if dry_run:
            transaction.set_rollback(True)
    return tally


def take_turn() -> None:
    """Wait until no other import is in the middle of a batch, and let none begin before this transaction ends.

    Two imports that look for the same new row at once would both miss it and both create it. SQLite needs no telling:
    there only one transaction writes.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('cxsurvey import'))")


def note(run: ImportRun, result: ImportResult, finished_at: datetime) -> None:
    """Keep what became of a file: counts, the first rejects, and the place where it broke."""
    rejects = [asdict(reject) for reject in result.rejects]
    if result.broken:
        rejects.append(asdict(Reject(result.broken.line, "", "", str(result.broken))))
    run.state = ImportRun.State.UNREADABLE if result.broken else ImportRun.State.DONE
    run.created, run.updated, run.unchanged = result.created, result.updated, result.unchanged
    run.rejected, run.rejects = result.rejected, rejects
    run.finished_at = finished_at
    run.save()
