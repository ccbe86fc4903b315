"""Whether the months of a kind of touchpoint differ by more than chance."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TypedDict

from analytics.metrics import Definition, MetricKey
from analytics.month_cells import Cell, MonthRow
from analytics.score_rows import estimated, score_of
from analytics.scores.comparing import holm
from analytics.scores.ranking import combined
from analytics.scores.shown import Place


class AlikeRow(TypedDict):
    """Whether all shown `months` of a kind have one true score: `p_alike`, and `p_holm` for all kinds together."""

    metric: MetricKey
    kind: str
    months: int
    p_alike: float
    p_holm: float


def alike_rows(metric: Definition, rows: Iterable[MonthRow], cells: Mapping[Place, Cell]) -> list[AlikeRow]:
    """The test of each kind with two shown months or more, of which `rows` are the months, kind by kind.

    Homogeneity as in `scores.compare`, over effective answers; customers who answered in several months make it find
    rather too little. Adjusted by Holm (Scandinavian Journal of Statistics 6, 1979).
    """
    found = [
        (kind, shown)
        for kind, of_kind in groupby(rows, key=lambda row: row["kind"])
        if len(shown := [cells[kind, row["month"]] for row in of_kind if row["state"] != "withheld"]) > 1
    ]
    if not found:
        return []
    p_alike = [_p_alike(metric, shown) for _, shown in found]
    return [
        AlikeRow(metric=metric.key, kind=kind, months=len(shown), p_alike=round(p, 4), p_holm=round(adjusted, 4))
        for (kind, shown), p, adjusted in zip(found, p_alike, holm(p_alike), strict=True)
    ]


def _p_alike(metric: Definition, cells: Sequence[Cell]) -> float:
    homogeneity, _, _ = combined([score_of(estimated(metric, cell.counts, cell.n_eff)) for cell in cells])
    return homogeneity.p_value
