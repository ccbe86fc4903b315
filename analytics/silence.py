"""Scores weighted for who kept silent, what that rests on, and what no weight can tell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

import pandas as pd

from analytics import weighting
from analytics.asked import Asked
from analytics.counting import Grouping
from analytics.groups import Cell, Group
from analytics.metrics import Definition, MetricKey
from analytics.score_rows import Belongs, Estimated, estimated
from analytics.scores import Score, State, nps, wilson

LOWER_BY = (0, 20, 40)
LEFT_OUT: tuple[tuple[str, ...], ...] = ((), ("team",))
"""What the weights do without, one after the other: where a team has hardly any answers, all is lost with it."""
NO_QUESTION = (
    "nobody was asked for it whose time to answer is over, so that nothing is known of who kept silent; invitations "
    "that went out in the period count once their links have closed"
)


class WeightedRow(Belongs):
    """A group's score as if everybody asked had answered, in the metric's unit, with its 95% interval; None is hidden.

    `n` answers of the group have weights; `n_eff`: as many equal ones of different customers would tell as much.
    """

    metric: MetricKey
    n: int
    n_eff: float | None
    estimate: float | None
    low: float | None
    high: float | None
    state: State


class WeightsRow(TypedDict):
    """What the weights of a metric rest on: who was asked and answered; `why` says what they cannot do or lack.

    `answers` of the period, of which `weighted` have a weight; `smallest` and `largest` weight of an answer.
    """

    metric: MetricKey
    asked: int
    answered: int
    answers: int
    weighted: int
    smallest: float | None
    largest: float | None
    why: str


class SilentRow(TypedDict):
    """The NPS of everybody asked, were the silent `lower_by` points less happy than those like them who answered."""

    lower_by: int
    nps: float
    low: float
    high: float


class UnhappyRow(TypedDict):
    """The share of the unhappy (0 to 6), in percent with its interval: among answers, and weighted among all asked."""

    who: str
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Weights:
    """The weight of an answer by its cell; `why` says what they lack, or what is missing for any."""

    asked: int
    answered: int
    by_cell: Mapping[Cell, float] = field(default_factory=dict)
    why: str = ""


def weights_of(cells: Sequence[Asked]) -> Weights:
    """The response weights of one metric, from all who were asked for it."""
    asked, answered = sum(cell.asked for cell in cells), sum(cell.answered for cell in cells)
    if not asked:
        return Weights(0, 0, why=f"No weights: {NO_QUESTION}.")
    known = [cell for cell in cells if cell.asked]
    frame = pd.DataFrame(
        {
            "touchpoint": [cell.what for cell in known],
            "team": [cell.served_by for cell in known],
            "channel": [cell.asked_by for cell in known],
            "asked": [cell.asked for cell in known],
            "answered": [cell.answered for cell in known],
        }
    )
    refusals = []
    for left_out in LEFT_OUT:
        try:
            found = weighting.cell_weights(frame.drop(columns=list(left_out)))
        except ValueError as refusal:
            refusals.append(str(refusal))
            continue
        by_cell = {
            (cell.what, cell.served_by, cell.asked_by): float(weight) for cell, weight in zip(known, found, strict=True)
        }
        why = f"The weights know nothing of the {left_out[0]}: with it, {refusals[0]}." if left_out else ""
        return Weights(asked, answered, by_cell, why)
    return Weights(asked, answered, why=f"No weights: {refusals[0]}.")


def weights_row(metric: Definition, overall: Group, known: Weights) -> WeightsRow:
    """What the weights of a metric rest on, and which answers of the period have one."""
    told = [known.by_cell[cell] for cell in overall.cells if cell in known.by_cell]
    weighted = sum(sum(counts) for cell, counts in overall.cells.items() if cell in known.by_cell)
    return WeightsRow(
        metric=metric.key,
        asked=known.asked,
        answered=known.answered,
        answers=overall.n,
        weighted=weighted,
        smallest=round(min(told), 2) if told else None,
        largest=round(max(told), 2) if told else None,
        why=known.why,
    )


def weighted_row(metric: Definition, by: Grouping, group: Group, known: Weights) -> WeightedRow:
    """The weighted score of a group, hidden where the measured one is, or where too few of its answers have weights."""
    n = _weighted_n(group, known)
    found = None if n < metric.minimum_n else weighted(metric, group, known)
    return WeightedRow(
        metric=metric.key,
        by=by,
        value=group.value,
        n=n,
        n_eff=round(found.n_eff, 1) if found else None,
        estimate=round(found.estimate, 1) if found else None,
        low=round(found.low, 1) if found else None,
        high=round(found.high, 1) if found else None,
        state=found.state if found else "withheld",
    )


def weighted(metric: Definition, group: Group, known: Weights) -> Estimated | None:
    """The weighted score of a group that may be shown; None for others, and where none of its answers has a weight.

    Answers of one customer are worth as much less as they are unweighted.
    """
    parts = [
        (sum(counts), counts[0], counts[2], known.by_cell[cell])
        for cell, counts in group.cells.items()
        if cell in known.by_cell
    ]
    if group.hidden or not parts:
        return None
    found = weighting.weighted_counts(parts)
    n_eff = max(1.0, found.n_eff * group.n_eff / group.n)
    return estimated(metric, (found.top, found.middle, found.bottom), n_eff)


def silent_rows(score: Estimated, known: Weights) -> list[SilentRow]:
    """What silence could do to the NPS of everybody asked, which no weight can rule out."""
    found = weighting.bounds(_as_score(score), answered=known.answered, invited=known.asked, lower_by=LOWER_BY)
    return [
        SilentRow(lower_by=by, nps=round(bound.nps, 1), low=round(bound.low, 1), high=round(bound.high, 1))
        for by, bound in zip(LOWER_BY, found, strict=True)
    ]


def unhappy_rows(shown: Iterable[tuple[str, Estimated]]) -> list[UnhappyRow]:
    """The share of the unhappy in each of these NPS, with Wilson's interval over their effective answers."""
    rows = []
    for who, score in shown:
        low, high = wilson(score.counts[2], score.n_eff)
        share = 100 * score.counts[2] / score.n_eff
        rows.append(UnhappyRow(who=who, share=round(share, 1), low=round(low, 1), high=round(high, 1)))
    return rows


def _weighted_n(group: Group, known: Weights) -> int:
    return sum(sum(counts) for cell, counts in group.cells.items() if cell in known.by_cell)


def _as_score(found: Estimated) -> Score:
    return nps(*found.counts, weights_sq=sum(found.counts) ** 2 / found.n_eff)
