"""What follows from a change of a login: all others of the user end, the audit has it, and the user is told."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest

from cxsurvey.audit import record
from cxsurvey.login import guesses, second_factor, sessions, telling
from cxsurvey.login.telling import News
from cxsurvey.models import AuditEntry

Action = AuditEntry.Action


@transaction.atomic
def password_was_changed(request: HttpRequest, user: User, at: datetime) -> None:
    """Note that the user has a new password, set by whoever is logged in, whose own login goes on."""
    by_id = request.user.pk
    record(Action.CHANGED, "password", str(user.pk), at=at, by_id=by_id)
    sessions.end_logins(user.pk, at=at, by_id=by_id, but=request.session.session_key)
    telling.tell(user, News.PASSWORD)


@transaction.atomic
def second_factor_was_changed(request: HttpRequest, action: AuditEntry.Action, what: str, at: datetime) -> None:
    """Note that the user who is logged in has another second factor."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101  # the page is for users alone
    note_second_factor(user, action, what, at=at, by_id=user.pk)
    sessions.end_logins(user.pk, at=at, by_id=user.pk, but=request.session.session_key)


def note_second_factor(user: User, action: AuditEntry.Action, what: str, *, at: datetime, by_id: int | None) -> None:
    """Keep in the audit that a second factor came or went, and tell the user."""
    record(action, "second-factor", str(user.pk), at=at, by_id=by_id, details={"which": what})
    telling.tell(user, News.TAKEN_AWAY if action == Action.DELETED else News.SET_UP)


@transaction.atomic
def reset_second_factor(user: User, *, at: datetime, by_id: int | None) -> None:
    """Take all second factors away from somebody who has lost them, and log the user out everywhere."""
    second_factor.take_away(user)
    note_second_factor(user, Action.DELETED, "all", at=at, by_id=by_id)
    sessions.end_logins(user.pk, at=at, by_id=by_id)


@transaction.atomic
def unlock(user: User, *, at: datetime, by_id: int | None) -> None:
    """Let somebody try to log in again at once."""
    guesses.unlock(user.get_username())
    record(Action.UNLOCKED, "auth.user", str(user.pk), at=at, by_id=by_id)
