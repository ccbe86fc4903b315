"""What of a figure a reader may see: three states, and which groups are hidden so that no small one can be worked out.

The state of a group follows from its size and its margin. A table beside its total needs more: what is left of the
total when all shown groups are taken off would give a single hidden group away. `withheld` hides as many more as
that takes (complementary suppression of a one-way table).
Source: Hundepool et al., "Statistical Disclosure Control", Wiley 2012, chapter 4.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

SHOWN_FROM = 10
"""Answers (or customers) a group needs before anything but its size is shown."""

WIDEST_MARGIN = 20.0
"""Points; an interval with a larger margin is called wide, drawn grey and not ranked."""

State = Literal["ok", "wide", "withheld"]


def state(n: float, low: float, high: float, minimum: int = SHOWN_FROM) -> State:
    """Whether an estimate from `n` answers or customers is hidden (below `minimum`), wide or ok; bounds in points."""
    if n < minimum:
        return "withheld"
    return "wide" if (high - low) / 2 > WIDEST_MARGIN else "ok"


def withheld(
    cells: Mapping[str, Sequence[int]], *, minimum: int = SHOWN_FROM, besides: Collection[str] = ()
) -> frozenset[str]:
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


def _is_safe(hidden: Collection[Sequence[int]], minimum: int) -> bool:
    """Whether the sum of the hidden groups says of none below `minimum` what its counts are."""
    answered = [counts for counts in hidden if sum(counts)]
    together = [sum(category) for category in zip(*answered, strict=True)]
    of_several_categories = sum(count > 0 for count in together) > 1
    return not answered or (len(answered) > 1 and sum(together) >= minimum and of_several_categories)
