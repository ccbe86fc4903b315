"""Whole customers from a plan in which they are divisible."""

import numpy as np

from surveys.allocation.programme import ALMOST, Floats, Programme


def rounded(programme: Programme, divisible: Floats) -> Floats:
    """The values with whole numbers of customers asked now, and the same answers, to within one for each touchpoint.

    All are rounded down; then, touchpoint after touchpoint, those of whom most was lost are rounded up, where the group
    has somebody left, until the answers are there again.
    """
    size, now = len(programme.asks), programme.now
    values = divisible.copy()
    values[:size][now] = np.floor(divisible[:size][now] + ALMOST)
    lost = divisible[:size] - values[:size]
    for t in range(len(programme.names)):
        answers = programme.response * (divisible[:size] - values[:size])
        lacking = answers[programme.touchpoint == t].sum()
        left = programme.customers - np.bincount(programme.group, values[:size], len(programme.customers))
        mine = np.flatnonzero(now & (programme.touchpoint == t) & (left[programme.group] >= 1 - ALMOST))
        mine = mine[np.argsort(-lost[mine], kind="stable")]
        before = np.concatenate([[0.0], np.cumsum(programme.response[mine])])[:-1]
        values[mine[before < lacking - ALMOST]] += 1
    return values
