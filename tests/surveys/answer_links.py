"""Customers' links in tests: invitations that were sent, their addresses, and what a page says."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

from django.apps import apps
from django.utils import timezone

from surveys.links import token
from surveys.models import Invitation, SurveyVersion
from tests.surveys.makers import make_invitation

HOUR = timedelta(hours=1)


def invite(version: SurveyVersion | None = None, **fields: Any) -> Invitation:
    """Return an invitation that was sent an hour ago."""
    sent_at = timezone.now() - HOUR
    return make_invitation(version, due_at=sent_at, state="sent", sent_at=sent_at, **fields)


def address(invitation: Invitation, page: str = "") -> str:
    return f"/s/{token(invitation)}{page}"


def seen(response: Any) -> str:
    """Return the text of a page as a person reads it."""
    body = re.sub(r"<(style|title)\b.*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def everything_stored() -> dict[str, list[Any]]:
    return {model.__name__: list(model._base_manager.order_by("pk").values()) for model in apps.get_models()}
