"""A file from its first byte to its counts: read, understand, write in batches, say what became of every row."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import IO

from django.db import connection, transaction

from contacts.intake.erased import without_cells_of_erased
from contacts.intake.rows import Line, RowReader, Subject, Tally, exact_mapping
from contacts.intake.tables import DELIMITERS, Place, Reject, Row, Table, Unreadable
from contacts.intake.whose import within
from contacts.models import ImportRun
from contacts.readers import EVERYTHING, Reader

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


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that are written together: those that were understood, those that were not, and where the next ones begin.

    `blank` and `rows` are numbers of rows; `cells` holds what stood in each line, for rejects that writing them finds.
    """

    lines: list[Line]
    rejects: list[Reject]
    blank: int
    rows: int
    place: Place
    cells: Mapping[int, Sequence[str]]

    def write(self, subject: Subject, source: str, at: datetime, reader: Reader = EVERYTHING) -> Tally:
        """Write the rows that somebody may bring in.

        Belongs into a transaction, in which no other import is in the middle of a batch.
        """
        tally = Tally()
        if self.lines:
            take_turn()
            lines, refused = within(reader, subject.name, self.lines, source)
            tally = subject.write(lines, source, at) if lines else tally
            tally.rejects += refused
        # What does not repeat its value is about somebody who was erased, and does not repeat the row either.
        found = [replace(one, cells=self.cells[one.line] if one.value else ()) for one in tally.rejects]
        misread = without_cells_of_erased(self.rejects, source)
        tally.rejects = sorted(found + misread, key=lambda reject: reject.line)
        return tally


def bring_in(
    subject: Subject,
    file: IO[bytes],
    *,
    source: str,
    at: datetime,
    mapping: Mapping[str, str] | None = None,
    zone: str = "",
    dry_run: bool = False,
    progress: Callable[[int], object] | None = None,
    on_reject: Callable[[Reject, Sequence[str]], object] | None = None,
) -> ImportResult:
    """Bring in a CSV file, batch by batch, each in a transaction of its own; idempotent on source and external id.

    `mapping` (header -> our column, or empty) stands in for the names in the header; `zone` is that of times without an
    offset. `progress` is told the bytes read so far, `on_reject` each reject and the header. A dry run takes every
    batch back once it is counted; an id that returns in a later batch then counts as created again.
    """
    result = ImportResult(attributes=subject.attributes)
    try:
        table = Table(file)
        mapping = exact_mapping(subject, table.header) if mapping is None else mapping
        reader = RowReader(subject, table.header, mapping, at, zone)
        result.delimiter, result.unknown_columns = table.delimiter, reader.unknown_columns
        for batch in batches(table, reader):
            tally = _written(batch, subject, source, at, dry_run=dry_run)
            result.add(tally)
            result.blank += batch.blank
            if on_reject:
                for reject in tally.rejects:
                    on_reject(reject, table.header)
            if progress:
                progress(batch.place.offset)
    except Unreadable as error:
        result.broken = error.with_traceback(None)  # or it would hold on to the last rows and the open file
    return result


def batches(table: Table, reader: RowReader) -> Iterator[Batch]:
    """Read what is left of a table. Raises Unreadable, after what stands before the place, where it makes no sense."""
    rows: list[Row | Reject] = []
    try:
        for row in table.rows():
            rows.append(row)
            if len(rows) == BATCH:
                yield _batch(rows, reader, table.place)
                rows = []
    except Unreadable:
        yield _batch(rows, reader, table.place)
        raise
    yield _batch(rows, reader, table.place)


def _batch(rows: Sequence[Row | Reject], reader: RowReader, place: Place) -> Batch:
    lines, rejects = [], []
    cells: dict[int, Sequence[str]] = {}
    for row in rows:
        cells[row.line] = row.cells
        understood = reader.read(row) if isinstance(row, Row) and row.cells else row
        if isinstance(understood, Reject):
            rejects.append(understood)
        elif isinstance(understood, Line):
            lines.append(understood)
    return Batch(lines, rejects, len(rows) - len(lines) - len(rejects), len(rows), place, cells)


def _written(batch: Batch, subject: Subject, source: str, at: datetime, *, dry_run: bool) -> Tally:
    with transaction.atomic():
        tally = batch.write(subject, source, at)
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
    """Keep what became of a file that was imported in one go: counts, the first rejects, the place where it broke."""
    run.state = ImportRun.State.FAILED if result.broken else ImportRun.State.DONE
    run.problem = str(result.broken or "")
    run.created, run.updated, run.unchanged = result.created, result.updated, result.unchanged
    run.rejected, run.blank, run.rejects = result.rejected, result.blank, [one.told() for one in result.rejects]
    run.rows_done = run.rows = result.created + result.updated + result.unchanged + result.rejected + result.blank
    run.started_at, run.finished_at = run.asked_at, finished_at
    run.save()
