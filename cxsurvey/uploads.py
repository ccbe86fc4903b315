"""A file of any subject brought in: first a look at what it would mean, then the import, which is a job."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import PureWindowsPath

from django.contrib.auth import get_user_model
from django.db import transaction

from contacts import import_files, jobs
from contacts.import_files import TooLarge, Upload
from contacts.intake import CONSENTS, CONTACTS, CUSTOMERS, TOUCHPOINTS, Reject, Unreadable
from contacts.intake.rows import RowReader, Subject, guessed_mapping
from contacts.intake.tables import Row, Table
from contacts.intake.whose import FOR_ALL
from contacts.intake.workbooks import Sheet, Workbook
from contacts.models import ImportRun
from contacts.readers import reader_of
from surveys.history import RESPONSES

SUBJECTS: Mapping[str, Subject] = {
    subject.name: subject for subject in (CUSTOMERS, TOUCHPOINTS, RESPONSES, CONTACTS, CONSENTS)
}
SAMPLE_ROWS = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody says of a file: what is in it, whose ids these are, what it is called, and by whom it comes.

    `zone` is that of times without an offset, `sheet` the one of a workbook, both may be empty. `request_key` tells
    one request from another that a client sends; `taken_from` is the place in the folder that files are taken from.
    """

    subject: str
    source: str
    file_name: str
    by_id: int | None = None
    zone: str = ""
    sheet: str = ""
    request_key: str = ""
    taken_from: str = ""


class SentBefore(Exception):  # noqa: N818 - it is what happened
    """The request key was used before, for `run`; what came now has this digest and is not kept."""

    def __init__(self, run: ImportRun, digest: str) -> None:
        super().__init__(str(run))
        self.run, self.digest = run, digest


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One of the first rows as it stands in the file, and what is wrong in it, if anything."""

    line: int
    cells: list[str]
    problem: Reject | None


@dataclass(frozen=True, slots=True)
class Sample:
    """The beginning of an upload, read with a mapping; `problem` says why the mapping cannot be used, if it cannot.

    `sheets` are those of a workbook; `before` is the import of the very same file, where there was one.
    """

    header: list[str]
    rows: list[SampleRow]
    problem: str
    sheets: list[Sheet]
    before: ImportRun | None


def preview(pieces: Iterable[bytes], asked: Asked, *, at: datetime) -> ImportRun:
    """Keep an upload, piece by piece, with a guessed mapping of its headers; nothing is imported yet.

    Raises Unreadable, which says what to do, for a file that is too large or has no usable header, and SentBefore.
    """
    if asked.subject == ImportRun.Subject.RESPONSES and _limited(asked.by_id):
        raise Unreadable(FOR_ALL)
    try:
        upload = import_files.put(pieces)
    except TooLarge as error:
        raise Unreadable(str(error)) from None
    run = _new(upload, asked, at)
    try:
        if asked.request_key:
            _refuse_again(asked, upload.digest)
        _guess(run)
        run.rejects = [row.problem.told() for row in sample(run, at=at).rows if row.problem]
        with transaction.atomic():
            run.save()
    except BaseException:
        import_files.let_go(run)
        raise
    return run


def _limited(user_id: int | None) -> bool:
    return user_id is not None and reader_of(get_user_model().objects.get(pk=user_id)).brands is not None


def _new(upload: Upload, asked: Asked, at: datetime) -> ImportRun:
    return ImportRun(
        state=ImportRun.PREVIEWED,
        subject=asked.subject,
        source=asked.source,
        file_name=PureWindowsPath(asked.file_name).name[-200:],
        file=upload.name,
        file_size=upload.size,
        digest=upload.digest,
        sheet=asked.sheet,
        time_zone=asked.zone,
        taken_from=asked.taken_from,
        request_key=asked.request_key,
        by_id=asked.by_id,
        asked_at=at,
    )


def _refuse_again(asked: Asked, digest: str) -> None:
    before = ImportRun.objects.filter(by=asked.by_id, request_key=asked.request_key).first()
    if before:
        raise SentBefore(before, digest)


def choose(run: ImportRun, *, sheet: str, zone: str) -> None:
    """Take another sheet of a previewed workbook, or another zone for its times; raises Unreadable for a bad sheet."""
    other = sheet != run.sheet and import_files.is_workbook(run)
    run.time_zone = zone
    if other:
        run.sheet = sheet
        _guess(run)
    run.save(update_fields=["time_zone", "sheet", "mapping", "rows"])


def header(run: ImportRun) -> list[str]:
    """Return the names of a previewed file's columns, in its order."""
    with _opened(run) as table:
        return table.header


