"""What a worker does for imports: batch by batch, so that it can be killed, stopped and taken up at any place."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from django.db import transaction

from contacts import import_files
from contacts.import_files import rejects_of, unpacked_of, upload_of
from contacts.intake import Unreadable
from contacts.intake.rejects import RejectFile
from contacts.intake.rows import RowReader
from contacts.intake.running import KEPT_REJECTS, Batch, batches
from contacts.intake.tables import Place, Table
from contacts.intake.workbooks import Workbook, unpack
from contacts.jobs import Cancelled, beat, claim, fail, finish, let_go
from contacts.models import ImportRun
from contacts.readers import EVERYTHING, reader_of
from cxsurvey.uploads import SUBJECTS

Now = Callable[[], datetime]
Enough = Callable[[], bool]


def work(now: Now, enough: Enough) -> bool:
    """Work on imports until none waits, or it is enough; return whether something was left in the middle."""
    while not enough() and (run := claim(ImportRun.objects.all(), now())) is not None:
        if not work_on(run, now, enough):
            return True
    return False


def work_on(run: ImportRun, now: Now, enough: Enough) -> bool:
    """Work on a claimed import until it has ended, or it is enough; return whether it has ended.

    An error that is none of the file's ends the worker's work and not the import: another worker takes it up.
    """
    try:
        if not _ended(run, now, enough):
            return False
    except Cancelled:
        run.refresh_from_db()
    if run.state in ImportRun.ENDED:  # else another worker is at it
        import_files.let_go(run)
    return True


def _ended(run: ImportRun, now: Now, enough: Enough) -> bool:
    try:
        if not _bring_in(run, now, enough):
            let_go(run)
            return False
    except Unreadable as error:
        fail(run, str(error), now())
    return True


def _bring_in(run: ImportRun, now: Now, enough: Enough) -> bool:
    path = _readied(run, now)
    place = Place(run.place, run.line)
    with path.open("rb") as stream, RejectFile(rejects_of(run), run.rejects_size) as rejects:
        table = Table(stream, place, by_record=import_files.is_workbook(run))
        reader = RowReader(SUBJECTS[run.subject], table.header, run.mapping, run.started_at or now(), run.time_zone)
        for batch in batches(table, reader):
            _step(run, batch, table.header, rejects, now())
            if enough():
                return False
    finish(run, now(), rows=run.rows_done)
    return True


def _step(run: ImportRun, batch: Batch, header: Sequence[str], rejects: RejectFile, at: datetime) -> None:
    with transaction.atomic():
        beat(run, run.rows_done, at)  # holds the row: who was taken for dead meanwhile must not touch the reject file
        reader = reader_of(run.by) if run.by else EVERYTHING  # nobody: from the folder or by a command
        tally = batch.write(SUBJECTS[run.subject], run.source, at, reader)
        for reject in tally.rejects:
            rejects.write(reject, header)
        rejects.flush()
        told = [reject.told() for reject in tally.rejects[: KEPT_REJECTS - len(run.rejects)]]
        beat(
            run,
            run.rows_done + batch.rows,
            at,
            place=batch.place.offset,
            line=batch.place.line,
            created=run.created + tally.created,
            updated=run.updated + tally.updated,
            unchanged=run.unchanged + tally.unchanged,
            rejected=run.rejected + len(tally.rejects),
            blank=run.blank + batch.blank,
            rejects=run.rejects + told,
            rejects_size=rejects.size,
        )


def _readied(run: ImportRun, now: Now) -> Path:
    """Return the CSV file to read; the rows of a workbook are written down as one first."""
    path = unpacked_of(run)
    if path.exists():
        return path
    if not upload_of(run).exists():
        raise Unreadable(import_files.MISSING)
    book, part = Workbook(upload_of(run), run.sheet), path.with_suffix(f".{run.deaths}.part")
    try:
        unpack(book, part, lambda _: beat(run, 0, now()))
        beat(run, 0, now(), file_size=part.stat().st_size)
        return part.rename(path)
    finally:
        book.close()
        part.unlink(missing_ok=True)
