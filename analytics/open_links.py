"""What passers-by said at open links: shown apart, because anybody may have answered, and more than once."""

from django.db.models import Count, Q

from analytics.period import Period
from analytics.scores import PublishedScore, published
from contacts.brands import visible_to
from contacts.readers import EVERYTHING, Reader
from surveys.models import Question, Response
from surveys.scale import DETRACTORS, PASSIVES, PROMOTERS


class OpenLinkRow(PublishedScore):
    """The answers of one link: `answers` counts all, `flagged` those that look doubtful, `n` the scores."""

    value: str
    kind: str
    answers: int
    flagged: int


def open_link_rows(period: Period, reader: Reader = EVERYTHING) -> list[OpenLinkRow]:
    """A row per link that was answered in the period, the largest first. One statement."""
    given = Response.objects.filter(period.holds("answered_at"), open_link__isnull=False, test=False)
    answered = visible_to(reader, given)
    promoters, passives, detractors = (_scores(scores) for scores in (PROMOTERS, PASSIVES, DETRACTORS))
    links = answered.values("open_link", "open_link__name", "open_link__kind").annotate(
        all_answers=Count("pk", distinct=True),
        flagged=Count("pk", filter=Q(attributes__has_key="flags"), distinct=True),
        promoters=promoters,
        passives=passives,
        detractors=detractors,
    )
    return [
        OpenLinkRow(
            value=row["open_link__name"],
            kind=row["open_link__kind"],
            answers=row["all_answers"],
            flagged=row["flagged"],
            **published(row["promoters"], row["passives"], row["detractors"]),
        )
        for row in links.order_by("-all_answers", "open_link__name")
    ]


def _scores(scores: range) -> Count:
    """How many answers lie in the range; the others of a response are no scores."""
    is_score = Q(answers__question__kind=Question.Kind.NPS, answers__number__range=(scores[0], scores[-1]))
    return Count("answers", filter=is_score)
