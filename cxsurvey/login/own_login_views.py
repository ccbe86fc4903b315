"""The page "Your login": the second factor, recovery codes, passkeys, and where one is logged in."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.guarded import admin_page, show
from cxsurvey.audit import record
from cxsurvey.login import changing, entering, passkeys, second_factor, sessions, telling
from cxsurvey.login.login_views import app_was_set_up, offer_of_app
from cxsurvey.login.tables import AuthenticatorApp, Passkey, RecoveryCode, stored_key
from cxsurvey.login.telling import News
from cxsurvey.models import AuditEntry

ASKED = "new passkey asked"
Action = AuditEntry.Action


@require_safe
def own_login(request: HttpRequest) -> HttpResponse:
    """Show what one logs in with, and where one is logged in."""
    user, at = _user(request), timezone.now()
    return show(
        request,
        "cxsurvey/login/own.html",
        title="Your login",
        app=AuthenticatorApp.objects.filter(user=user).first(),
        passkeys=list(Passkey.objects.filter(user=user).order_by("pk")),
        passkeys_possible=passkeys.are_possible(),
        codes_left=RecoveryCode.objects.filter(user=user).count(),
        required=settings.TWO_FACTOR == "required",
        logins=login_rows(user, request.session.session_key),
        idle=settings.LOGIN_IDLE_MINUTES,
        longest=settings.LOGIN_HOURS,
        at=at,
    )


@require_http_methods(["GET", "POST"])
def own_app(request: HttpRequest) -> HttpResponse:
    """Set an authenticator app up, in place of the one before."""
    user, error = _user(request), ""
    if request.method == "POST" and "code" in request.POST:
        had_codes = RecoveryCode.objects.filter(user=user).exists()
        if app_was_set_up(request, user):
            sessions.end_logins(user.pk, at=timezone.now(), by_id=user.pk, but=request.session.session_key)
            messages.success(request, "Your authenticator app is set up. Elsewhere you are logged out.")
            return redirect("your-login") if had_codes else own_codes(request)
        error = entering.WRONG_CODE
    title = "Set up an authenticator app"
    offer = offer_of_app(request, user)
    return _no_store(
        show(request, "cxsurvey/login/own_app.html", 400 if error else 200, title=title, error=error, **offer)
    )


@require_POST
def remove_app(request: HttpRequest) -> HttpResponse:
    """Take the app away, where that leaves a second factor or none is required."""
    user = _user(request)
    if not _may_go(user, passkeys_gone=0, app_gone=True):
        messages.error(request, "It is your only second factor, and one is required. Set up another one first.")
        return redirect("your-login")
    with transaction.atomic():
        AuthenticatorApp.objects.filter(user=user).delete()
        changing.second_factor_was_changed(request, Action.DELETED, entering.APP, timezone.now())
        _tidy(user)
    messages.success(request, "The authenticator app is taken away. Its codes open nothing any more.")
    return redirect("your-login")


@require_POST
def own_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes, and show them once."""
    user = _user(request)
    if not second_factor.is_set_up(user):
        messages.error(request, "Recovery codes stand in for a second factor. Set one up first.")
        return redirect("your-login")
    with transaction.atomic():
        codes = second_factor.new_recovery_codes(user)
        record(Action.ADDED, "recovery-code", str(user.pk), at=timezone.now(), by_id=user.pk)
        telling.tell(user, News.NEW_CODES)
    return _no_store(show(request, "cxsurvey/login/own_codes.html", title="Your recovery codes", codes=codes))


@require_POST
def ask_new_passkey(request: HttpRequest) -> JsonResponse:
    """Tell the browser what passkey to make."""
    options, request.session[ASKED] = passkeys.ask_for_new(_user(request))
    return JsonResponse(options)


@require_POST
def own_passkey(request: HttpRequest) -> HttpResponse:
    """Keep the passkey that the browser has made."""
    user, at = _user(request), timezone.now()
    name = request.POST.get("name", "").strip()[:60] or sessions.in_words(request.headers.get("User-Agent", ""))
    state = request.session.pop(ASKED, {})
    if not passkeys.add(user, state, request.POST.get("passkey", ""), name, at):
        messages.error(request, "No passkey was kept. Press “Add a passkey” again, and follow your browser.")
        return redirect("your-login")
    changing.second_factor_was_changed(request, Action.ADDED, entering.PASSKEY, at)
    messages.success(request, f"The passkey “{name}” opens from now on. Elsewhere you are logged out.")
    return redirect("your-login") if RecoveryCode.objects.filter(user=user).exists() else own_codes(request)


@require_POST
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a passkey away, where that leaves a second factor or none is required."""
    user = _user(request)
    key = get_object_or_404(Passkey, pk=pk, user=user)
    if not _may_go(user, passkeys_gone=1, app_gone=False):
        messages.error(request, "It is your only second factor, and one is required. Set up another one first.")
        return redirect("your-login")
    with transaction.atomic():
        key.delete()
        changing.second_factor_was_changed(request, Action.DELETED, entering.PASSKEY, timezone.now())
        _tidy(user)
    messages.success(request, f"The passkey “{key.name}” opens nothing any more.")
    return redirect("your-login")


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """Log out everywhere but here."""
    user = _user(request)
    ended = sessions.end_logins(user.pk, at=timezone.now(), by_id=user.pk, but=request.session.session_key)
    messages.success(request, f"Logged out elsewhere: {ended}.")
    return redirect("your-login")


def login_rows(user: User, here: str | None) -> list[dict[str, Any]]:
    """Return where a user is logged in, in words; `here` is the key in the reader's own cookie."""
    return [
        {
            "browser": sessions.in_words(row.browser),
            "address": row.address or "an unknown address",
            "began_at": row.began_at,
            "seen_at": row.seen_at,
            "is_here": row.session_key == stored_key(here),
        }
        for row in sessions.logins_of(user.pk, timezone.now())
    ]


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  # `admin_page` lets nobody else in
    return request.user


def _may_go(user: User, *, passkeys_gone: int, app_gone: bool) -> bool:
    if settings.TWO_FACTOR != "required":
        return True
    has_app = AuthenticatorApp.objects.filter(user=user).exists() and not app_gone
    return has_app or Passkey.objects.filter(user=user).count() > passkeys_gone


def _tidy(user: User) -> None:
    """Recovery codes stand in for a second factor and are none."""
    if not second_factor.is_set_up(user):
        RecoveryCode.objects.filter(user=user).delete()


def _no_store(answer: HttpResponse) -> HttpResponse:
    answer.headers["Cache-Control"] = "no-store"
    return answer


urlpatterns = [
    admin_page("your-login/", own_login, "your-login"),
    admin_page("your-login/app/", own_app, "your-app"),
    admin_page("your-login/app/remove/", remove_app, "your-app-remove"),
    admin_page("your-login/recovery-codes/", own_codes, "your-codes"),
    admin_page("your-login/passkey/ask/", ask_new_passkey, "your-passkey-ask"),
    admin_page("your-login/passkey/", own_passkey, "your-passkey"),
    admin_page("your-login/passkey/<int:pk>/remove/", remove_passkey, "your-passkey-remove"),
    admin_page("your-login/end-others/", end_others, "your-logins-end"),
]
