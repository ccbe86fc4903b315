"""How many seconds of attention a survey takes: counted page by page, and learnt from finished answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from surveys.models import Response, SurveyVersion

LONGEST_PAGE = timedelta(minutes=10)
"""Whoever takes longer has gone away from the page; the rest is no attention."""
MOST_SECONDS = 32_767
ENOUGH = 30
"""So many finished answers before their median is told in place of the estimate."""
NEWEST = 1000
"""So many of a version are looked at, the newest."""


def spent(seconds: int | None, started_at: datetime | None, before: datetime | None, at: datetime) -> int | None:
    """Return the seconds so far with those of a page that was loaded at `started_at` and sent at `at`.

    `before`: when something was kept last. A page that was loaded before it (two tabs, the same click twice) counts
    from it on, so that no second counts twice. None where nothing is known.
    """
    if started_at is None:
        return seconds
    began = max(started_at, before) if before else started_at
    page = min(max(at - began, timedelta()), LONGEST_PAGE)
    return min((seconds or 0) + round(page.total_seconds()), MOST_SECONDS)


def usual(seconds: Sequence[int]) -> int | None:
    """Return the median of finished answers' seconds, one at least; None where they are too few to say."""
    return max(1, round(median(seconds))) if len(seconds) >= ENOUGH else None


def learn_seconds() -> int:
    """Bring the seconds that published versions tell in line with what answering them takes; return how many changed.

    Safe to repeat and to run twice at once.
    """
    return sum(_learn(version) for version in SurveyVersion.objects.filter(state=SurveyVersion.State.PUBLISHED))


def _learn(version: SurveyVersion) -> int:
    finished = Response.objects.counted().filter(version=version, finished_at__isnull=False, seconds__isnull=False)
    newest = finished.order_by("-finished_at").values_list("seconds", flat=True)[:NEWEST]
    learnt = usual([seconds for seconds in newest if seconds is not None])
    if learnt is None or learnt == version.seconds:
        return 0
    return SurveyVersion.objects.filter(pk=version.pk).update(seconds=learnt)
