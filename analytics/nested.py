"""Scores of groups that overlap: which to hide so that no small group is what two of them differ by. Pure.

An answer may have several marks (flags, themes), and each mark is shown beside the score of all answers. So what is
left of one group when another is taken off must not be small either (differencing: Hundepool et al., "Statistical
Disclosure Control", Wiley 2012, chapter 4).
"""

from collections.abc import Collection, Mapping
from itertools import permutations

from analytics.scores import SHOWN_FROM

Moods = tuple[int, int, int]
"""Promoters, passives, detractors."""
Marked = Mapping[frozenset[str], Moods]
"""Marks that answers have -> how these answered."""


def together(marked: Marked, mark: str | None = None) -> Moods:
    """All answers with a mark, or all answers."""
    counts = [moods for marks, moods in marked.items() if mark is None or mark in marks]
    promoters, passives, detractors = (sum(category) for category in zip(*counts, strict=True)) if counts else (0, 0, 0)
    return promoters, passives, detractors


def without(marked: Marked, mark: str) -> Moods:
    """All answers that lack a mark."""
    return together({marks: moods for marks, moods in marked.items() if mark not in marks})


def hidden(marked: Marked, marks: Collection[str]) -> frozenset[str]:
    """The marks whose answers are not to be shown beside all answers, and beside each other.

    A mark of fewer than `SHOWN_FROM` answers, one that fewer lack, and one whose answers are those of a narrower mark
    that is shown and a few more.
    """
    small = {
        mark
        for mark in marks
        if sum(together(marked, mark)) < SHOWN_FROM or 0 < sum(without(marked, mark)) < SHOWN_FROM
    }
    shown = sorted(set(marks) - small, key=lambda mark: (sum(together(marked, mark)), mark))
    for wide, narrow in permutations(shown, 2):
        if {wide, narrow}.isdisjoint(small) and _differ_by_few(marked, wide, narrow):
            small.add(wide)
    return frozenset(small)


def _differ_by_few(marked: Marked, wide: str, narrow: str) -> bool:
    """Whether one mark has all answers of the other, and a few more."""
    if any(sum(moods) for marks, moods in marked.items() if narrow in marks and wide not in marks):
        return False
    more = without({marks: moods for marks, moods in marked.items() if wide in marks}, narrow)
    return 0 < sum(more) < SHOWN_FROM
