"""What the fewest contacts of a month take to find: 100,000 customers, 12 touchpoints, three classes of answering.

Customers have each touchpoint by lot, the rarest one in a hundred of them, so that there are some 1,200 groups. The
limit of 30 s is the issue's; beside it stands the rule that asks one after the other, and what both cost in contacts.
"""

import sys
import time
from collections import Counter

import numpy as np

from bench._report import note
from bench.wave import Figure
from surveys.allocation import Group, Planned, least_slack, plan

CUSTOMERS, TOUCHPOINTS = 100_000, 12
ANSWERS = (0.08, 0.2, 0.35)
WANTED = 0.2
"""Share of the answers of everybody that are needed."""


def world() -> tuple[dict[str, float], list[Group]]:
    """What is needed, and the groups."""
    rng = np.random.default_rng(616)
    had = rng.random((CUSTOMERS, TOUCHPOINTS)) < np.geomspace(0.3, 0.01, TOUCHPOINTS)
    had[~had.any(axis=1), 0] = True
    answering = rng.integers(0, len(ANSWERS), CUSTOMERS)
    counts = Counter(zip(map(tuple, had.tolist()), answering.tolist(), strict=True))
    groups = [
        Group(tuple(f"touchpoint {t}" for t, one in enumerate(names) if one), ANSWERS[n], number)
        for (names, n), number in counts.items()
    ]
    supply = (had * np.array(ANSWERS)[answering][:, None]).sum(axis=0)
    return {f"touchpoint {t}": round(WANTED * answers) for t, answers in enumerate(supply.tolist())}, groups


def main() -> int:
    """Measure once, print a table, and fail beyond the limit."""
    need, groups = world()
    figures: list[Figure] = []
    for name, find, limit in (("the plan", plan, 30), ("the rule, one after the other", least_slack, None)):
        begun = time.perf_counter()
        found: Planned = find(need, groups)
        figures.append(Figure(f"{name}, s", time.perf_counter() - begun, limit))
        figures.append(Figure(f"{name}, contacts", found.total))
        figures.append(Figure(f"{name}, answers missing", sum(found.missing.values())))
    print(f"{CUSTOMERS:,} customers in {len(groups):,} groups, {TOUCHPOINTS} touchpoints")
    for figure in figures:
        print(figure.line())
    note("allocation", {figure.name: figure.value for figure in figures})
    return int(not all(figure.holds for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
