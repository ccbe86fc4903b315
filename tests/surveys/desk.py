"""Interviewers and their calls, each made by one call with what matters to the test."""

from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model

from contacts import gate
from contacts.gate import NamedTime
from contacts.models import Appointment
from surveys.calls import claiming, results
from surveys.calls.results import Call
from surveys.models import CallAttempt, CallCase
from tests.surveys.makers import NOON

NO_PHONE = "document.addEventListener('click', e => e.target.closest('a[href^=\"tel:\"]') && e.preventDefault())"
"""For browsers: nothing here can dial, and Chromium would ask which program does, and take no key meanwhile."""


def interviewer(name: str = "ines") -> int:
    """Return the id of an interviewer, the same for the same name."""
    user, _ = get_user_model().objects.get_or_create(username=name, defaults={"first_name": name.title()})
    return int(user.pk)


def call(case: CallCase, outcome: str, at: datetime = NOON, by: str = "ines", **fields: Any) -> CallAttempt:
    """Take the case and log a call about it; the interviewer has had it since `at`."""
    assert claiming.take(case.pk, interviewer(by), at), "nobody can have this case"
    return log(case, outcome, at, by, **fields)


def log(case: CallCase, outcome: str, at: datetime = NOON, by: str = "ines", **fields: Any) -> CallAttempt:
    """Log a call of an interviewer who has had the case since `offered_at`, or since now."""
    values: dict[str, Any] = {"offered_at": at} | fields
    attempt = results.log(case.pk, Call(outcome=outcome, by_id=interviewer(by), **values), at)
    case.refresh_from_db()
    return attempt


def appoint(case: CallCase, starts: datetime, ends: datetime, at: datetime = NOON, by: str = "ines") -> Appointment:
    """Record that the customer named a time about the experience of the case."""
    time = NamedTime(starts, ends)
    return gate.appoint(case.customer_id, time, at=at, by_id=interviewer(by), touchpoint_id=case.touchpoint_id)
