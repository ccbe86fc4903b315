"""The address of a brand's logo."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from surveys.looks import find_logo

YEAR = 365 * 24 * 60 * 60


@require_safe
def logo(_: HttpRequest, name: str, kind: str) -> HttpResponse:
    """Serve a logo under the hash of its content: it never changes, so whoever has it need not ask again."""
    picture = find_logo(name, kind)
    if picture is None:
        raise Http404
    response = HttpResponse(picture.content, content_type=picture.media_type)
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
