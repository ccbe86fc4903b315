"""The way in: the password, then the second factor, and only then a login. Between them nobody is logged in.

Who has got the password right is held in a session without a user: for every page but those of the login, nobody.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, authenticate, login
from django.contrib.auth.models import User
from django.http import HttpRequest

from contacts.client_address import client_address
from cxsurvey.audit import record
from cxsurvey.login import guesses, second_factor
from cxsurvey.login.sessions import ADDRESS, BEGAN, BROWSER, CONFIRMED
from cxsurvey.login.telling import News, tell
from cxsurvey.login.whence import browser_name, known_browser
from cxsurvey.models import AuditEntry

HELD, HELD_FOR = "held", timedelta(minutes=10)
PASSWORD, APP, RECOVERY, PASSKEY = "password", "authenticator app", "recovery code", "passkey"
WRONG_PASSWORD = "That is not right. Check the user name and the password; small and capital letters differ."  # noqa: S105
WRONG_PROOF = "That is not right. Small and capital letters differ."
WRONG_CODE = "That code does not open. A code of the app opens once and for half a minute: wait for the next one."
Action = AuditEntry.Action


class RefusedError(Exception):
    """Somebody did not get further; the text says why, and what to do."""


def check_password(request: HttpRequest, name: str, password: str, at: datetime) -> User:
    """Return the user of the staff whose password this is.

    Raises RefusedError, with the same text and after the same work whether there is such a user or not.
    """
    places = guesses.password_places(name, client_address(request), known_browser(request, name))
    _take(places, at)
    user = authenticate(request, username=name, password=password)
    if not isinstance(user, User) or not user.is_staff:
        meant = User.objects.filter(username=name).first()
        _note_wrong(places, meant, PASSWORD, at)
        raise RefusedError(WRONG_PASSWORD)
    guesses.take_back(places)
    return user


def check_second_factor(request: HttpRequest, user: User, code: str, at: datetime) -> str:
    """Return which second factor a code is, which is used up by that; raises RefusedError."""
    if second_factor.is_app_code(code):
        prove(request, user, APP, lambda: second_factor.use_code(user, code, at), at)
        return APP
    prove(request, user, RECOVERY, lambda: second_factor.use_recovery_code(user, code), at)
    record(Action.DELETED, "recovery-code", str(user.pk), at=at, by_id=user.pk)
    return RECOVERY


def prove(request: HttpRequest, user: User, what: str, is_right: Callable[[], bool], at: datetime) -> None:
    """Look at one proof of somebody who is already known by another; raises RefusedError where it is wrong."""
    name = user.get_username()
    places = guesses.second_factor_places(name, known_browser(request, name))
    _take(places, at)
    if not is_right():
        _note_wrong(places, user, what, at)
        raise RefusedError(WRONG_PROOF if what == PASSWORD else WRONG_CODE)
    guesses.take_back(places)


def is_needed(user: User) -> bool:
    """Whether a second factor is asked of this user, who may have to set one up first."""
    return settings.TWO_FACTOR == "required" or second_factor.is_set_up(user)


def hold(request: HttpRequest, user: User, next_page: str, at: datetime) -> None:
    """Keep for ten minutes that this user's password was right, and where the user wants to go."""
    request.session.cycle_key()
    until = (at + HELD_FOR).timestamp()
    request.session[HELD] = {
        "user": user.pk,
        "backend": getattr(user, "backend", settings.AUTHENTICATION_BACKENDS[0]),
        "hash": user.get_session_auth_hash(),
        "until": until,
        "next": next_page,
    }
    request.session.set_expiry(int(HELD_FOR.total_seconds()))


def held(request: HttpRequest, at: datetime) -> User | None:
    """Return the user whose password was right a short while ago, if nothing has changed about it since."""
    kept = request.session.get(HELD)
    if kept is None or kept["until"] <= at.timestamp():
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True, is_staff=True).first()
    return user if user and user.get_session_auth_hash() == kept["hash"] else None


def enter(request: HttpRequest, user: User, proof: str, at: datetime) -> None:
    """Log the user in, in a new session that begins now; `proof` is what was looked at last."""
    kept = request.session.pop(HELD, {})
    for name in (BEGAN, CONFIRMED):
        request.session.pop(name, None)
    request.session.set_expiry(None)
    request.session[BROWSER], request.session[ADDRESS] = browser_name(request), client_address(request) or None
    login(request, user, kept.get("backend") or getattr(user, "backend", request.session.get(BACKEND_SESSION_KEY)))
    record(Action.LOGGED_IN, "auth.user", str(user.pk), at=at, by_id=user.pk, details={"with": proof})


def _take(places: Collection[guesses.Place], at: datetime) -> None:
    if until := guesses.take(places, at):
        minutes = ceil((until - at) / timedelta(minutes=1))
        raise RefusedError(
            f"Too many wrong tries. Wait {minutes} minute{'s' if minutes > 1 else ''}, then try again; until then not "
            "even the right one opens. An administrator can let you in sooner."
        )


def _note_wrong(places: Collection[guesses.Place], user: User | None, what: str, at: datetime) -> None:
    subject, told = str(user.pk) if user else "", {"with": what}
    record(Action.LOGIN_FAILED, "auth.user", subject, at=at, by_id=None, details=told)
    if guesses.is_closed(places, at):
        record(Action.LOCKED, "auth.user", subject, at=at, by_id=None, details=told)
        if user and what != PASSWORD:
            tell(user, News.GUESSED)
