"""Files that others put into a folder: `<IMPORT_FOLDER>/<subject>/<source>/<file>`, imported by themselves, once.

A file is taken by renaming it into `.taken`, which only one of several hosts can do. Once its import has ended it lies
in `done` or `failed`, with its reject file beside it. Links are not followed.
"""

import csv
import json
import logging
import re
import secrets
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from contacts.import_files import has_rejects, holds, let_go, rejects_of
from contacts.intake import Unreadable
from contacts.intake.rejects import HEADER
from contacts.models import ImportRun
from contacts.traces import Traces
from cxsurvey.uploads import SUBJECTS, Asked, ask, preview

SEEN = ".seen"
"""Size and time of each file at the last look: what is still being written differs at the next."""
TAKEN = ".taken"
APART = timedelta(seconds=20)
"""Between two looks: hosts that look at the same time see nothing of what is being written."""
FORGOTTEN = timedelta(minutes=10)
"""Then a file that was taken and became no import is put back: whoever took it died."""
_SOURCE = re.compile(r"[-a-zA-Z0-9_]{1,60}")
_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")
_PIECE = 1024 * 1024

logger = logging.getLogger(__name__)
Sizes = dict[str, list[int]]
"""Path below the folder -> bytes, and nanoseconds of the last change."""


def look(at: datetime) -> None:
    """Take what is whole, put away what has been imported. Does nothing where no folder is set."""
    if not settings.IMPORT_FOLDER:
        return
    root = Path(settings.IMPORT_FOLDER)
    for place in _places(root):
        _put_away(root, place, at)
    for path in _whole(root, at):
        _take(root, path, at)


def forget_person(found_by: Traces) -> None:
    """Remove every file of the folder in which a person stands, also what was imported and put away, or waits."""
    if not settings.IMPORT_FOLDER:
        return
    for place in _places(Path(settings.IMPORT_FOLDER)):
        for path in sorted(place.rglob("*")):
            if path.is_file() and not path.is_symlink() and holds(path, found_by):
                path.unlink(missing_ok=True)


def put_away_before(before: datetime) -> list[Path]:
    """Return the files that were imported, or could not be, and put away before an instant."""
    if not settings.IMPORT_FOLDER:
        return []
    ends = [place / end for place in _places(Path(settings.IMPORT_FOLDER)) for end in ("done", "failed")]
    found = [path for end in ends if end.is_dir() for path in sorted(end.iterdir()) if path.is_file()]
    return [path for path in found if path.stat().st_mtime < before.timestamp()]


def forget(before: datetime) -> None:
    """Delete these files."""
    for path in put_away_before(before):
        path.unlink(missing_ok=True)


def _places(root: Path) -> Iterator[Path]:
    """Yield the folders <subject>/<source> that are there; none of them is a link."""
    for subject in SUBJECTS:
        if (root / subject).is_dir() and not (root / subject).is_symlink():
            for place in sorted((root / subject).iterdir()):
                if place.is_dir() and not place.is_symlink() and _SOURCE.fullmatch(place.name):
                    yield place


def _whole(root: Path, at: datetime) -> list[Path]:
    """Return the files that nobody has written to since an earlier look; note how they are now."""
    now: Sizes = {}
    for place in _places(root):
        for path in sorted(place.iterdir()):
            if path.is_file() and not path.is_symlink() and _is_meant(path.name):
                about = path.stat()
                now[str(path.relative_to(root))] = [about.st_size, about.st_mtime_ns]
    noted, seen = _read_seen(root / SEEN)
    if at.timestamp() - noted < APART.total_seconds():
        return []
    part = root / f"{SEEN}.{secrets.token_hex(4)}"
    part.write_text(json.dumps([at.timestamp(), now]))
    part.rename(root / SEEN)
    return [root / name for name, about in now.items() if seen.get(name) == about]


def _read_seen(path: Path) -> tuple[float, Sizes]:
    if not path.exists():
        return 0.0, {}
    noted, seen = json.loads(path.read_text())
    return noted, seen


def _is_meant(name: str) -> bool:
    return not name.startswith(".") and not name.casefold().endswith(_UNFINISHED)


def _take(root: Path, path: Path, at: datetime) -> None:
    taken = path.parent / TAKEN / f"{secrets.token_hex(4)}.{path.name}"
    taken.parent.mkdir(exist_ok=True)
    try:
        path.rename(taken)
    except FileNotFoundError:  # another host was faster
        return
    taken.touch()  # from now on it counts as forgotten after a while
    below = str(taken.relative_to(root))
    asked = Asked(path.parts[-3], path.parts[-2], path.name, taken_from=below)
    try:
        with taken.open("rb") as file:
            run = preview(iter(lambda: file.read(_PIECE), b""), asked, at=at)
    except Unreadable as error:
        run = ImportRun(subject=asked.subject, source=asked.source, file_name=path.name[-200:], taken_from=below)
        _refuse(run, error, at)
        return
    try:
        ask(run, at=at)
    except Unreadable as error:
        _refuse(run, error, at)


def _refuse(run: ImportRun, error: Unreadable, at: datetime) -> None:
    logger.warning("The file %s cannot be imported: %s", run.taken_from, error)
    let_go(run)
    run.state, run.problem = ImportRun.State.FAILED, str(error)
    run.asked_at = run.finished_at = at
    run.save()


def _put_away(root: Path, place: Path, at: datetime) -> None:
    """Move the files of imports that have ended out of `.taken`; put back those that became none."""
    for taken in sorted((place / TAKEN).glob("*")):
        run = ImportRun.objects.filter(taken_from=str(taken.relative_to(root))).first()
        name = taken.name.partition(".")[2]
        if run is None:
            if taken.stat().st_mtime < (at - FORGOTTEN).timestamp() and not (place / name).exists():
                taken.rename(place / name)
        elif run.finished_at is not None:
            end = place / ("done" if run.state == ImportRun.State.DONE else "failed")
            end.mkdir(exist_ok=True)
            kept = end / f"{run.finished_at:%Y%m%dT%H%M%S}-{run.pk}-{name}"
            _put_beside(run, kept)
            taken.replace(kept)


def _put_beside(run: ImportRun, path: Path) -> None:
    """Put the reject file, and why an import failed, beside the file."""
    if has_rejects(run):
        shutil.copyfile(rejects_of(run), path.with_name(f"{path.name}.rejects.csv"))
    elif run.problem:
        with path.with_name(f"{path.name}.rejects.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADER, ("", "", "", run.problem)])
