"""Somebody who logs in, step by step, as a browser does."""

import re
from datetime import datetime
from typing import Any

import pyotp
from django.contrib.auth.models import User
from django.test import Client

from cxsurvey.login import second_factor

LOGIN = "/admin/login/"
CODE, SET_UP, YOURS = f"{LOGIN}code/", f"{LOGIN}set-up/", "/admin/your-login/"
PASSWORD = "blue tram over wet hills"
FAST = ["django.contrib.auth.hashers.MD5PasswordHasher"]
"""Hashers for tests in which it does not matter how long a password takes to check."""


def member(name: str = "ada", **fields: object) -> User:
    """Return a user of the staff with `PASSWORD`."""
    return User.objects.create_user(name, f"{name}@cx.example", PASSWORD, is_staff=True, **fields)


def with_app(user: User, at: datetime) -> str:
    """Set an authenticator app up with a code of long ago; return its secret."""
    salt = second_factor.new_salt()
    secret = second_factor.secret_of(salt)
    early = datetime.fromtimestamp(at.timestamp() - 3600, tz=at.tzinfo)
    assert second_factor.set_up_app(user, salt, pyotp.TOTP(secret).at(early), early)
    return secret


def try_password(client: Client, password: str = PASSWORD, name: str = "ada", **headers: str) -> Any:
    """Send the first form."""
    return client.post(LOGIN, {"username": name, "password": password}, headers=headers)


def is_in(client: Client) -> bool:
    """Whether the browser is logged in."""
    return client.get(YOURS).status_code == 200


def offered(page: str) -> tuple[str, str]:
    """Return the signed offer and the secret of the page on which an app is set up."""
    offer, secret = re.search(r'name="offer" value="([^"]+)"', page), re.search(r'cx-code">([A-Z2-7 ]+)<', page)
    assert offer
    assert secret
    return offer[1], secret[1].replace(" ", "")
