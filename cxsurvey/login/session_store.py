"""Sessions as rows that know whose they are: found, listed and ended by user, and over at the earlier of two limits.

The limits stand in the row, so that the one statement that reads a session keeps them. A login begins when a session is
first stored with a user in it, by whatever way somebody was logged in.
"""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.utils import timezone

from cxsurvey.login.sessions import ADDRESS, BEGAN, BROWSER, CONFIRMED, ends_at, instant
from cxsurvey.login.tables import LoginSession


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
