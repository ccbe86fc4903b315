"""The page on which an administrator helps somebody who cannot log in, or ends logins of somebody else."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from contacts.guarded import admin_page, show, staff_id
from cxsurvey.login import changing, guesses, sessions
from cxsurvey.login.own_login_views import login_rows
from cxsurvey.login.tables import AuthenticatorApp, Passkey, RecoveryCode

MAY = "auth.change_user"


@require_safe
def users_login(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a user logs in with, and where; never a secret."""
    user = _found(request, pk)
    return show(
        request,
        "cxsurvey/login/users.html",
        title=f"Login of {user}",
        subject=user,
        has_app=AuthenticatorApp.objects.filter(user=user).exists(),
        passkeys=Passkey.objects.filter(user=user).count(),
        codes_left=RecoveryCode.objects.filter(user=user).count(),
        closed_until=guesses.closed_until(user.get_username(), timezone.now()),
        logins=login_rows(user, request.session.session_key),
    )


@require_POST
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away the second factor of somebody who has lost it."""
    user = _found(request, pk)
    changing.reset_second_factor(user, at=timezone.now(), by_id=staff_id(request))
    messages.success(request, f"{user} sets up a new second factor at the next login, and is told so by mail.")
    return redirect("user-login", pk)


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Log somebody out everywhere."""
    user = _found(request, pk)
    ended = sessions.end_logins(user.pk, at=timezone.now(), by_id=staff_id(request))
    messages.success(request, f"{user} is logged out: {ended} login{'' if ended == 1 else 's'} ended.")
    return redirect("user-login", pk)


@require_POST
def unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody try again at once."""
    user = _found(request, pk)
    changing.unlock(user, at=timezone.now(), by_id=staff_id(request))
    messages.success(request, f"{user} can try again at once.")
    return redirect("user-login", pk)


def _found(request: HttpRequest, pk: int) -> User:
    """Return the user; an administrator's login is for administrators alone."""
    user = get_object_or_404(User, pk=pk)
    if user.is_superuser and not request.user.is_superuser:
        raise PermissionDenied
    return user


urlpatterns = [
    admin_page("users/<int:pk>/login/", users_login, "user-login", MAY),
    admin_page("users/<int:pk>/login/reset/", reset, "user-login-reset", MAY),
    admin_page("users/<int:pk>/login/end/", end, "user-login-end", MAY),
    admin_page("users/<int:pk>/login/unlock/", unlock, "user-login-unlock", MAY),
]
