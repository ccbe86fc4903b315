"""What of a figure a reader may see: three states, and which groups are hidden so that no small one can be worked out.

The state of a group follows from its size and its margin. A table beside its total needs more: what is left of the
total when all shown groups are taken off would give a single hidden group away. `withheld` hides as many more as
that takes (complementary suppression of a one-way table), and `withheld_in_table` of a table that stands beside the
totals of its rows and of its columns.
Source: Hundepool et al., "Statistical Disclosure Control", Wiley 2012, chapter 4.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import product
from typing import Literal, TypeVar

SHOWN_FROM = 10
"""Answers (or customers) a group needs before anything but its size is shown."""

WIDEST_MARGIN = 20.0
"""Points; an interval with a larger margin is called wide, drawn grey and not ranked."""

State = Literal["ok", "wide", "withheld"]
Place = tuple[str, str]
"""Of a cell: its row and its column."""
Group = TypeVar("Group", str, Place)
Lines = dict[tuple[int, str], dict[Place, frozenset[int]]]


def state(n: float, low: float, high: float, minimum: int = SHOWN_FROM) -> State:
    """Whether an estimate from `n` answers or customers is hidden (below `minimum`), wide or ok; bounds in points."""
    if n < minimum:
        return "withheld"
    return "wide" if (high - low) / 2 > WIDEST_MARGIN else "ok"


def withheld(
    cells: Mapping[Group, Sequence[int]], *, minimum: int = SHOWN_FROM, besides: Collection[Group] = ()
) -> frozenset[Group]:
    """The groups to hide where their sizes and the counts of all groups together are shown.

    `cells`: group -> its counts, such as promoters, passives and detractors. Groups below `minimum` are hidden, and
    those named in `besides`, whatever they count, such as many answers of few customers.
    With them the smallest others, until what a reader gets by taking the shown groups off the total is at least two
    groups, is `minimum` large, and is not all of one category: then each hidden small group may have been
    different. Where all groups are hidden that is as much as the total itself says.
    """
    hidden = {group for group, counts in cells.items() if sum(counts) < minimum or group in besides}
    others = sorted((sum(counts), group) for group, counts in cells.items() if group not in hidden)
    for _, group in others:
        if _is_safe([cells[group] for group in hidden], minimum):
            break
        hidden.add(group)
    return frozenset(hidden)


def withheld_in_table(
    cells: Mapping[Place, Sequence[int]], *, minimum: int = SHOWN_FROM, besides: Collection[Place] = ()
) -> frozenset[Place]:
    """The cells to hide where all sizes, and the counts of each row and of each column together, are shown.

    Cells below `minimum` and those in `besides` are hidden, and with them, until nothing more has to be: what
    `withheld` hides in each row and column; and for each hidden cell the three smallest others with which it could have
    exchanged two answers of different categories, as rows and columns together may tell what none of them tells alone.
    All cells where there is no such exchange; but a cell of a row or column whose answers are all alike needs none:
    its total says what they are.
    """
    hidden = {place for place, counts in cells.items() if sum(counts) < minimum or place in besides}
    lines, before = _lines(cells), -1
    while before != len(hidden):
        before = len(hidden)
        for place in sorted(place for place in hidden if sum(cells[place])):
            hidden |= _exchange(place, cells, lines, hidden)
        for line in lines.values():
            hidden |= withheld({place: cells[place] for place in line}, minimum=minimum, besides=hidden)
    return frozenset(hidden)


def _lines(cells: Mapping[Place, Sequence[int]]) -> Lines:
    """The categories that each cell of each row (0, its name) and of each column (1, its name) has answers of."""
    lines: Lines = defaultdict(dict)
    for place, counts in sorted(cells.items()):
        for along in (0, 1):
            given = frozenset(category for category, count in enumerate(counts) if count)
            lines[along, place[along]][place] = given
    return lines


def _exchange(
    place: Place, cells: Mapping[Place, Sequence[int]], lines: Lines, hidden: AbstractSet[Place]
) -> frozenset[Place]:
    """The cells to hide so that what is hidden at a place may be something else; none where it may be already."""
    if next(_corners(place, lines, hidden), None):
        return frozenset()
    sizes = {other: 0 if other in hidden else sum(counts) for other, counts in cells.items()}
    if corners := sorted(
        _corners(place, lines, cells.keys()), key=lambda three: (sum(sizes[one] for one in three), three)
    ):
        return frozenset(corners[0])
    all_alike = any(len(frozenset().union(*lines[along, place[along]].values())) == 1 for along in (0, 1))
    return frozenset() if all_alike else frozenset(cells)


def _corners(place: Place, lines: Lines, among: AbstractSet[Place]) -> Iterator[tuple[Place, Place, Place]]:
    """Three cells, of one row, one column and neither, with which a cell can exchange answers.

    One of a category goes to the cell beside it, one of another comes back, and the other way round in the other row:
    all sizes stay, and what each row and each column holds.
    """
    row, column = lines[0, place[0]], lines[1, place[1]]
    for beside, below in product(row, column):
        opposite = below[0], beside[1]
        if place in (beside, below) or not {beside, below, opposite} <= among:
            continue
        leaving, coming = row[place] & lines[0, below[0]][opposite], row[beside] & column[below]
        if leaving and coming and len(leaving | coming) > 1:
            yield beside, below, opposite


def _is_safe(hidden: Collection[Sequence[int]], minimum: int) -> bool:
    """Whether the sum of the hidden groups says of none below `minimum` what its counts are."""
    answered = [counts for counts in hidden if sum(counts)]
    together = [sum(category) for category in zip(*answered, strict=True)]
    of_several_categories = sum(count > 0 for count in together) > 1
    return not answered or (len(answered) > 1 and sum(together) >= minimum and of_several_categories)
