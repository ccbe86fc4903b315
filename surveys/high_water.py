"""How far sending has come, noted outside the database: how a backup that was restored in mid-wave is noticed.

A database that has given out fewer ids of attempts than were made from here is an older one. What it holds as planned
may long have been sent, so nothing is sent from it until a person has looked. The newest attempt alone would not do: it
goes when its customer is erased.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Max

from contacts import changes, consent, refusals
from surveys.models import Attempt, Pause
from surveys.pausing import pause

REASON = (
    "This database is older than what was sent from here: a backup was restored. Compare with the provider's log what "
    "went out meanwhile, cancel that, and resume."
)

GIVEN_OUT = {
    "postgresql": "SELECT last_value FROM surveys_attempt_id_seq WHERE is_called AND log_cnt > 0",
    "sqlite": "SELECT seq FROM sqlite_sequence WHERE name = 'surveys_attempt'",
}
"""The newest id of an attempt that was ever given out. PostgreSQL logs sequences up to 32 ids ahead, so one
that was recovered, restored or set (`log_cnt` 0) may name ids that were never used, and tells nothing."""


def note_attempt(attempt_id: int) -> None:
    """Note that an attempt is about to be made: written before the call, so that it is never behind."""
    with _opened() as mark:
        if attempt_id > _read(mark):
            os.pwrite(mark, f"{attempt_id:020}".encode(), 0)


def hold_if_older(at: datetime) -> Pause | None:
    """Pause everything where the database is older than the mark. The mark then starts anew from what it knows.

    So the pause is the only thing that holds sending back, and ending it is enough. What customers refused since the
    backup holds again, and who pulled changes since begins anew.
    """
    with _opened() as mark:
        # In this order: what the mark says was committed before it, so only an older database does not have it.
        reached = _read(mark)
        newest = Attempt.objects.aggregate(newest=Max("pk"))["newest"] or 0
        if newest >= reached or _given_out() >= reached:
            return None
        held = pause(REASON, at=at)
        consent.bring_back(refusals.journal())
        changes.begin_anew()
        if held.reason != REASON:  # one that was open in the backup: whoever ends it has to know
            Pause.objects.filter(pk=held.pk).update(reason=REASON)
        os.pwrite(mark, f"{newest:020}".encode(), 0)
        return held


def _given_out() -> int:
    """The newest id that the table of attempts surely gave out, erased or not; 0 where that cannot be told."""
    with connection.cursor() as cursor:
        cursor.execute(GIVEN_OUT[connection.vendor])
        [newest] = cursor.fetchone() or (0,)
    return int(newest)


@contextmanager
def _opened() -> Iterator[int]:
    mark = _open()
    try:
        fcntl.flock(mark, fcntl.LOCK_EX)
        yield mark
    finally:
        os.close(mark)


def _open() -> int:
    path, how = Path(settings.HIGH_WATER_MARK), os.O_RDWR | os.O_CREAT
    try:
        return os.open(path, how, 0o600)
    except FileNotFoundError:  # the folder; looked for only now, as the mark is opened for each message
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, how, 0o600)


def _read(mark: int) -> int:
    return int(os.pread(mark, 20, 0) or 0)
