"""The pages of the way in: password, second factor, and setting one up; what the admin's site asks of whoever comes."""

from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth.models import User
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from unfold.forms import AuthenticationForm

from contacts.guarded import show
from contacts.limited_admin import LimitedSite
from cxsurvey.audit import record
from cxsurvey.login import entering, passkeys, second_factor, telling
from cxsurvey.login.changing import note_second_factor, password_was_changed
from cxsurvey.login.entering import RefusedError
from cxsurvey.login.tables import Passkey
from cxsurvey.login.telling import News
from cxsurvey.login.whence import remember_browser
from cxsurvey.models import AuditEntry

ASKED = "passkey asked"
"""In a session: what a browser was asked to sign."""
OFFER = "cxsurvey.login.app"
OFFERED_FOR = 60 * 60
"""Seconds for which a QR code that was shown can be confirmed."""
PASSWORD_FIRST = "admin:login"  # noqa: S105


class LoginForm(AuthenticationForm):
    """User name and password, counted before they are looked at."""

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if name and password:
            try:
                self.user_cache = entering.check_password(self.request, name, password, timezone.now())
            except RefusedError as refused:
                raise ValidationError(str(refused)) from refused
        cleaned: dict[str, Any] = self.cleaned_data
        return cleaned


class StaffSite(LimitedSite):
    """The admin, whose login takes a second factor and whose changed password ends all other logins."""

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Return the tables of one room; not those of all, for which every page would be asked and the menu stands."""
        return super().get_app_list(request, app_label) if app_label else []

    @method_decorator([never_cache, sensitive_post_parameters()])
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the form; lead on to the second factor, or in."""
        next_page = _safe_next(request)
        if request.method == "GET" and self.has_permission(request):
            return redirect("admin:index")
        form = LoginForm(request, data=request.POST if request.method == "POST" else None)
        if form.is_valid():
            return _password_was_right(request, form.get_user(), next_page)
        return _page(
            request,
            "login",
            title="Log in",
            form=form,
            app_path=request.get_full_path(),
            next=next_page,
            can_mail=telling.can_mail(),
        )

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Log out, and note it."""
        if request.method == "POST" and isinstance(request.user, User):
            user_id = request.user.pk
            record(AuditEntry.Action.LOGGED_OUT, "auth.user", str(user_id), at=timezone.now(), by_id=user_id)
        answer: HttpResponse = super().logout(request, extra_context)
        return answer

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Take the new password, with the old one that is guessed no faster than at the login; end all other logins."""
        user, at = request.user, timezone.now()
        if request.method == "POST" and isinstance(user, User):
            old = request.POST.get("old_password", "")
            try:
                entering.prove(request, user, entering.PASSWORD, lambda: user.check_password(old), at)
            except RefusedError as refused:
                messages.error(request, f"The old password: {refused}")
                return redirect("admin:password_change")
        answer: HttpResponse = super().password_change(request, extra_context)
        if answer.status_code == 302 and isinstance(user, User):
            password_was_changed(request, user, at)
        return answer


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor, and let in who has it."""
    at = timezone.now()
    user = entering.held(request, at)
    if user is None:
        return redirect(PASSWORD_FIRST)
    error = ""
    if request.method == "POST":
        try:
            proof = _second_factor(request, user)
        except RefusedError as refused:
            error = str(refused)
        else:
            if proof == entering.RECOVERY:
                telling.tell(user, News.RECOVERY)
            return _let_in(request, user, proof)
    return _page(
        request,
        "code",
        title="The second step",
        error=error,
        by_recovery="recovery" in request.GET,
        has_app=hasattr(user, "authenticator_app"),
        has_passkeys=Passkey.objects.filter(user=user).exists(),
    )


@require_POST
def ask_passkey(request: HttpRequest) -> JsonResponse:
    """Tell the browser what one of the user's passkeys has to sign."""
    user = entering.held(request, timezone.now())
    if user is None:
        return JsonResponse({"error": "Log in with your password again."}, status=403)
    options, request.session[ASKED] = passkeys.ask(user)
    return JsonResponse(options)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Lead somebody who needs a second factor and has none through setting one up; only then let in."""
    at = timezone.now()
    user = entering.held(request, at)
    if user is None:
        return redirect(PASSWORD_FIRST)
    if second_factor.is_set_up(user):
        return redirect("login-code")
    error = ""
    if request.method == "POST":
        if app_was_set_up(request, user):
            next_page = request.session[entering.HELD]["next"]
            codes = second_factor.new_recovery_codes(user)
            entering.enter(request, user, entering.APP, at)
            answer = _page(request, "codes", title="Your recovery codes", codes=codes, next=next_page)
            remember_browser(answer, user.get_username())
            return answer
        error = entering.WRONG_CODE
    return _page(request, "set_up", title="Set up the second step", error=error, **offer_of_app(request, user))


@require_safe
def lost(request: HttpRequest) -> HttpResponse:
    """Say what to do when the phone is gone."""
    return _page(request, "lost", title="Your phone is lost or new")


def offer_of_app(request: HttpRequest, user: Any) -> dict[str, Any]:
    """Return what the page shows that sets an app up. The offer stands in its form: showing it stores nothing."""
    offer = request.POST.get("offer", "")
    salt = _salt_of(offer, user.pk) or second_factor.new_salt()
    secret = second_factor.secret_of(salt)
    picture = segno.make_qr(second_factor.app_address(user, salt), error="m")
    return {
        "offer": signing.dumps([user.pk, salt], salt=OFFER),
        "qr": picture.svg_data_uri(scale=5, light="white", border=3),
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
    }


def app_was_set_up(request: HttpRequest, user: Any) -> bool:
    """Set the app up that was offered, if it shows the code that was typed."""
    salt, at = _salt_of(request.POST.get("offer", ""), user.pk), timezone.now()
    if not salt or not second_factor.set_up_app(user, salt, request.POST.get("code", ""), at):
        return False
    note_second_factor(user, AuditEntry.Action.ADDED, entering.APP, at=at, by_id=user.pk)
    return True


def _salt_of(offer: str, user_id: int) -> str:
    try:
        whose, salt = signing.loads(offer, salt=OFFER, max_age=OFFERED_FOR)
    except signing.BadSignature:
        return ""
    return str(salt) if whose == user_id else ""


def _second_factor(request: HttpRequest, user: Any) -> str:
    at, answer = timezone.now(), request.POST.get("passkey", "")
    if not answer:
        return entering.check_second_factor(request, user, request.POST.get("code", ""), at)
    state = request.session.pop(ASKED, {})
    entering.prove(request, user, entering.PASSKEY, lambda: passkeys.use(user, state, answer, at), at)
    return entering.PASSKEY


def _password_was_right(request: HttpRequest, user: Any, next_page: str) -> HttpResponse:
    at = timezone.now()
    if not entering.is_needed(user):
        answer = redirect(next_page)
        entering.enter(request, user, entering.PASSWORD, at)
        remember_browser(answer, user.get_username())
        return answer
    entering.hold(request, user, next_page, at)
    return redirect("login-code" if second_factor.is_set_up(user) else "login-set-up")


def _let_in(request: HttpRequest, user: Any, proof: str) -> HttpResponse:
    answer = redirect(request.session[entering.HELD]["next"])
    entering.enter(request, user, proof, timezone.now())
    remember_browser(answer, user.get_username())
    return answer


def _safe_next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else resolve_url("admin:index")


def _page(request: HttpRequest, name: str, **context: Any) -> TemplateResponse:
    """Return a page outside the admin's frame."""
    status = 403 if context.get("error") else 200
    answer = show(request, f"cxsurvey/login/{name}.html", status, **context)
    answer.headers["Cache-Control"] = "no-store"
    return answer


urlpatterns = [
    path("login/code/", code, name="login-code"),
    path("login/passkey/", ask_passkey, name="login-passkey"),
    path("login/set-up/", set_up, name="login-set-up"),
    path("login/lost/", lost, name="login-lost"),
]
