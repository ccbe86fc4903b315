"""The admin's start page: who is unhappy and unowned, how the week went, what was refused, what needs a person."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from analytics.nps import nps_rows
from analytics.period import Period
from analytics.scope import Scope
from contacts.brands import visible_to
from contacts.readers import reader_of_request
from cxsurvey.attention import burning, held_back, not_decided, not_told, refused, unowned
from surveys.reply_list import to_read

WEEK = timedelta(days=7)


def figures(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to the context of the admin's index what the reader may see of the state of things."""
    at, reader = timezone.now(), reader_of_request(request)
    context["title"] = "What needs attention"
    if request.user.has_perm("surveys.view_response"):
        weeks = Period(at - WEEK, at, at), Period(at - 2 * WEEK, at - WEEK, at)
        context |= dict(
            zip(
                ("week", "week_before"),
                (nps_rows("overall", Scope(week, reader=reader))[0] for week in weeks),
                strict=True,
            )
        )
    if request.user.has_perm("recovery.view_followup"):
        context |= unowned(at, reader)
    if request.user.has_perm("contacts.view_decision"):
        context["refused"] = refused(at - WEEK, at, reader)
    if request.user.has_perm("surveys.view_incomingsms"):
        context["replies_to_read"] = visible_to(reader, to_read()).count()
    if request.user.has_perm("contacts.view_proposal"):
        context["not_decided"] = not_decided(reader)
    if request.user.has_perm("surveys.view_invitation"):
        context |= {"held_back": held_back(at, reader), "burning": burning(at - timedelta(days=30), at, reader)}
    if request.user.has_perm("recovery.view_webhookendpoint"):
        context["not_told"] = not_told(at, reader)
    return context
