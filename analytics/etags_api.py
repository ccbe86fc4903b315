"""Scores that a program holds already: 304 instead of the same rows again (RFC 9110, sections 8.8.3 and 13.1.2)."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags, quote_etag
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.metrics import definitions
from analytics.models import JourneyStage
from contacts import changes
from contacts.readers import reader_of_request

SECONDS = 60
"""For so long it is remembered what was said of a state of the database: scores depend on the time as well."""


def scores(request: Request, count: Callable[[], Any]) -> Response:
    """As `answer`; and nothing is counted where nothing was committed in the minute since this was asked last."""
    key = f"etag-{hashlib.sha256(f'{reader_of_request(request)} {request.get_full_path()}'.encode()).hexdigest()}"
    state = _state()
    kept = cache.get(key)
    if kept and kept[0] == state and _holds(request, kept[1]):
        return _private(Response(status=304), kept[1])
    counted = answer(request, count)
    cache.set(key, (state, counted["ETag"]), SECONDS)
    return counted


def answer(request: Request, count: Callable[[], Any]) -> Response:
    """Return what `count` counts, or 304 where the program holds the same but for the moment of counting."""
    rows = count()
    lasting = rows
    if isinstance(rows, dict):
        lasting = rows | {"period": {name: told for name, told in rows["period"].items() if name != "at"}}
    etag = quote_etag(hashlib.sha256(json.dumps(lasting, default=str).encode()).hexdigest()[:32])
    return _private(Response(status=304) if _holds(request, etag) else Response(rows), etag)


def _holds(request: Request, etag: str) -> bool:
    held = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in held or etag in {one.removeprefix("W/") for one in held}  # compared weakly, as proxies may mark them


def _state() -> str:
    """What changes with everything that scores are counted from."""
    stages = list(JourneyStage.objects.order_by("pk").values_list("name", "kinds", "position"))
    return f"{changes.state()} {definitions()} {stages}"


def _private(response: Response, etag: str) -> Response:
    """For this reader alone, who asks again before using it."""
    response["ETag"], response["Cache-Control"] = etag, "private, no-cache"
    patch_vary_headers(response, ("Authorization", "Cookie"))
    return response
