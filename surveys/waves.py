"""A pass of planning, split into ranges of customers that any number of workers on any number of hosts decide about."""

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet
from numpy.typing import NDArray

from contacts.columns import read_numbers
from contacts.locking import Overtaken, reading_first
from contacts.models import Touchpoint
from surveys.candidates import undecided
from surveys.models import Program, Wave, WaveRange

LENGTHS = {"postgresql": 2_000, "sqlite": 250}
"""Touchpoints in one range: its customers stay locked, and SQLite's whole file, until it is decided about."""
PAUSES = {"postgresql": 0.0, "sqlite": 0.1}
"""Seconds between two ranges: SQLite does not serve waiting writers in turn, but whoever asks at the right moment."""

TOGETHER = 4
"""While nobody else writes, so many ranges are decided about before SQLite's file is held, and written at once: the
larger part of what a range costs is the same however long it is."""
ONE_BY_ONE = 16
"""So many ranges are decided about with the file held once somebody did write meanwhile."""

Touchpoints = Mapping[str, Sequence[int]]
"""Program id -> touchpoint ids; the id is a text because JSON has no other keys."""
Report = dict[str, dict[str, Any]]
"""Program -> figures, as JSON can hold them."""
Decide = Callable[[Touchpoints, int], Report]
"""Decides about touchpoints of the wave with this id."""


def start(programs: Sequence[Program], at: datetime) -> None:
    """Open a wave over what these programs have to decide about, unless that is nothing or another wave is open.

    Reads each touchpoint once and locks nobody.
    """
    newest = Touchpoint.objects.aggregate(newest=Max("pk"))["newest"] or 0
    ranges = list(_ranges(programs, at))
    about = {"at": at, "newest_touchpoint": newest, "programs": [program.pk for program in programs]}
    if not ranges:
        note_progress([program.pk for program in programs], newest, at)
        return
    with transaction.atomic():
        wave, made = Wave.objects.get_or_create(open=True, defaults=about)
        if made:
            WaveRange.objects.bulk_create(
                WaveRange(wave=wave, first=first, last=last, touchpoints=touchpoints)
                for first, last, touchpoints in ranges
            )


def work(decide: Decide, at: datetime) -> Iterator[Report]:
    """Decide about the ranges of the open wave that nobody else has; yield the reports, and close the wave at its end.

    `decide` writes what it decides in the transaction that it is called in, and returns its report.
    """
    for report in _reports(decide, at):
        yield report
        if PAUSES[connection.vendor] and _waiting_ranges().exists():
            time.sleep(PAUSES[connection.vendor])
    _close()


def note_progress(programs: Sequence[int], newest: int, at: datetime) -> None:
    """Note that these programs (ids) have decided about all that was ripe at `at`, up to the newest touchpoint's id.

    A pass at an instant before the newest one leaves that as it is.
    """
    behind = Program.objects.filter(Q(planned_at=None) | Q(planned_at__lt=at), pk__in=programs, active=True)
    behind.update(planned_at=at, seen_touchpoint=newest)


def _ranges(programs: Sequence[Program], at: datetime) -> Iterator[tuple[int, int, Touchpoints]]:
    """First and last customer of each range, and its touchpoints; all touchpoints of a customer are in one range."""
    found = [_waiting(program, at) for program in programs]
    waiting = np.concatenate([np.empty((0, 3), np.int64), *found])
    waiting = waiting[np.argsort(waiting[:, 0], kind="stable")]
    customers = waiting[:, 0]
    length = LENGTHS[connection.vendor]
    # A range begins where a customer does, at the first one behind so many touchpoints.
    begins = np.unique(np.searchsorted(customers, customers[::length]))
    for begin, end in pairwise([*begins.tolist(), len(customers)]):
        touchpoints: dict[str, list[int]] = defaultdict(list)
        for program_id, touchpoint_id in waiting[begin:end, 1:].tolist():
            touchpoints[str(program_id)].append(touchpoint_id)
        yield int(customers[begin]), int(customers[end - 1]), touchpoints


def _waiting(program: Program, at: datetime) -> NDArray[np.int64]:
    """Customer, program and touchpoint, [n, 3]."""
    parts = [np.column_stack(read_numbers(part, "customer", "pk")) for part in undecided(program, at)]
    return np.insert(np.concatenate(parts), 1, program.pk, axis=1)


def _waiting_ranges() -> QuerySet[WaveRange]:
    return WaveRange.objects.filter(wave__open=True, decided_at=None).order_by("wave", "first")


def _reports(decide: Decide, at: datetime) -> Iterator[Report]:
    """Decide about one range after the other, on SQLite about several at once, until nothing is left."""
    locked = 0 if connection.vendor == "sqlite" else sys.maxsize
    while True:
        try:
            report = _decide_next(decide, at) if locked else _decide_unlocked(decide, at)
        except Overtaken:
            locked = ONE_BY_ONE
            continue
        if report is None:
            return
        locked = max(0, locked - 1)
        yield report


def _decide_unlocked(decide: Decide, at: datetime) -> Report | None:
    with reading_first():
        return _decide_next(decide, at, TOGETHER)


@transaction.atomic
def _decide_next(decide: Decide, at: datetime, how_many: int = 1) -> Report | None:
    """Decide about the next ranges that nobody else has; the first of them keeps the report about all."""
    mine = list(_waiting_ranges().select_for_update(skip_locked=True, of=("self",))[:how_many])
    if not mine:
        return None
    touchpoints: dict[str, list[int]] = defaultdict(list)
    for part in mine:
        for program_id, ids in part.touchpoints.items():
            touchpoints[program_id] += ids
    report = decide(touchpoints, mine[0].wave_id)
    WaveRange.objects.filter(pk__in=[part.pk for part in mine]).update(touchpoints={}, decided_at=at)
    WaveRange.objects.filter(pk=mine[0].pk).update(report=report)
    return report


@transaction.atomic
def _close() -> None:
    """Close the open wave if all of it is decided about."""
    wave = Wave.objects.filter(open=True).select_for_update().first()
    if wave is None or wave.ranges.filter(decided_at=None).exists():
        return
    wave.open = False
    wave.save(update_fields=["open"])
    note_progress(wave.programs, wave.newest_touchpoint, wave.at)
