"""One contact after the other: the rule between two plans, and for where a plan cannot be found in time.

Before each contact it is the turn of the touchpoint with the least slack: the answers that the customers who are left
would give, less those that it still needs. It asks the least flexible of its customers (who had the fewest of the
touchpoints that still need answers), of these the one who most likely answers. It meets needs nearly as often as the
best plan does, with more contacts, and knows no floor.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from surveys.allocation.instance import Group, Planned, check, planned


def least_slack(
    need: Mapping[str, float], groups: Sequence[Group], *, weights: Mapping[str, float] | None = None
) -> Planned:
    """The plan that the rule makes, contact by contact; `weights` count what is missing. Raises InstanceError.

    Touchpoints that customers will have later on are left to later plans.
    """
    weights = dict.fromkeys(need, 1.0) if weights is None else weights
    check(need, groups, 0, weights)
    names = list(need)
    response = np.array([[_response(group, name) for name in names] for group in groups])
    left = np.array([group.customers for group in groups], np.int64)
    lacking = np.array([need[name] for name in names], np.float64)
    supply = left @ response
    made = np.zeros(response.shape, np.int64)
    while (needing := (lacking > TINY) & (supply > TINY)).any():
        t = int(np.where(needing, supply - lacking, np.inf).argmin())
        flexible = (response[:, needing] > 0).sum(axis=1)
        n = int(np.lexsort((-response[:, t], flexible, (response[:, t] == 0) | (left == 0)))[0])
        made[n, t] += 1
        left[n] -= 1
        lacking[t] -= response[n, t]
        supply -= response[n]
    contacts = {(n, names[t]): int(made[n, t]) for n, t in zip(*map(np.ndarray.tolist, np.nonzero(made)), strict=True)}
    return planned(need, groups, weights, contacts, {}, exact=False)


TINY = 1e-9
"""Less than this of an answer is the computer's."""


def _response(group: Group, name: str) -> float:
    return group.answers(name) if name in group.touchpoints else 0.0
