"""Doubtful answers: how many there are, and what the score is with and without them."""

from collections import Counter, defaultdict
from typing import TypedDict

from django.db.models import Count, Q

from analytics.nested import Moods, hidden, together, without
from analytics.scope import Scope
from analytics.scores import SHOWN_FROM, published
from analytics.shares import percent
from surveys.flags import Flag
from surveys.models import Question
from surveys.scale import DETRACTORS, PASSIVES, PROMOTERS

ALL, ANY = "all", "any"


class FlagRow(TypedDict):
    """Of the responses `n` have a flag; `nps` is the score of those, `without` that of the others, with 95% intervals.

    The first row (`all`) is about all responses, the last (`any`) about those with any flag. Points, and percent.
    """

    flag: str
    n: int
    share: float
    nps: float | None
    low: float | None
    high: float | None
    without: float | None
    without_low: float | None
    without_high: float | None
    state: str


def flag_rows(scope: Scope) -> list[FlagRow]:
    """A row per flag, in the order in which they are explained; none where there are no responses. Two statements."""
    responses: Counter[frozenset[str]] = Counter()
    for flags, n in scope.responses().values_list("attributes__flags").annotate(n=Count("pk")).order_by():
        responses[_marks(flags)] += n
    every = responses.total()
    if not every:
        return []
    marked, of_any = _moods(scope), {ANY, *Flag}
    kept_back = hidden(marked, of_any) | _any_that_tells(marked)
    rows = [_row(ALL, every, every, together(marked), (0, 0, 0), kept_back=False)]
    for flag in (*Flag, ANY):
        n = sum(count for marks, count in responses.items() if flag in marks)
        rows.append(_row(flag, n, every, together(marked, flag), without(marked, flag), kept_back=flag in kept_back))
    return rows


def _moods(scope: Scope) -> dict[frozenset[str], Moods]:
    scored = scope.answers().filter(question__kind=Question.Kind.NPS, number__isnull=False)
    groups = scored.values_list("response__attributes__flags").annotate(
        promoters=_counted(PROMOTERS), passives=_counted(PASSIVES), detractors=_counted(DETRACTORS)
    )
    found: dict[frozenset[str], Moods] = defaultdict(lambda: (0, 0, 0))
    for flags, *moods in groups.order_by():
        before = found[_marks(flags)]
        found[_marks(flags)] = before[0] + moods[0], before[1] + moods[1], before[2] + moods[2]
    return found


def _counted(scores: range) -> Count:
    return Count("pk", Q(number__range=(scores[0], scores[-1])))


def _marks(flags: list[str] | None) -> frozenset[str]:
    return frozenset({*flags, ANY}) if flags else frozenset()


def _any_that_tells(marked: dict[frozenset[str], Moods]) -> set[str]:
    """Two flags and their union would tell of the answers with both, so few of these hide the union."""
    both = [sum(moods) for marks, moods in marked.items() if len(marks - {ANY}) > 1]
    return {ANY} if any(0 < n < SHOWN_FROM for n in both) else set()


def _row(flag: str, n: int, every: int, flagged: Moods, others: Moods, *, kept_back: bool) -> FlagRow:
    own, rest = published(*flagged, hidden=kept_back), published(*others, hidden=kept_back)
    return FlagRow(
        flag=flag,
        n=n,
        share=percent(n, every),
        nps=own["nps"],
        low=own["low"],
        high=own["high"],
        without=rest["nps"],
        without_low=rest["low"],
        without_high=rest["high"],
        state=own["state"],
    )
