"""The demo's login and its token for the exports: made once, kept in a file of the owner, shown at every start."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.contrib.auth.models import Group, User

from contacts.scopes import TokenScope
from cxsurvey.models import ApiToken
from cxsurvey.roles import install_roles
from cxsurvey.tokens import hash_of, make_token

USER = "demo"
GROUPS = ("CX manager", "Analyst")


@dataclass(frozen=True)
class Access:
    """What opens the demo: the password of the user `demo`, and a token for the exports."""

    password: str
    token: str


def ensure_user() -> User:
    """Return the user `demo`: staff with the rights of a CX manager and an analyst, no superuser."""
    install_roles()
    user, _ = User.objects.get_or_create(username=USER, defaults={"is_staff": True, "first_name": "Demo"})
    user.groups.set(Group.objects.filter(name__in=GROUPS))
    return user


def ensure_access(user: User, path: Path, at: datetime) -> Access:
    """Return what the file says if it opens this database; otherwise give the user a new password and a token."""
    if path.exists():
        kept = Access(**json.loads(path.read_text()))
        opens = ApiToken.objects.filter(user=user, hash=hash_of(kept.token), revoked_at=None).exists()
        if user.check_password(kept.password) and opens:
            return kept
    token = make_token(ApiToken(name="Demo", user=user, scopes=TokenScope.values), at=at, lives=None)
    access = Access(password=secrets.token_urlsafe(9), token=token.text)
    user.set_password(access.password)
    user.save(update_fields=["password"])
    _keep(access, path)
    return access


def _keep(access: Access, path: Path) -> None:
    """Write the file whole or not at all, readable by its owner only."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(access), file)
    draft.replace(path)
