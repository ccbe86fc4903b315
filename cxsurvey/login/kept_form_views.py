"""A form that was sent when the login had just ended: kept, and offered to the same person after the next login."""

from collections.abc import Callable

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from contacts.guarded import show
from cxsurvey.login.session_store import SessionStore
from cxsurvey.login.tables import LoginSession, stored_key

KEPT, KEPT_FOR = "kept form", 30 * 60
LONGEST = 200_000
"""Characters of a form that is kept."""
LEFT_OUT = {"csrfmiddlewaretoken", "proof_of_who"}
Respond = Callable[[HttpRequest], HttpResponseBase]


def keep_forms(get_response: Respond) -> Respond:
    """Return middleware that keeps what is sent by a browser whose login has ended by its limits, and by no other."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        key = request.session.session_key
        response = get_response(request)
        if request.method != "POST" or key is None:
            return response
        if response.status_code == 302 and response.headers["Location"].startswith(resolve_url("admin:login")):
            return _keep(request, key) or response
        if isinstance(request.user, User) and request.session.get(KEPT, {}).get("address") == request.get_full_path():
            del request.session[KEPT]
        return response

    return respond


@require_safe
def kept_form(request: HttpRequest) -> HttpResponse:
    """Offer to send what was kept; somebody else than who has written it is not shown it."""
    kept = request.session.get(KEPT)
    if kept is None or kept["user"] != request.user.pk:
        return redirect("admin:index")
    return show(
        request,
        "cxsurvey/login/kept_form.html",
        title="What you sent is kept",
        address=kept["address"],
        fields=kept["fields"],
    )


def _keep(request: HttpRequest, key: str) -> HttpResponse | None:
    row = LoginSession.objects.filter(pk=stored_key(key), user__isnull=False).first()
    fields = [(name, value) for name, values in request.POST.lists() if name not in LEFT_OUT for value in values]
    secret = any("password" in name for name, _ in fields)
    if row is None or secret or request.FILES or sum(len(name) + len(value) for name, value in fields) > LONGEST:
        return None
    request.session = SessionStore()
    request.session[KEPT] = {"user": row.user_id, "address": request.get_full_path(), "fields": fields}
    request.session.set_expiry(KEPT_FOR)
    return redirect_to_login(reverse("kept-form"))


urlpatterns = [path("kept-form/", kept_form, name="kept-form")]
