"""NPS per group of answers, counted by the database: the only way from stored answers to a score."""

from datetime import datetime
from typing import Literal

from django.db.models import Count, F, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, TruncMonth
from django.utils import timezone

from analytics.period import Period
from analytics.scores import PublishedScore, published, withheld
from surveys.models import Answer, Question
from surveys.scale import DETRACTORS, PASSIVES, PROMOTERS

Grouping = Literal["overall", "kind", "channel", "team", "month"]
GROUPINGS: tuple[Grouping, ...] = ("overall", "kind", "channel", "team", "month")


class NpsRow(PublishedScore):
    """The score of one group; `value` is empty for answers whose touchpoint does not state it."""

    by: Grouping
    value: str


def nps_rows(by: Grouping, period: Period) -> list[NpsRow]:
    """A row per group, the largest first, months in order; `overall` is always one row.

    Kind, channel and team are those of the touchpoint that the answer is about; where it is about none, the
    channel is the one by which the question came. The month is that of the answer in the organisation's zone.
    The rows of a grouping add up to the overall one, so that some are hidden beside those too small to be shown.
    """
    answers = Answer.objects.counted().filter(
        period.holds("response__answered_at"), question__kind=Question.Kind.NPS, number__isnull=False
    )
    groups = answers.values(group=_group(by)).annotate(
        promoters=_counted(PROMOTERS), passives=_counted(PASSIVES), detractors=_counted(DETRACTORS), n=Count("id")
    )
    order = ("group",) if by == "month" else ("-n", "group")
    counts = {
        _name(row["group"]): (row["promoters"], row["passives"], row["detractors"]) for row in groups.order_by(*order)
    }
    hidden = withheld(counts)
    return [
        {"by": by, "value": group, **published(*answers, hidden=group in hidden)} for group, answers in counts.items()
    ]


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
