"""The fewest contacts for what is needed."""

from collections.abc import Mapping, Sequence

from surveys.allocation.instance import Group, Planned, check, planned
from surveys.allocation.least_slack import least_slack
from surveys.allocation.programme import Programme
from surveys.allocation.rounding import rounded

MANY = 100
"""With more unknowns customers are planned as if they were divisible, and then rounded: whole numbers take minutes."""
SECONDS = 10.0
"""So long one step of the search may take."""
GAP = 5e-3
"""So much more than the fewest contacts a rounded plan may take and still be called exact."""


def plan(
    need: Mapping[str, float],
    groups: Sequence[Group],
    floor: float = 0.5,
    *,
    weights: Mapping[str, float] | None = None,
    whole: bool = True,
    seconds: float = SECONDS,
) -> Planned:
    """The fewest contacts with which every touchpoint is expected to get the answers it needs, each customer once.

    `need`: touchpoint -> answers. `floor`: every group gets at least so much of its proportional share of a
    touchpoint's contacts now, so that not only the eager are asked. Floors that are small if customers are divisible,
    and with more than 100 unknowns all of them, hold to within one contact. `weights`: what a missing answer counts, 1
    unless told otherwise, where not all needs can be met: then the least weighted sum is missing, and with that the
    fewest contacts are made. Not `whole`: customers are divisible, as where only the probability is wanted with which
    each is drawn; then floors hold as they are, and a plan takes some milliseconds.

    The plan is not `exact` where `seconds` were not enough for a step: where they gave no whole numbers, these are
    rounded, and where they gave no answer at all, it is the plan of `least_slack`, which knows no floor. Raises
    InstanceError for what cannot be planned.
    """
    weights = dict.fromkeys(need, 1.0) if weights is None else weights
    check(need, groups, floor, weights)
    programme = Programme(need, groups, floor, weights)
    divisible, exact = programme.best(seconds)
    if divisible is None:
        return least_slack(need, groups, weights=weights)
    if not whole:
        values = divisible
    elif len(programme.asks) > MANY:
        values = rounded(programme, divisible)
        exact &= bool(programme.contacts @ values <= programme.contacts @ divisible * (1 + GAP))
    else:
        programme.loosen(divisible)
        found, exact = programme.best(seconds, whole=True)
        values = rounded(programme, divisible) if found is None else found
    return planned(need, groups, weights, *programme.asked(values), exact=exact)
