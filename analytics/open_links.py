"""What passers-by said at open links: shown apart, because anybody may have answered, and more than once."""

from django.db.models import Count, Q

from analytics.period import Period
from analytics.scores import PublishedScore, published
from surveys.models import Answer, Question, Response
from surveys.scale import DETRACTORS, PASSIVES, PROMOTERS


class OpenLinkRow(PublishedScore):
    """The answers of one link: `answers` counts all, `flagged` those that look doubtful, `n` the scores."""

    value: str
    kind: str
    answers: int
    flagged: int


def open_link_rows(period: Period) -> list[OpenLinkRow]:
    """A row per link that was answered in the period, the largest first. Two statements."""
    answered = Response.objects.filter(period.holds("answered_at"), open_link__isnull=False, test=False)
    flagged = Count("pk", filter=Q(attributes__has_key="flags"))
    links = answered.values("open_link", "open_link__name", "open_link__kind")
    scores = _scores(period)
    return [
        OpenLinkRow(
            value=row["open_link__name"],
            kind=row["open_link__kind"],
            answers=row["all_answers"],
            flagged=row["flagged"],
            **published(*scores.get(row["open_link"], (0, 0, 0))),
        )
        for row in links.annotate(all_answers=Count("pk"), flagged=flagged).order_by("-all_answers", "open_link__name")
    ]


def _scores(period: Period) -> dict[int, tuple[int, int, int]]:
    """Link -> promoters, passives and detractors."""
    asked = Answer.objects.filter(
        period.holds("response__answered_at"),
        response__open_link__isnull=False,
        response__test=False,
        question__kind=Question.Kind.NPS,
        number__isnull=False,
    )
    promoters, passives, detractors = (
        Count("pk", filter=Q(number__range=(scores[0], scores[-1]))) for scores in (PROMOTERS, PASSIVES, DETRACTORS)
    )
    by_link = asked.values("response__open_link").annotate(
        promoters=promoters, passives=passives, detractors=detractors
    )
    return {row["response__open_link"]: (row["promoters"], row["passives"], row["detractors"]) for row in by_link}