def sample(run: ImportRun, *, at: datetime, mapping: Mapping[str, str] | None = None) -> Sample:
    """Return the first rows of a previewed file, read with its own or another mapping."""
    mapping = run.mapping if mapping is None else mapping
    with _opened(run) as table:
        try:
            reader, problem = RowReader(SUBJECTS[run.subject], table.header, mapping, at, run.time_zone), ""
        except Unreadable as error:
            reader, problem = None, str(error)
        rows: list[SampleRow] = []
        try:
            rows.extend(_sample_row(row, reader) for row in islice(table.rows(), SAMPLE_ROWS))
        except Unreadable as error:
            rows.append(SampleRow(error.line, [], Reject(error.line, "", "", str(error))))
        sheets = table.sheets if isinstance(table, Workbook) else []
        return Sample(table.header, rows, problem, sheets, _before(run))


def ask(run: ImportRun, *, at: datetime, mapping: Mapping[str, str] | None = None) -> None:
    """Have a previewed file imported with its own or another mapping.

    Raises Unreadable, with nothing changed, where the mapping lacks a required column or the file was imported already.
    """
    mapping = dict(run.mapping if mapping is None else mapping)
    if run.state != ImportRun.PREVIEWED:
        raise Unreadable("This file was imported already. Upload it again to import it again.")
    RowReader(SUBJECTS[run.subject], header(run), mapping, at, run.time_zone)  # refuses what cannot be used
    previewed = ImportRun.objects.filter(pk=run.pk, state=ImportRun.PREVIEWED)
    asked = {"state": ImportRun.State.WAITING, "mapping": mapping, "rejects": [], "asked_at": at}
    previewed.update(**asked)  # somebody else may have asked at the same time, which is as good
    run.refresh_from_db()


def cancel(run: ImportRun, *, at: datetime) -> bool:
    """Stop an import, or throw a preview away; what is imported stays. Return whether there was anything to stop."""
    thrown = ImportRun.objects.filter(pk=run.pk, state=ImportRun.PREVIEWED)
    if not thrown.update(state=ImportRun.State.CANCELLED, finished_at=at) and not jobs.cancel(run, at):
        return False
    run.refresh_from_db()
    import_files.let_go(run)
    return True


def _guess(run: ImportRun) -> None:
    with _opened(run) as table:
        run.mapping = guessed_mapping(SUBJECTS[run.subject], table.header)
        if isinstance(table, Workbook):
            run.sheet, run.rows = table.name, table.count_rows() or None


def _before(run: ImportRun) -> ImportRun | None:
    same = ImportRun.objects.filter(digest=run.digest, subject=run.subject, source=run.source, sheet=run.sheet)
    theirs = same.filter(by=run.by_id) if _limited(run.by_id) else same
    return theirs.filter(state=ImportRun.State.DONE).exclude(digest="").order_by("-finished_at").first()


def _sample_row(row: Row | Reject, reader: RowReader | None) -> SampleRow:
    if isinstance(row, Reject):
        return SampleRow(row.line, [], row)
    read = reader.read(row) if reader and row.cells else None
    return SampleRow(row.line, list(row.cells), read if isinstance(read, Reject) else None)


@contextmanager
def _opened(run: ImportRun) -> Iterator[Table | Workbook]:
    path = import_files.upload_of(run)
    if not run.file or not path.exists():
        raise Unreadable(import_files.MISSING)
    if import_files.is_workbook(run):
        book = Workbook(path, run.sheet)
        try:
            yield book
        finally:
            book.close()
    else:
        with path.open("rb") as stream:
            yield Table(stream)
