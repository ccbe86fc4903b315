"""Groups of answers with what may be said of each: their counts, what they are worth, and whether they are hidden."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from analytics.counting import GROUPINGS, Grouping, Repeat, Tally, counts
from analytics.metrics import Definition, MetricKey
from analytics.models import JourneyStage
from analytics.scope import Scope
from analytics.scores import repeated_n_eff, withheld

Counts = tuple[int, int, int]
"""Answers that count for a metric, neither, and against it: promoters, passives, detractors."""
Cell = tuple[str, str, str]
"""What is known of everybody who was asked: kind with how it ended, team, channel of the question."""
Key = tuple[int, MetricKey, Grouping]
"""Place of the scope, metric, grouping."""


@dataclass(frozen=True, slots=True)
class Group:
    """The answers of one group in one scope, for one metric; `value` is empty where the touchpoint does not state it.

    `n_eff`: as many different customers' answers would tell as much; 0 without answers. `hidden`: a reader may know how
    many answers there are, and nothing else; `missing`: how many answers it lacks to be shown, 0 where it is hidden for
    another reason (few customers, or another group beside it).
    """

    value: str
    counts: Counts
    customers: int
    n_eff: float
    cells: Mapping[Cell, Counts]
    hidden: bool
    missing: int

    @property
    def n(self) -> int:
        """How many answers."""
        return sum(self.counts)


Groups = Mapping[Key, Sequence[Group]]


def grouped(
    scopes: Sequence[Scope], metrics: Sequence[Definition], groupings: Sequence[Grouping] = GROUPINGS
) -> Groups:
    """The groups of each scope, metric and grouping; `overall` is always one group. One statement, with stages two.

    The largest group stands first, months and journey stages in order. The groups of a grouping add up to the overall
    one, so that some are hidden beside those too small to be shown.
    """
    stages = _stages(scopes) if "stage" in groupings else {}
    tallies: dict[Key, list[Tally]] = defaultdict(list)
    counted = counts(scopes, metrics, groupings, stages)
    for tally in counted.tallies:
        tallies[tally.scope, tally.metric, tally.by].append(tally)
    again: dict[Key, list[Repeat]] = defaultdict(list)
    for repeat in counted.repeats:
        again[repeat.scope, repeat.metric, repeat.by].append(repeat)
    found = {}
    for place, metric, by in product(range(len(scopes)), metrics, groupings):
        key = place, metric.key, by
        found[key] = _in_order(_groups(by, tallies[key], again[key], metric.minimum_n), by, [*stages, ""])
    return found


def _stages(scopes: Sequence[Scope]) -> Mapping[str, Sequence[str]]:
    """The journey stages that there are answers of; with that filter it is known which."""
    filtered = {scope.stage: scope.kinds for scope in scopes if scope.stage}
    return filtered or dict(JourneyStage.objects.values_list("name", "kinds"))


def _groups(by: Grouping, tallies: Sequence[Tally], again: Sequence[Repeat], minimum: int) -> list[Group]:
    cells: dict[str, dict[Cell, Counts]] = {"all": {}} if by == "overall" else {}
    for row in tallies:
        own = cells.setdefault(row.value, {})
        own[row.what, row.served_by, row.asked_by] = row.top, row.n - row.top - row.bottom, row.bottom
    often: dict[str, list[Repeat]] = defaultdict(list)
    for repeat in again:
        often[repeat.value].append(repeat)
    sums = {value: _summed(own.values()) for value, own in cells.items()}
    customers = {value: sum(sums[value]) - sum(_spare(row) for row in often[value]) for value in sums}
    few = {value for value in sums if customers[value] < minimum}
    hidden = withheld(sums, minimum=minimum, besides=few)
    return [
        Group(
            value=value,
            counts=sums[value],
            customers=customers[value],
            n_eff=_n_eff(sums[value], often[value]),
            cells=own,
            hidden=value in hidden,
            missing=max(0, minimum - sum(sums[value])),
        )
        for value, own in cells.items()
    ]


def _summed(cells: Iterable[Counts]) -> Counts:
    top, middle, bottom = map(sum, zip(*cells, (0, 0, 0), strict=True))
    return top, middle, bottom


def _spare(repeat: Repeat) -> int:
    """The answers of these customers beyond the first of each."""
    return repeat.customers * (repeat.n - 1)


def _n_eff(counts: Counts, often: Iterable[Repeat]) -> float:
    told = [(row.n, row.top, row.bottom, row.customers) for row in often]
    return repeated_n_eff(counts, told) if any(counts) else 0.0


def _in_order(groups: list[Group], by: Grouping, stages: Sequence[str]) -> list[Group]:
    if by == "month":
        return sorted(groups, key=lambda group: group.value)
    if by == "stage":
        return sorted(groups, key=lambda group: stages.index(group.value))
    return sorted(groups, key=lambda group: (-group.n, group.value))
