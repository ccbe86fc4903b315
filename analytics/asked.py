"""How many were asked and how many answered, by what is known of all of them: what weights are made from."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from analytics.counting import NOTHING, TEXT, what_happened
from analytics.metrics import Definition, MetricKey
from analytics.scope import Scope
from contacts.models.words import Channel, Purpose
from surveys.models import Answer, CallCase, Invitation, Question

NOT_ELIGIBLE = "4"
"""How AAPOR's codes begin of cases that nobody need have asked."""


class Asked(NamedTuple):
    """Of one cell: so many were asked for the metric and have no time left to answer, and so many of them answered.

    `what`: the kind of the touchpoint and how it ended; `served_by`: its team; `asked_by`: channel of the question.
    """

    metric: MetricKey
    what: str
    served_by: str
    asked_by: str
    asked: int
    answered: int


def asked_cells(scope: Scope, metrics: Iterable[Definition]) -> list[Asked]:
    """Count the first invitations of the scope whose links have closed, and its closed cases. One statement."""
    first, *others = (part for one in metrics for part in (_invited(scope, one), _called(scope, one)))
    return [Asked(**row) for row in first.union(*others, all=True)]


def _invited(scope: Scope, metric: Definition) -> QuerySet[Any, Any]:
    over = scope.invitations().filter(purpose=Purpose.INVITATION, closes_at__lte=scope.period.at)
    return _counted(over, metric, F("channel"), Q(response__invitation=OuterRef("pk")), scope)


def _called(scope: Scope, metric: Definition) -> QuerySet[Any, Any]:
    cases = scope.call_cases().exclude(disposition__startswith=NOT_ELIGIBLE)
    return _counted(cases, metric, Value(Channel.PHONE.value, TEXT), Q(response__call_case=OuterRef("pk")), scope)


def _counted(
    rows: "QuerySet[Invitation] | QuerySet[CallCase]", metric: Definition, channel: Any, of_row: Q, scope: Scope
) -> QuerySet[Any, Any]:
    """The cells of these rows, in the columns of Asked; ordered by nothing, as parts of a union are."""
    asks = Question.objects.filter(version=OuterRef("version"), kind=metric.question_kind)
    given = Answer.objects.counted().filter(of_row, metric.answers(), response__answered_at__lte=scope.period.at)
    cells = rows.filter(Exists(asks)).order_by()
    known = {
        "metric": Value(metric.key, TEXT),
        "what": what_happened("touchpoint__"),
        "served_by": Coalesce("touchpoint__team", NOTHING),
        "asked_by": channel,
    }
    counted: QuerySet[Any, Any] = cells.values(**known).annotate(
        asked=Count("pk"), answered=Count("pk", filter=Exists(given))
    )
    return counted
