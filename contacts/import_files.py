"""The folder of uploads: each file under a name of our own until it is imported, its reject file some days longer.

All web and worker processes must see the same folder. Nothing here takes a path from outside.
"""

import hashlib
import secrets
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from contacts.models import ImportRun

KEPT = timedelta(days=14)
"""Previews that nobody ran, and reject files."""
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


def forget(at: datetime) -> None:
    """Remove what nobody needs any more: reject files and previews of long ago, and files that belong to no import."""
    old = Q(state=ImportRun.PREVIEWED, asked_at__lt=at - KEPT) | Q(finished_at__lt=at - KEPT)
    for run in ImportRun.objects.filter(old).exclude(file=""):
        remove(run)
    cancelled = {"state": ImportRun.State.CANCELLED, "finished_at": at, "problem": "Nobody imported it for two weeks."}
    ImportRun.objects.filter(state=ImportRun.PREVIEWED, file="").update(**cancelled)
    known = {name.partition(".")[0] for name in ImportRun.objects.exclude(file="").values_list("file", flat=True)}
    for path in folder().iterdir():
        with suppress(FileNotFoundError):  # a worker that ends its job removes it at the same time
            if path.name.partition(".")[0] not in known and path.stat().st_mtime < (at - KEPT).timestamp():
                path.unlink()


def forget_person(found: Iterable[str], at: datetime) -> None:
    """Remove uploads and reject files in which one of these texts (in lower case) stands, and stop their imports."""
    wanted = [text.encode() for text in found if text]
    for run in ImportRun.objects.exclude(file=""):
        if _holds(rejects_of(run), wanted):
            rejects_of(run).unlink(missing_ok=True)
        if run.finished_at is None and (_holds(upload_of(run), wanted) or _holds(unpacked_of(run), wanted)):
            remove(run)
            stopped = {"state": ImportRun.State.CANCELLED, "finished_at": at, "problem": ERASED}
            ImportRun.objects.filter(pk=run.pk, finished_at=None).update(**stopped)


def _holds(path: Path, wanted: list[bytes]) -> bool:
    if not wanted or not path.exists():
        return False
    overlap = max(map(len, wanted))
    end = b""
    for piece in _pieces(path):
        text = end + piece.lower()
        if any(one in text for one in wanted):
            return True
        end = text[-overlap:]
    return False


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
