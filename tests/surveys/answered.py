"""Responses that tests need, each made by one call with what matters to the test."""

from typing import Any

from contacts.models import Touchpoint
from surveys.models import Answer, Question, Response, SurveyVersion
from tests.surveys.makers import NOON, make_invitation, make_touchpoint, make_version


def make_response(
    score: int | None = 9, text: str = "", *, call_me: bool = False, version: SurveyVersion | None = None, **fields: Any
) -> Response:
    """Return a response of NOON to an invitation of ours, unless told otherwise."""
    version = version or make_version()
    touchpoint: Touchpoint = fields.pop("touchpoint", None) or make_touchpoint()
    if "invitation" not in fields:
        invitation = make_invitation(version, touchpoint=touchpoint, state="sent", sent_at=NOON)
        invitation.contact.__class__.objects.filter(pk=invitation.contact_id).update(outcome="accepted")
        fields["invitation"] = invitation
    values = {"source": "cxsurvey", "customer": touchpoint.customer, "touchpoint": touchpoint, "channel": "email"}
    values |= {"language": "en", "answered_at": NOON, "updated_at": NOON} | fields
    response = Response.objects.create(version=version, **values)
    for kind, value in {"nps": score, "contact_wish": 1 if call_me else None}.items():
        if value is not None:
            Answer.objects.create(response=response, question=question(version, kind), number=value)
    if text:
        Answer.objects.create(response=response, question=question(version, "text"), text=text)
    return response


def question(version: SurveyVersion, kind: str) -> Question:
    """Return the version's first question of a kind."""
    return version.questions.filter(kind=kind)[0]
