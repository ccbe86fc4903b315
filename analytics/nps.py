"""NPS per group of answers, counted by the database: the only way from stored answers to a score."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from django.db.models import Count, F, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, TruncMonth
from django.utils import timezone

from analytics.models import JourneyStage
from analytics.scope import Scope
from analytics.scores import PublishedScore, published, withheld
from surveys.models import Question
from surveys.scale import DETRACTORS, PASSIVES, PROMOTERS

Grouping = Literal["overall", "kind", "stage", "channel", "team", "agent", "product", "month"]
GROUPINGS: tuple[Grouping, ...] = ("overall", "kind", "stage", "channel", "team", "agent", "product", "month")
Counts = Mapping[str, tuple[int, int, int]]
"""Group -> promoters, passives, detractors."""


class NpsRow(PublishedScore):
    """The score of one group; `value` is empty for answers whose touchpoint does not state it."""

    by: Grouping
    value: str


def nps_rows(by: Grouping, scope: Scope) -> list[NpsRow]:
    """A row per group, the largest first, months and journey stages in order; `overall` is always one row.

    Kind to product are those of the touchpoint that the answer is about; where it is about none, the channel is the
    one by which the question came. The month is that of the answer in the organisation's zone.
    The rows of a grouping add up to the overall one, so that some are hidden beside those too small to be shown.
    """
    return _rows(by, _by_stage(_counts("kind", scope)) if by == "stage" else _counts(by, scope))


def all_nps_rows(scope: Scope) -> list[NpsRow]:
    """The rows of every grouping, one after the other; kinds are counted once, for themselves and for the stages."""
    counts: dict[Grouping, Counts] = {by: _counts(by, scope) for by in GROUPINGS if by != "stage"}
    counts["stage"] = _by_stage(counts["kind"])
    return [row for by in GROUPINGS for row in _rows(by, counts[by])]


def _rows(by: Grouping, counts: Counts) -> list[NpsRow]:
    hidden = withheld(counts)
    return [
        {"by": by, "value": group, **published(*answers, hidden=group in hidden)} for group, answers in counts.items()
    ]


def _counts(by: Grouping, scope: Scope) -> Counts:
    answers = scope.answers().filter(question__kind=Question.Kind.NPS, number__isnull=False)
    groups = answers.values(group=_group(by)).annotate(
        promoters=_counted(PROMOTERS), passives=_counted(PASSIVES), detractors=_counted(DETRACTORS), n=Count("id")
    )
    order = ("group",) if by == "month" else ("-n", "group")
    return {
        _name(row["group"]): (row["promoters"], row["passives"], row["detractors"]) for row in groups.order_by(*order)
    }


def _by_stage(by_kind: Counts) -> Counts:
    """The counts of the journey's stages, in its order; of kinds in no stage last, under the empty one."""
    stages = [*JourneyStage.objects.values_list("name", "kinds"), ("", set(by_kind))]
    left, counts = dict(by_kind), {}
    for stage, kinds in stages:
        if own := [left.pop(kind) for kind in kinds if kind in left]:
            promoters, passives, detractors = (sum(category) for category in zip(*own, strict=True))
            counts[stage] = promoters, passives, detractors
    return counts


def _group(by: Grouping) -> Combinable:
    if by == "overall":  # a constant is no group: there is a row even of nothing
        return Value("all")
    if by == "month":
        return TruncMonth("response__answered_at", tzinfo=timezone.get_default_timezone())
    return Coalesce(f"response__touchpoint__{by}", F("response__channel") if by == "channel" else Value(""))


def _counted(scores: range) -> Count:
    return Count("id", filter=Q(number__range=(scores[0], scores[-1])))


def _name(group: str | datetime) -> str:
    return group if isinstance(group, str) else f"{group:%Y-%m}"
