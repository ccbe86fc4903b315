"""Sessions as rows that know whose they are: found, listed and ended by user, and over at the earlier of two limits.

The limits stand in the row, so that the one statement that reads a session keeps them. A login begins when a session is
first stored with a user in it, by whatever way somebody was logged in. The key in the cookie is nowhere in the
database: whoever reads that, or a backup of it, can be nobody who is logged in.
"""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.utils import timezone

from cxsurvey.login.sessions import ADDRESS, BEGAN, BROWSER, CONFIRMED, ends_at, instant
from cxsurvey.login.tables import LoginSession, stored_key


class SessionStore(db.SessionStore):
    """Django's own, with the columns of `LoginSession`, found by hashed keys; `row` is the one that was read, or None.

    Its methods that are `async` are not made ours: there is no such view.
    """

    row: LoginSession | None = None

    @classmethod
    def get_model_class(cls) -> type[LoginSession]:
        return LoginSession

    def load(self) -> dict[str, Any]:
        found = LoginSession.objects.filter(session_key=stored_key(self.session_key), expire_date__gt=timezone.now())
        self.row = found.first()
        if self.row is None:
            self._session_key = None  # the cookie of a stranger names no session that is made
            return {}
        return self.decode(self.row.session_data)

    def exists(self, session_key: str) -> bool:
        return LoginSession.objects.filter(session_key=stored_key(session_key)).exists()

    def delete(self, session_key: str | None = None) -> None:
        LoginSession.objects.filter(session_key=stored_key(session_key or self.session_key)).delete()

    def create_model_instance(self, data: dict[str, Any]) -> LoginSession:
        now = timezone.now()
        if SESSION_KEY in data:
            for name in (BEGAN, CONFIRMED):
                data.setdefault(name, now.timestamp())
        row: LoginSession = super().create_model_instance(data)  # type: ignore[assignment]
        row.session_key = stored_key(row.session_key)
        if SESSION_KEY not in data:
            return row
        row.user_id, row.began_at, row.seen_at = int(data[SESSION_KEY]), instant(data[BEGAN]), now
        row.browser, row.address = data.get(BROWSER, ""), data.get(ADDRESS)
        row.expire_date = ends_at(row.began_at, now)
        return row
