"""Where somebody is logged in, and how that is ended."""

import re
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from cxsurvey.audit import record
from cxsurvey.login.tables import LoginSession, stored_key
from cxsurvey.models import AuditEntry

BEGAN, CONFIRMED = "began", "confirmed"
"""Instants in a session, in seconds since 1970: of the login, and of the last proof that it is still the same one."""
BROWSER, ADDRESS = "browser", "address"
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("Macintosh", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)


def instant(seconds: float) -> datetime:
    """Return the instant so many seconds after the beginning of 1970."""
    return datetime.fromtimestamp(seconds, tz=UTC)


def ends_at(began: datetime, seen: datetime) -> datetime:
    """Return when a login ends that began then and was used last then."""
    idle, longest = timedelta(minutes=settings.LOGIN_IDLE_MINUTES), timedelta(hours=settings.LOGIN_HOURS)
    return min(seen + idle, began + longest)


def logins_of(user_id: int, at: datetime) -> QuerySet[LoginSession]:
    """Return where a user is logged in, the one that was used last first."""
    return LoginSession.objects.filter(user_id=user_id, expire_date__gt=at).order_by("-seen_at", "session_key")


@transaction.atomic
def end_logins(user_id: int, *, at: datetime, by_id: int | None, but: str | None = None) -> int:
    """Log a user out everywhere but in the session whose cookie has the key `but`; return how many logins ended."""
    ended, _ = LoginSession.objects.filter(user_id=user_id).exclude(session_key=stored_key(but)).delete()
    if ended:
        record(
            AuditEntry.Action.LOGGED_OUT, "auth.user", str(user_id), at=at, by_id=by_id, details={"logins": str(ended)}
        )
    return ended


def note_use(session: LoginSession, at: datetime) -> None:
    """Keep that a login was used, to within a fifteenth of the time after which it ends unused."""
    if session.began_at is None or session.seen_at is None:
        return
    if at - session.seen_at > timedelta(minutes=settings.LOGIN_IDLE_MINUTES) / 15:
        seen = {"seen_at": at, "expire_date": ends_at(session.began_at, at)}
        LoginSession.objects.filter(pk=session.pk).update(**seen)


def end_if_inactive(user: User, *, at: datetime, by_id: int) -> None:
    """Log out somebody who may not log in any more."""
    if not (user.is_active and user.is_staff):
        end_logins(user.pk, at=at, by_id=by_id)


def in_words(browser: str) -> str:
    """Return what people call a browser that names itself so, and the system that it runs on."""
    name = next((words for sign, words in BROWSERS if re.search(rf"\b{sign}[\w]*/", browser)), "")
    system = next((words for sign, words in SYSTEMS if sign in browser), "")
    return " on ".join(part for part in (name, system) if part) or browser[:40] or "A program"
