"""Sessions as rows that know whose they are: found, listed and ended by user, and over at the earlier of two limits.

The limits stand in the row, so that the one statement that reads a session keeps them. A login begins when a session is
first stored with a user in it, by whatever way somebody was logged in.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.utils import timezone

from cxsurvey.login.tables import LoginSession

BEGAN, CONFIRMED = "began", "confirmed"
"""Instants in a session, in seconds since 1970: of the login, and of the last proof that it is still the same one."""
BROWSER, ADDRESS = "browser", "address"


class SessionStore(db.SessionStore):
    """Django's own, with the columns of `LoginSession`; `row` is the one that was read, or None."""

    row: LoginSession | None = None

    @classmethod
    def get_model_class(cls) -> type[LoginSession]:
        return LoginSession

    def load(self) -> dict[str, Any]:
        self.row = self._get_session_from_db()  # type: ignore[attr-defined]  # Django's, not in its stubs
        return self.decode(self.row.session_data) if self.row else {}

    def create_model_instance(self, data: dict[str, Any]) -> LoginSession:
        if SESSION_KEY not in data:
            return super().create_model_instance(data)  # type: ignore[return-value]
        now = timezone.now()
        for name in (BEGAN, CONFIRMED):
            data.setdefault(name, now.timestamp())
        row: LoginSession = super().create_model_instance(data)  # type: ignore[assignment]
        row.user_id, row.began_at, row.seen_at = int(data[SESSION_KEY]), instant(data[BEGAN]), now
        row.browser, row.address = data.get(BROWSER, ""), data.get(ADDRESS)
        row.expire_date = ends_at(row.began_at, now)
        return row


def instant(seconds: float) -> datetime:
    """Return the instant so many seconds after the beginning of 1970."""
    return datetime.fromtimestamp(seconds, tz=UTC)


def ends_at(began: datetime, seen: datetime) -> datetime:
    """Return when a login ends that began then and was used last then."""
    idle, longest = timedelta(minutes=settings.LOGIN_IDLE_MINUTES), timedelta(hours=settings.LOGIN_HOURS)
    return min(seen + idle, began + longest)
