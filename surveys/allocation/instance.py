"""What is to be planned, and what came of it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


class InstanceError(ValueError):
    """What cannot be planned; the text names what is wrong with which touchpoint or group."""


@dataclass(frozen=True, slots=True)
class Group:
    """So many customers who are interchangeable: each may be asked about one of their `touchpoints`, once.

    `response`: the probability that one of them answers when asked, above 0 and up to 1; by touchpoint where it
    differs. `later`: touchpoint -> the share of them who will have it later on; whoever was asked before is not asked
    about it then.
    """

    touchpoints: tuple[str, ...]
    response: float | Mapping[str, float]
    customers: int
    later: Mapping[str, float] = field(default_factory=dict)

    def answers(self, touchpoint: str) -> float:
        """The probability of an answer about this touchpoint."""
        return self.response[touchpoint] if isinstance(self.response, Mapping) else self.response


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan.

    `contacts` and `later`: (place of the group, touchpoint) -> how many to ask now, and how many later on.
    Whole numbers, but for those later on and where customers are divisible.

    `expected`: answers by touchpoint. `missing`: answers that it falls short of, by touchpoint; `shortfall` is their
    weighted sum. `exact`: proven to be the best there is, to the gap of `plan`.
    """

    contacts: Mapping[tuple[int, str], float]
    later: Mapping[tuple[int, str], float]
    expected: Mapping[str, float]
    missing: Mapping[str, float]
    shortfall: float
    exact: bool

    @property
    def total(self) -> float:
        """How many contacts it takes."""
        return sum(self.contacts.values()) + sum(self.later.values())


def check(need: Mapping[str, float], groups: Sequence[Group], floor: float, weights: Mapping[str, float]) -> None:
    """Raise InstanceError for what cannot be planned."""
    if not groups:
        raise InstanceError("groups: expected at least one")
    for name, answers in need.items():
        _number(f"need of {name}", answers)
    if not 0 <= floor <= 1:
        raise InstanceError(f"floor: expected a share from 0 to 1, not {floor}")
    for name in need:
        if not 0 < weights.get(name, math.nan) < math.inf:
            raise InstanceError(f"weight of {name}: expected a number above 0, not {weights.get(name)}")
    for n, group in enumerate(groups):
        _check_group(f"group {n}", group, need)


def planned(
    need: Mapping[str, float],
    groups: Sequence[Group],
    weights: Mapping[str, float],
    contacts: Mapping[tuple[int, str], float],
    later: Mapping[tuple[int, str], float],
    *,
    exact: bool,
) -> Planned:
    """The plan that these contacts are, with what they bring."""
    expected = dict.fromkeys(need, 0.0)
    for those in (contacts, later):
        for (n, name), number in those.items():
            expected[name] += number * groups[n].answers(name)
    # A billionth of an answer is the computer's, not a customer's.
    missing = {name: max(0.0, round(answers - expected[name], 6)) for name, answers in need.items()}
    shortfall = sum(weights[name] * number for name, number in missing.items())
    return Planned(contacts, later, expected, missing, shortfall, exact)


def _check_group(where: str, group: Group, need: Mapping[str, float]) -> None:
    if not group.touchpoints:
        raise InstanceError(f"{where}: has no touchpoint to be asked about")
    if len(set(group.touchpoints)) < len(group.touchpoints):
        raise InstanceError(f"{where}: names a touchpoint twice")
    if not isinstance(group.customers, int) or group.customers < 0:
        raise InstanceError(f"{where}: customers: expected a whole number from 0 on, not {group.customers}")
    for name in {*group.touchpoints, *group.later}:
        _check_touchpoint(where, group, name, need)


def _check_touchpoint(where: str, group: Group, name: str, need: Mapping[str, float]) -> None:
    if name not in need:
        raise InstanceError(f"{where}: unknown touchpoint {name}: expected one of {', '.join(need)}")
    if isinstance(group.response, Mapping) and name not in group.response:
        raise InstanceError(f"{where}: no response for {name}")
    if not 0 < group.answers(name) <= 1:
        raise InstanceError(f"{where}: response: expected a share above 0 and up to 1, not {group.answers(name)}")
    if not 0 <= group.later.get(name, 0) <= 1:
        raise InstanceError(f"{where}: later: expected shares from 0 to 1, not {group.later[name]} for {name}")


def _number(what: str, value: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise InstanceError(f"{what}: expected a number from 0 on, not {value!r}")
