"""Programs that remind, and what they sent, for the tests of reminders: planned and delivered as for customers."""

from datetime import datetime, timedelta
from typing import Any

from contacts.models import Customer
from surveys.answering import submit
from surveys.delivery import deliver
from surveys.models import Invitation, Program, Response, SurveyVersion
from surveys.planning import plan
from surveys.reminding import ProgramReminders, remind
from tests.surveys.makers import NOON, make_customer, make_program, make_touchpoint

DAY = timedelta(days=1)


def make_reminding_program(version: SurveyVersion | None = None, **fields: Any) -> Program:
    """Return a program that reminds twice, each time after 5 days, unless told otherwise."""
    return make_program(version, **{"reminders": 2, "worth": 40 * DAY, "link_days": 60} | fields)


def invited(program: Program, at: datetime = NOON, customer: Customer | None = None, **touchpoint: Any) -> Invitation:
    """Return an invitation about a purchase of the day before, planned and sent at `at`."""
    customer = customer or make_customer()
    made = make_touchpoint(customer, occurred_at=at - DAY, received_at=at, **touchpoint)
    plan(at)
    deliver(at)
    invitation = Invitation.objects.select_related("contact").get(touchpoint=made, program=program)
    assert (invitation.state, invitation.sent_at) == ("sent", at)
    return invitation


def reminders(at: datetime) -> ProgramReminders:
    """Return what a pass did for the only program that reminds."""
    [program] = remind(at).programs
    return program


def reminded(first: Invitation, at: datetime) -> Invitation:
    """Return the reminder that a pass planned and that was delivered."""
    assert reminders(at).reminded == 1
    deliver(at)
    reminder = first.reminders.latest("pk")
    assert (reminder.state, reminder.sent_at) == ("sent", at)
    return reminder


def answer(invitation: Invitation, at: datetime) -> Response:
    return submit(invitation, {"score": "9"}, at=at)
