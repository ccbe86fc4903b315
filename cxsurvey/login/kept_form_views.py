"""A form that was sent when the login had just ended: kept, and offered to the same person after the next login.

It may be about a customer, and nobody who erases her looks into sessions. So it is sealed, with a key that only the
browser has and for half an hour: what is stored, in backups too, says nothing about anybody.
"""

import json
from collections.abc import Callable
from typing import NamedTuple

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from contacts.guarded import show
from cxsurvey.login.session_store import SessionStore
from cxsurvey.login.tables import LoginSession, stored_key

KEPT, KEPT_FOR = "kept form", 30 * 60
LONGEST = 200_000
"""Characters of a form that is kept."""
LEFT_OUT = {"csrfmiddlewaretoken", "proof_of_who"}
Respond = Callable[[HttpRequest], HttpResponseBase]


class Form(NamedTuple):
    """What was sent, and to which address."""

    address: str
    fields: list[tuple[str, str]]


def keep_forms(get_response: Respond) -> Respond:
    """Return middleware that keeps what is sent by a browser whose login has ended by its limits, and by no other."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        key = request.session.session_key
        response = get_response(request)
        if request.method != "POST" or key is None:
            return response
        if response.status_code == 302 and response.headers["Location"].startswith(resolve_url("admin:login")):
            return _keep(request, key) or response
        kept = _open(request)
        if kept and kept.address == request.get_full_path():
            del request.session[KEPT]
            response.delete_cookie(settings.KEPT_FORM_COOKIE)
        return response

    return respond


@require_safe
def kept_form(request: HttpRequest) -> HttpResponse:
    """Offer to send what was kept; somebody else than who has written it is not shown it."""
    kept = _open(request)
    if kept is None:
        return redirect("admin:index")
    return show(
        request,
        "cxsurvey/login/kept_form.html",
        title="What you sent is kept",
        address=kept.address,
        fields=kept.fields,
    )


def _open(request: HttpRequest) -> Form | None:
    """What was kept for whoever is logged in, if this is the browser that it came from and not yet too late."""
    kept = request.session.get(KEPT, {})
    if not isinstance(request.user, User) or kept.get("user") != request.user.pk:
        return None
    try:
        browsers = Fernet(request.COOKIES.get(settings.KEPT_FORM_COOKIE, ""))
        form = browsers.decrypt_at_time(kept.get("sealed", ""), KEPT_FOR, _now())
    except (ValueError, InvalidToken):
        return None
    return Form(*json.loads(form))


def _now() -> int:
    return int(timezone.now().timestamp())


def _keep(request: HttpRequest, key: str) -> HttpResponse | None:
    row = LoginSession.objects.filter(pk=stored_key(key), user__isnull=False).first()
    fields = [(name, value) for name, values in request.POST.lists() if name not in LEFT_OUT for value in values]
    secret = any("password" in name for name, _ in fields)
    if row is None or secret or request.FILES or sum(len(name) + len(value) for name, value in fields) > LONGEST:
        return None
    browsers = Fernet.generate_key()
    form = json.dumps(Form(request.get_full_path(), fields)).encode()
    sealed = Fernet(browsers).encrypt_at_time(form, _now())
    request.session = SessionStore()
    request.session[KEPT] = {"user": row.user_id, "sealed": sealed.decode()}
    request.session.set_expiry(KEPT_FOR)
    answer = redirect_to_login(reverse("kept-form"))
    answer.set_cookie(
        settings.KEPT_FORM_COOKIE,
        browsers.decode(),
        max_age=KEPT_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer


urlpatterns = [path("kept-form/", kept_form, name="kept-form")]
