"""Who is logged in: the user, with the brands that he is limited to, in one statement."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User

from contacts.readers import with_limits


class LimitedBackend(ModelBackend):
    """Django's own logins; who comes back in a session is read together with the brands."""

    def get_user(self, user_id: Any) -> User | None:
        """Return the user of a session; None where there is none any more, or he may not log in."""
        user = with_limits(User.objects.filter(pk=user_id)).first()
        return user if user and self.user_can_authenticate(user) else None
