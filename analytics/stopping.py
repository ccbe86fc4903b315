"""Where customers stop in surveys of several pages, as readers may see it."""

from collections import defaultdict
from typing import NamedTuple

from django.db.models import Case, Count, Q, Value, When

from analytics.scope import Scope
from analytics.shares import PublishedShare, published
from surveys.models import Question


class StopRow(PublishedShare):
    """Of the `n` customers who had more to answer after a page (from 1 on), `count` sent nothing more.

    `question` is the key of the page's last question.
    """

    survey: str
    version: int
    page: int
    question: str


class Page(NamedTuple):
    """A page of a version of a survey; `position` is that of its last question."""

    survey: str
    version: int
    number: int
    question: str
    position: int


def stop_rows(scope: Scope) -> list[StopRow]:
    """Return a row for each page but the last of every version with several pages that was answered.

    One statement, and another where there are such versions.

    Whoever may still go on, as the link is open, is not counted: neither as gone on nor as stopped.
    """
    pages = _pages()
    if not pages:
        return []
    ended = Q(finished_at__lte=scope.period.at)
    over = Q(invitation=None) | Q(invitation__closes_at__lte=scope.period.at)
    end = Case(When(ended, then=Value("finished")), When(over, then=Value("stopped")), default=Value("open"))
    counted = scope.responses().filter(version__in=list(pages)).values_list("version", "page", end)
    came: dict[int, list[tuple[int, str, int]]] = defaultdict(list)
    for version, position, how, n in counted.annotate(n=Count("pk")).order_by():
        came[version].append((position, how, n))
    return [_row(page, came[version]) for version, shown in pages.items() if version in came for page in shown[:-1]]


def _pages() -> dict[int, list[Page]]:
    """The pages of every version that has several."""
    several = Question.objects.filter(starts_page=True, position__gt=1).values("version")
    asked = Question.objects.filter(version__in=several).order_by("version__survey__name", "version", "position")
    pages: dict[int, list[Page]] = defaultdict(list)
    columns = ("version", "version__survey__name", "version__number", "starts_page", "key", "position")
    for version, survey, number, starts_page, key, position in asked.values_list(*columns):
        shown = pages[version]
        if starts_page or not shown:
            shown.append(Page(survey, number, len(shown) + 1, key, position))
        else:
            shown[-1] = shown[-1]._replace(question=key, position=position)
    return pages


def _row(page: Page, came: list[tuple[int, str, int]]) -> StopRow:
    stopped = sum(n for position, how, n in came if position == page.position and how == "stopped")
    further = sum(n for position, _, n in came if position > page.position)
    share = published(stopped, stopped + further)
    return StopRow(survey=page.survey, version=page.version, page=page.number, question=page.question, **share)
