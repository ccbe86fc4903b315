"""What takes a fresh proof of who somebody is: what would outlast a login that is left open, or cannot be undone."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.http import HttpRequest

from cxsurvey.audit import record
from cxsurvey.login import entering, second_factor
from cxsurvey.login.sessions import CONFIRMED, instant
from cxsurvey.models import AuditEntry

FRESH_FOR = timedelta(minutes=15)


def _table(name: str, *pages: str) -> list[str]:
    return [f"admin:{name}_{page}" for page in pages]


TAKES_PROOF: Mapping[str, str] = {
    **dict.fromkeys(_table("cxsurvey_apitoken", "add"), "make an API token"),
    **dict.fromkeys(_table("contacts_eventsource", "add", "changelist"), "make or close a write key"),
    **dict.fromkeys(_table("recovery_webhookendpoint", "add", "change"), "change a webhook or its secret"),
    "webhook-secret-shown": "see a webhook's secret",
    **dict.fromkeys(
        _table("auth_user", "add", "change", "delete", "changelist", "password_change"), "change who may do what"
    ),
    **dict.fromkeys(_table("auth_group", "add", "change", "delete", "changelist"), "change who may do what"),
    "customer-erase": "erase a person",
    **dict.fromkeys(("export-new", "export-runs"), "take customers' data away"),
    **dict.fromkeys(("your-app", "your-app-remove", "your-codes"), "change your second factor"),
    **dict.fromkeys(("your-passkey", "your-passkey-remove"), "change your second factor"),
    "your-logins-end": "log out elsewhere",
    **dict.fromkeys(("user-login-reset", "user-login-end", "user-login-unlock"), "change somebody's login"),
}
"""Name of an address -> what its POST is, in words that follow “before you”."""


def is_fresh(request: HttpRequest, at: datetime) -> bool:
    """Whether whoever is logged in has shown who it is a short while ago."""
    return at - instant(request.session.get(CONFIRMED, 0)) < FRESH_FOR


def confirm(request: HttpRequest, user: User, proof: str, at: datetime) -> None:
    """Take a password or a code as a fresh proof, and give the login another key; raises RefusedError."""
    if second_factor.is_app_code(proof) and second_factor.is_set_up(user):
        what = entering.APP
        entering.prove(request, user, what, lambda: second_factor.use_code(user, proof, at), at)
    else:
        what = entering.PASSWORD
        entering.prove(request, user, what, lambda: user.check_password(proof), at)
    request.session[CONFIRMED] = at.timestamp()
    request.session.cycle_key()
    record(AuditEntry.Action.CONFIRMED, "auth.user", str(user.pk), at=at, by_id=user.pk, details={"with": what})
