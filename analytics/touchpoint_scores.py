"""Every score of a scope: what it means, as measured and weighted, against the period before, and who stands out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from analytics.asked import asked_cells
from analytics.counting import GROUPINGS, Grouping
from analytics.groups import Group, Groups, grouped
from analytics.metrics import Definition, Definitions, MetricKey, definition_rows, definitions
from analytics.month_cells import Cells, MonthRow, month_cells, month_rows
from analytics.month_differences import AlikeRow, alike_rows
from analytics.scope import Scope
from analytics.score_rows import ChangeRow, RankRow, change_row, measured, nps_row, rank_rows, share_row
from analytics.silence import (
    SilentRow,
    UnhappyRow,
    WeightedRow,
    Weights,
    silent_rows,
    unhappy_rows,
    weighted,
    weighted_row,
    weights_of,
    weights_row,
)

COMPARED: tuple[Grouping, ...] = ("kind", "stage", "channel", "team", "agent", "product")
"""Groupings of which the groups exist side by side, so that one can be the worst."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was counted: the definitions, groups of this scope (0) and of the one before (1), weights, months."""

    metrics: Definitions
    groups: Groups
    weights: Mapping[MetricKey, Weights]
    cells: Cells

    def of(self, metric: Definition, by: Grouping, place: int = 0) -> Sequence[Group]:
        """The groups of a grouping; none in a period before that there is not."""
        return self.groups.get((place, metric.key, by), ())

    def overall(self, metric: Definition) -> Group:
        """All answers."""
        return self.of(metric, "overall")[0]


def score_numbers(scope: Scope) -> dict[str, Any]:
    """The tables of the scores of a scope, as the report publishes them. At most six statements."""
    found = _found(scope)
    nps, csat, ces = (found.metrics[key] for key in ("nps", "csat", "ces"))
    return {
        "metrics": definition_rows(found.metrics.values()),
        "nps": [nps_row(nps, by, group) for by in GROUPINGS for group in found.of(nps, by)],
        "csat": [share_row(csat, by, group) for by in GROUPINGS for group in found.of(csat, by)],
        "ces": [share_row(ces, by, group) for by in GROUPINGS for group in found.of(ces, by)],
        **_months(found),
        "weights": [weights_row(one, found.overall(one), found.weights[one.key]) for one in (nps, csat, ces)],
        "weighted": _weighted(found),
        "changes": _changes(found),
        "ranks": _ranks(found),
        "silent": _silent(found),
        "unhappy": _unhappy(found),
    }


def _weighted(found: Found) -> list[WeightedRow]:
    return [
        weighted_row(metric, by, group, found.weights[metric.key])
        for metric, by in product(found.metrics.values(), GROUPINGS)
        for group in found.of(metric, by)
        if group.n
    ]


def _found(scope: Scope) -> Found:
    metrics = definitions()
    before = scope.before()
    groups = grouped([scope, before] if before else [scope], list(metrics.values()))
    asked = asked_cells(scope, metrics.values())
    weights = {key: weights_of([cell for cell in asked if cell.metric == key]) for key in metrics}
    return Found(metrics, groups, weights, month_cells(scope, metrics.values()))


def _months(found: Found) -> dict[str, Any]:
    """Each kind in each month, kinds in the order in which they stand elsewhere; and whether a kind's months differ."""
    months: list[MonthRow] = []
    differing: list[AlikeRow] = []
    for key, metric in found.metrics.items():
        lines = (_hidden(found.of(metric, by)) for by in ("kind", "month"))
        rows = month_rows(metric, found.cells[key], *lines)
        months += rows
        differing += alike_rows(metric, rows, found.cells[key])
    return {"months": months, "months_alike": differing}


def _hidden(groups: Sequence[Group]) -> dict[str, bool]:
    return {group.value: group.hidden for group in groups}


def _changes(found: Found) -> list[ChangeRow]:
    """Months have none: the month before stands beside each."""
    rows = []
    for metric in found.metrics.values():
        for by in ("overall", *COMPARED):
            earlier = {group.value: group for group in found.of(metric, by, 1)}
            rows += [
                change_row(metric, by, group, earlier[group.value])
                for group in found.of(metric, by)
                if group.value in earlier
            ]
    return rows


def _ranks(found: Found) -> list[RankRow]:
    nps = found.metrics["nps"]
    return [row for by in COMPARED for row in rank_rows(nps, by, found.of(nps, by))]


def _silent(found: Found) -> list[SilentRow]:
    """From the weighted score where there is one, else from the measured one; nothing where that is hidden."""
    nps, known = found.metrics["nps"], found.weights["nps"]
    overall = found.overall(nps)
    score = weighted(nps, overall, known) or measured(nps, overall)
    return silent_rows(score, known) if score and known.answered else []


def _unhappy(found: Found) -> list[UnhappyRow]:
    nps, overall = found.metrics["nps"], found.overall(found.metrics["nps"])
    told = {"answers": measured(nps, overall), "asked": weighted(nps, overall, found.weights["nps"])}
    return unhappy_rows((who, score) for who, score in told.items() if score)
