"""The middleware that asks for a fresh proof before what is dangerous, and loses nothing that was filled in."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone

from contacts.guarded import show
from cxsurvey.login.confirming import TAKES_PROOF, confirm, is_fresh
from cxsurvey.login.entering import RefusedError

PROOF = "proof_of_who"
OURS = {PROOF, "csrfmiddlewaretoken"}
FORBIDDEN = 403


class ConfirmationMiddleware:
    """Lets a POST of `TAKES_PROOF` through with a fresh proof; else shows a page that sends all of it once more."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        """Answer in place of the view where the proof is missing, old or wrong."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        if request.method != "POST" or name not in TAKES_PROOF or not isinstance(request.user, User):
            return None
        at = timezone.now()
        if is_fresh(request, at):
            return None
        if request.path_info.startswith("/api/"):
            told = f"Before you {TAKES_PROOF[name]} by your login, show in the admin who you are; or use a token."
            return JsonResponse({"detail": told}, status=FORBIDDEN)
        proof, error = request.POST.get(PROOF, ""), ""
        if proof:
            try:
                confirm(request, request.user, proof, at)
            except RefusedError as refused:
                error = str(refused)
            else:
                return None
        return _ask(request, TAKES_PROOF[name], error)


def _ask(request: HttpRequest, what: str, error: str) -> HttpResponse:
    fields = [(name, value) for name, values in request.POST.lists() if name not in OURS for value in values]
    answer = show(
        request,
        "cxsurvey/login/confirm.html",
        FORBIDDEN,
        title="Is it still you?",
        what=what,
        error=error,
        fields=fields,
        address=request.get_full_path(),
        proof=PROOF,
        with_files=bool(request.FILES),
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
