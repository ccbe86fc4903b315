"""The folder of uploads: each file under a name of our own until it is imported, its reject file some days longer.

All web and worker processes must see the same folder. Nothing here takes a path from outside.
"""

import csv
import hashlib
import secrets
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet

from contacts.models import ImportRun
from contacts.traces import Traces

ZIP = b"PK\x03\x04"
"""How a workbook begins, which is a zip archive."""
MISSING = (
    "The uploaded file is not in the folder of uploads any more, or this host has another folder (UPLOADS_FOLDER). "
    "Upload it again."
)
ERASED = "Somebody who is in this file had everything erased. Take her out of your system, then upload the file again."
_PIECE = 1024 * 1024


class TooLarge(ValueError):  # noqa: N818 - it is what the file is
    """More bytes than the installation takes; nothing of it is kept."""

    def __init__(self) -> None:
        limit = settings.IMPORT_MAX_BYTES // 1024 // 1024
        super().__init__(
            f"This file has more than {limit:,} MB. Split it, each part with the line that names the columns."
        )


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was put into the folder: its name there, its bytes, and their SHA-256 in hexadecimal."""

    name: str
    size: int
    digest: str


def put(pieces: Iterable[bytes]) -> Upload:
    """Keep what comes, piece by piece; raises TooLarge, with nothing kept, once it is."""
    path, size, digest, begin = folder() / secrets.token_hex(16), 0, hashlib.sha256(), b""
    try:
        with path.open("xb") as file:
            for piece in _limited(pieces):
                size += len(piece)
                begin = begin or piece[: len(ZIP)]
                digest.update(piece)
                file.write(piece)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    kept = path.rename(path.with_suffix(".xlsx" if begin == ZIP else ".csv"))
    return Upload(kept.name, size, digest.hexdigest())


def _limited(pieces: Iterable[bytes]) -> Iterator[bytes]:
    left = settings.IMPORT_MAX_BYTES
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            raise TooLarge
        yield piece


def folder() -> Path:
    """Return the folder of uploads, made where it is not there."""
    path = Path(settings.UPLOADS_FOLDER)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def upload_of(run: ImportRun) -> Path:
    """Return where the file itself is; for a workbook, of which the rows are taken out first, the workbook."""
    return folder() / run.file


def is_workbook(run: ImportRun) -> bool:
    """Whether the upload is one, or at least a zip archive."""
    return run.file.endswith(".xlsx")


def unpacked_of(run: ImportRun) -> Path:
    """Return where the rows of a workbook are as CSV; of any other file it is the file."""
    return upload_of(run).with_suffix(".csv")


def rejects_of(run: ImportRun) -> Path:
    """Return where the rejected rows are listed."""
    return upload_of(run).with_suffix(".rejects.csv")


def has_rejects(run: ImportRun) -> bool:
    """Whether the reject file is (still) there."""
    return bool(run.file) and rejects_of(run).exists()


def let_go(run: ImportRun) -> None:
    """Remove the upload of an import that has ended; its reject file stays for some days."""
    if run.file:
        upload_of(run).unlink(missing_ok=True)
        unpacked_of(run).unlink(missing_ok=True)
        if not run.rejected:  # then a worker that died left some, whose rows were taken back
            rejects_of(run).unlink(missing_ok=True)


def remove(run: ImportRun) -> None:
    """Remove everything in the folder that belongs to an import, and note that nothing is left."""
    if run.file:
        let_go(run)
        rejects_of(run).unlink(missing_ok=True)
        ImportRun.objects.filter(pk=run.pk).update(file="")


def old(before: datetime) -> QuerySet[ImportRun]:
    """Return the imports that ended before an instant, and the previews of before it that nobody ran."""
    return ImportRun.objects.filter(Q(state=ImportRun.PREVIEWED, asked_at__lt=before) | Q(finished_at__lt=before))


def forget(before: datetime, at: datetime) -> None:
    """Remove what is older than an instant: reject files and rows, previews, and files that belong to no import."""
    for run in old(before).exclude(file=""):
        remove(run)
    old(before).exclude(rejects=[]).update(rejects=[])
    cancelled = {"state": ImportRun.State.CANCELLED, "finished_at": at, "problem": "Nobody imported it in time."}
    ImportRun.objects.filter(state=ImportRun.PREVIEWED, file="").update(**cancelled)
    known = {name.partition(".")[0] for name in ImportRun.objects.exclude(file="").values_list("file", flat=True)}
    for path in folder().iterdir():
        with suppress(FileNotFoundError):  # a worker that ends its job removes it at the same time
            if path.name.partition(".")[0] not in known and path.stat().st_mtime < before.timestamp():
                path.unlink()


def forget_person(found_by: Traces, at: datetime) -> None:
    """Remove uploads and reject files in which a person stands, and stop their imports."""
    for run in ImportRun.objects.exclude(file=""):
        if holds(rejects_of(run), found_by):
            _forget_rejects(run, found_by)
        if run.finished_at is None and (holds(upload_of(run), found_by) or holds(unpacked_of(run), found_by)):
            remove(run)
            stopped = {"state": ImportRun.State.CANCELLED, "finished_at": at, "problem": ERASED}
            ImportRun.objects.filter(pk=run.pk, finished_at=None).update(**stopped)


def _forget_rejects(run: ImportRun, found_by: Traces) -> None:
    """Take the rows in which the person stands out of the reject file, and out of the rejects that are listed.

    What was wrong in her row may be an address of hers that nobody would recognise. While the import is not over its
    worker knows how long the file is: then the whole file goes, and the list.
    """
    path, hers, kept = rejects_of(run), set(), []
    if run.finished_at is None:
        path.unlink(missing_ok=True)
    else:
        part = path.with_suffix(".part")
        with (
            path.open(newline="", encoding="utf-8", errors="replace") as file,
            part.open("w", newline="", encoding="utf-8") as left,
        ):
            for line, *cells in filter(None, csv.reader(file)):
                if any(map(found_by.are_in, cells)):
                    hers.add(line)
                else:
                    csv.writer(left).writerow((line, *cells))
        part.replace(path)
        kept = [reject for reject in run.rejects if str(reject["line"]) not in hers]
    ImportRun.objects.filter(pk=run.pk).update(rejects=kept)


def holds(path: Path, found_by: Traces) -> bool:
    """Whether a person stands in a file that is there: in one of its cells, or with an address of hers."""
    return path.exists() and found_by.are_in_cells(_pieces(path))


def _pieces(path: Path) -> Iterator[bytes]:
    """The bytes of a file; of a workbook those of all its parts."""
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            yield from iter(lambda: file.read(_PIECE), b"")
        return
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            with parts.open(name) as part:
                yield from iter(lambda: part.read(_PIECE), b"")
