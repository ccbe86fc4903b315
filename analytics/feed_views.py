"""What a sheet fetches: published scores as CSV, at an address that needs no login."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe
from rest_framework.exceptions import ValidationError

from analytics.api import ScoreQuery, ScoreRow
from analytics.feeds import FeedBusy, FeedClosed, open_feed, reader_of_feed
from analytics.nps import nps_rows
from analytics.scope_query import refuse_agents, scope_of
from contacts.api import streamed
from contacts.exporting import FORMATS, Column, Listed
from contacts.readers import HiddenError

COLUMNS = [Column(name, name, str(field.help_text or name)) for name, field in ScoreRow().fields.items()]
PLAIN = "text/plain; charset=utf-8"


def kept_quiet(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let nobody index, keep or pass on an address that is a secret."""

    @wraps(view)
    def quiet(request: HttpRequest, **where: Any) -> HttpResponseBase:
        response = view(request, **where)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response["Referrer-Policy"] = "no-referrer"
        response["Cache-Control"] = "private, no-store"
        return response

    return quiet


@kept_quiet
@require_safe
def scores(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Give the rows of /api/v1/scores/ for the same query; small groups have no score here either."""
    at = timezone.now()
    try:
        reader = reader_of_feed(open_feed(secret, at))
        query = ScoreQuery(data=request.GET)
        query.is_valid(raise_exception=True)
        refuse_agents(query.validated_data, reader)
        rows = nps_rows(query.validated_data["by"], scope_of(query.validated_data, at, reader))
    except FeedClosed as closed:
        return HttpResponse(f"{closed}\n", status=404, content_type=PLAIN)
    except FeedBusy as busy:
        return HttpResponse(f"{busy}\n", status=429, content_type=PLAIN, headers={"Retry-After": str(busy.seconds)})
    except HiddenError as hidden:
        return HttpResponse(f"{hidden}\n", status=403, content_type=PLAIN)
    except ValidationError as wrong:
        problems = cast("dict[str, list[str]]", wrong.detail)
        told = "\n".join(f"{name}: {' '.join(texts)}" for name, texts in problems.items())
        return HttpResponse(f"{told}\n", status=400, content_type=PLAIN)
    table = Listed((tuple(dict(row)[column.name] for column in COLUMNS) for row in rows), COLUMNS)
    return streamed(FORMATS["csv"].write(table), "scores.csv", FORMATS["csv"].media_type)


urlpatterns = [path("<str:secret>/scores.csv", scores, name="feed-scores")]
