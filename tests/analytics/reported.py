"""Scheduled reports and people who get them, for tests."""

from typing import Any

from django.contrib.auth.models import Group, User

from analytics.models import ScheduledReport
from analytics.report_mailing import set_due
from tests.surveys.makers import NOON


def make_reader(name: str = "ann", role: str = "Analyst", **fields: Any) -> User:
    """Make somebody of the house with a mail address, in a role."""
    values = {"is_staff": True, "email": f"{name}@cx.example"} | fields
    user = User.objects.create(username=name, **values)
    user.groups.add(Group.objects.get(name=role))
    return user


def make_scheduled(*recipients: User, **fields: Any) -> ScheduledReport:
    """Make a report that is sent every Monday at seven about the month before; NOON is a Tuesday."""
    values = {"name": "Monday figures", "report": "quality", "period": "last-month", "every": "week", "day": 0}
    scheduled = ScheduledReport.objects.create(**values | fields)
    scheduled.recipients.set(recipients)
    set_due(scheduled, NOON)
    return scheduled
