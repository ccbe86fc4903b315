"""NPS per group of answers, for whoever wants one grouping and nothing else."""

from analytics.counting import Grouping
from analytics.groups import grouped
from analytics.metrics import definitions
from analytics.scope import Scope
from analytics.score_rows import NpsRow, nps_row


def nps_rows(by: Grouping, scope: Scope) -> list[NpsRow]:
    """A row per group, the largest first, months and journey stages in order; `overall` is always one row.

    They are the report's rows. Two statements, with stages three.
    """
    metric = definitions()["nps"]
    groups = grouped([scope], [metric], [by])
    return [nps_row(metric, by, group) for group in groups[0, "nps", by]]
