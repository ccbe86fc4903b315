"""A file of any subject brought in through the admin: first a look at what it would mean, then the import."""

import io
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import PureWindowsPath

from contacts.intake import CONTACTS, CUSTOMERS, TOUCHPOINTS, Reject, Unreadable, bring_in
from contacts.intake.rows import RowReader, Subject, guessed_mapping
from contacts.intake.running import note
from contacts.intake.tables import Row, Table
from contacts.models import ImportRun
from surveys.history import RESPONSES

SUBJECTS: Mapping[str, Subject] = {subject.name: subject for subject in (CUSTOMERS, TOUCHPOINTS, RESPONSES, CONTACTS)}
#: Bytes of an upload, which is held in memory whole; the command has no limit.
LIMIT = 20 * 1024 * 1024
SAMPLE_ROWS = 20


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One of the first rows as it stands in the file, and what is wrong in it, if anything."""

    line: int
    cells: list[str]
    problem: Reject | None


@dataclass(frozen=True, slots=True)
class Sample:
    """The beginning of an upload, read with a mapping; `problem` says why the mapping cannot be used, if it cannot."""

    header: list[str]
    rows: list[SampleRow]
    problem: str


def preview(content: bytes, subject: str, source: str, file_name: str, *, at: datetime, by_id: int | None) -> ImportRun:
    """Keep an upload with a guessed mapping of its headers; nothing is imported yet.

    Raises Unreadable, which says what to do, for a file that is too large or has no usable header.
    """
    if len(content) > LIMIT:
        raise Unreadable(
            f"This file has more than {LIMIT // 1024 // 1024} MB. Have it imported on the server: "
            f"python manage.py import_{subject} FILE.csv"
        )
    table = Table(io.BytesIO(content))
    run = ImportRun(
        subject=subject,
        source=source,
        file_name=PureWindowsPath(file_name).name[-200:],
        content=zlib.compress(content),
        mapping=guessed_mapping(SUBJECTS[subject], table.header),
        state=ImportRun.State.PREVIEWED,
        by_id=by_id,
        started_at=at,
    )
    run.rejects = [asdict(row.problem) for row in sample(run, at=at).rows if row.problem]
    run.save()
    return run


def header(run: ImportRun) -> list[str]:
    """Return the names of a previewed file's columns, in its order."""
    return Table(_content(run)).header


def sample(run: ImportRun, *, at: datetime, mapping: Mapping[str, str] | None = None) -> Sample:
    """Return the first rows of a previewed file, read with its own or another mapping."""
    mapping = run.mapping if mapping is None else mapping
    table = Table(_content(run))
    try:
        reader, problem = RowReader(SUBJECTS[run.subject], table.header, mapping, at), ""
    except Unreadable as error:
        reader, problem = None, str(error)
    rows: list[SampleRow] = []
    try:
        rows.extend(_sample_row(row, reader) for row in islice(table.rows(), SAMPLE_ROWS))
    except Unreadable as error:
        rows.append(SampleRow(error.line, [], Reject(error.line, "", "", str(error))))
    return Sample(table.header, rows, problem)


def _sample_row(row: Row | Reject, reader: RowReader | None) -> SampleRow:
    if isinstance(row, Reject):
        return SampleRow(row.line, [], row)
    read = reader.read(row) if reader and row.cells else None
    return SampleRow(row.line, row.cells, read if isinstance(read, Reject) else None)


def run(import_run: ImportRun, *, at: datetime, mapping: Mapping[str, str] | None = None) -> ImportRun:
    """Import a previewed file with its own or another mapping, and keep what became of it; the content is let go.

    Raises Unreadable, with nothing changed, where the mapping lacks a required column or the file was imported already.
    """
    subject = SUBJECTS[import_run.subject]
    mapping = import_run.mapping if mapping is None else mapping
    if import_run.state != ImportRun.State.PREVIEWED:
        raise Unreadable("This file was imported already. Upload it again to import it again.")
    RowReader(subject, Table(_content(import_run)).header, mapping, at)  # refuses a mapping that cannot be used
    result = bring_in(subject, _content(import_run), source=import_run.source, at=at, mapping=mapping)
    import_run.mapping, import_run.content = dict(mapping), None
    note(import_run, result, at)
    return import_run


def _content(run: ImportRun) -> io.BytesIO:
    return io.BytesIO(zlib.decompress(run.content or b""))
