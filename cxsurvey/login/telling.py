"""What somebody of the staff is told by mail about the own login, so that nobody else changes it unnoticed."""

from datetime import datetime
from email.utils import parseaddr
from enum import StrEnum
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.html import format_html_join
from django.utils.http import urlsafe_base64_encode
from django_q.tasks import async_task

from surveys.channels.base import Message
from surveys.channels.gateways import GATEWAYS, gateway_name

SENDS = "cxsurvey.tasks.tell_staff"
OUTBOX = "outbox"


class News(StrEnum):
    """What has happened; the value is the subject of the mail."""

    SET_UP = "Your second factor was set up or changed"
    TAKEN_AWAY = "Your second factor was taken away"
    RECOVERY = "A recovery code of yours was used"
    NEW_CODES = "You have new recovery codes"
    PASSWORD = "Your password was changed"  # noqa: S105
    GUESSED = "Somebody knows your password"
    FORGOTTEN = "Choose a new password"


_WORDS = {
    News.SET_UP: "From now on logging in takes more than your password.",
    News.TAKEN_AWAY: "At your next login you are shown how to set one up anew.",
    News.RECOVERY: "It opens nothing any more. The page “Your login” shows how many are left.",
    News.NEW_CODES: "Those from before open nothing any more.",
    News.PASSWORD: "Wherever else you were logged in, you have to log in again.",
    News.GUESSED: (
        "Somebody has typed your password, and then several wrong codes of the second factor. Nobody got in. If it was "
        "not you, change your password now."
    ),
}


def tell(user: User, news: News) -> None:
    """Let the worker tell the user, who may have no address; no page waits for it."""
    if user.email:
        async_task(SENDS, user.pk, news.name)


def can_mail() -> bool:
    """Whether mail reaches anybody: what the outbox keeps does not."""
    return gateway_name("email") != OUTBOX


def send(user: User, news: News, at: datetime) -> None:
    """Hand the mail over to the gateway of email."""
    lines = _forgotten(user) if news is News.FORGOTTEN else _happened(news, at)
    GATEWAYS[gateway_name("email")].send(
        Message(
            attempt_id=0,
            reference=f"login-{uuid4().hex}",
            channel="email",
            sender_name=settings.ORGANISATION_NAME,
            sender=parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
            recipient=user.email,
            subject=f"{settings.ORGANISATION_NAME}: {news.lower() if news is News.FORGOTTEN else news}",
            text="\n\n".join(lines) + "\n",
            html=format_html_join("", "<p>{}</p>", ((line,) for line in lines)),
            at=at,
        )
    )


def _happened(news: News, at: datetime) -> list[str]:
    return [
        f"{news}, on {at:%Y-%m-%d at %H:%M} UTC. {_WORDS[news]}",
        "If that was not you, tell an administrator at once, and change your password here:",
        settings.SITE_URL + reverse("admin:password_change"),
    ]


def _forgotten(user: User) -> list[str]:
    """A link that opens once: the token holds until the password or the last login changes, and for an hour."""
    parts = [urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)]
    return [
        f"Somebody asked for a new password for the user {user.get_username()}. Choose it here within an hour:",
        settings.SITE_URL + reverse("password-new", args=parts),
        "If it was not you, do nothing: your password stays as it is.",
    ]
