"""A program is made from what is there, without a manual."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from surveys.models import CallCase, Program
from surveys.planning import plan
from surveys.reminding import remind
from tests.contacts.makers import cap, put_in_force
from tests.surveys.makers import NOON, make_customer, make_program, make_touchpoint, make_version
from tests.surveys.reminded import invited, make_reminding_program, reminded

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(User.objects.create(username="manager", is_staff=True, is_superuser=True))
    return client


def form(**changes: Any) -> dict[str, Any]:
    """Return what a manager fills in, for calls after two hours."""
    return {
        "name": "After a call",
        "slug": "after-a-call",
        "survey": make_version().survey.pk,
        "active": "on",
        "starts_at_0": "2026-04-01",
        "starts_at_1": "00:00",
        "kinds": ["call"],
        "filters": "{}",
        "share": "1",
        "targets-TOTAL_FORMS": "0",
        "targets-INITIAL_FORMS": "0",
        "delay": "2",
        "worth": "14",
        "contact_channels": "sms,email",
        "priority": "0",
        "link_days": "30",
        "reminders": "0",
        "reminder_after": "5",
        "reminder_channel": "",
        **changes,
    }


def test_kinds_are_offered_as_they_came_in(manager: Client) -> None:
    make_touchpoint(kind="service_call", channel="hotline")
    page = manager.get("/admin/surveys/program/add/").content.decode()
    assert "Service call" in page
    assert "Hotline" in page


def test_a_program_that_was_made_here_plans(manager: Client) -> None:
    make_touchpoint(kind="call")
    assert manager.post("/admin/surveys/program/add/", form()).status_code == 302
    program = Program.objects.get()
    assert (program.kinds, program.contact_channels, program.delay) == (["call"], ["sms", "email"], timedelta(hours=2))
    assert plan(NOON).as_dict()["asked"] == 1


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("kinds", [], "This field is required"),
        ("kinds", ["dream"], "dream is not one of the available choices"),
        ("share", "1.5", "less than or equal to 1"),
        ("worth", "0.05", "worth asking for longer than the delay"),
        ("contact_channels", "fax", "fax is not one of the available choices"),
    ],
)
def test_what_cannot_work_is_refused_at_the_field(manager: Client, field: str, value: Any, told: str) -> None:
    make_touchpoint(kind="call")
    page = manager.post("/admin/surveys/program/add/", form(**{field: value}))
    assert page.status_code == 200
    assert told in page.content.decode()
    assert not Program.objects.exists()


def test_times_are_numbers_of_hours_and_days_and_come_back_as_they_went(manager: Client) -> None:
    make_touchpoint(kind="purchase")
    times: dict[str, Any] = {
        "delay": timedelta(minutes=20),
        "worth": timedelta(days=1.5),
        "reminder_after": timedelta(days=5),
    }
    program = make_program(**times)
    shown = manager.get(f"/admin/surveys/program/{program.pk}/change/").context["adminform"].form
    given = {name: shown[name].value() for name in times}
    assert given == {"delay": "0.333333", "worth": "1.5", "reminder_after": "5"}
    changes = form(survey=program.survey_id, slug=program.slug, kinds=["purchase"], **given)
    assert manager.post(f"/admin/surveys/program/{program.pk}/change/", changes).status_code == 302
    assert Program.objects.values(*times).get() == times


def test_the_list_says_times_in_words(manager: Client) -> None:
    make_program(delay=timedelta(hours=2.5), worth=timedelta(days=14))
    page = manager.get("/admin/surveys/program/").content.decode()
    assert "2 hours 30 minutes" in page
    assert "14 days" in page
    assert "00:00" not in page[page.index("<tbody") :]


@pytest.mark.parametrize(("field", "value"), [("delay", "-1"), ("delay", "soon"), ("worth", "500"), ("delay", "nan")])
def test_times_that_are_none_are_refused(manager: Client, field: str, value: str) -> None:
    make_touchpoint(kind="call")
    page = manager.post("/admin/surveys/program/add/", form(**{field: value}))
    assert page.status_code == 200
    assert page.context["adminform"].form.errors.keys() >= {field}


def test_editing_keeps_what_was_chosen(manager: Client) -> None:
    make_touchpoint(kind="purchase")
    program = make_program(contact_channels=["sms"])
    shown = manager.get(f"/admin/surveys/program/{program.pk}/change/").context["adminform"].form
    assert shown["kinds"].value() == ["purchase"]
    assert shown["contact_channels"].value() == "sms"


def test_reminders_are_chosen_in_words_and_days(manager: Client) -> None:
    make_touchpoint(kind="call")
    reminders = {"reminders": "2", "reminder_after": "4", "reminder_channel": "sms"}
    assert manager.post("/admin/surveys/program/add/", form(**reminders)).status_code == 302
    program = Program.objects.get()
    assert (program.reminders, program.reminder_after, program.reminder_channel) == (2, timedelta(days=4), "sms")
    assert "after 4 days, up to twice, by SMS" in manager.get("/admin/surveys/program/").content.decode()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"reminders": "4"}, "4 is not one of the available choices"),
        ({"reminder_after": "0"}, "greater than or equal to 1"),
        ({"reminder_after": ""}, "This field is required"),
        ({"reminder_after": "14"}, "By then it is no longer worth asking"),
        ({"reminder_after": "10", "link_days": "11"}, "By then the link is about to close"),
        ({"reminder_channel": "sms"}, "This installation has no gateway for sms"),
    ],
)
def test_reminders_that_cannot_come_are_refused(
    manager: Client, settings: Settings, changes: dict[str, str], told: str
) -> None:
    settings.CHANNEL_GATEWAYS = {"email": "outbox"}
    make_touchpoint(kind="call")
    page = manager.post("/admin/surveys/program/add/", form(**{"reminders": "1"} | changes))
    assert told in page.content.decode()
    assert not Program.objects.exists()


def test_a_reminder_that_the_policy_never_lets_pass_is_warned_of(manager: Client) -> None:
    put_in_force(cap(1, "30 days"))
    make_touchpoint(kind="call")
    page = manager.post("/admin/surveys/program/add/", form(reminders="1"), follow=True).content.decode()
    assert "The reminder is never sent: the policy in force (“contacts”)" in page
    program = Program.objects.get()
    assert "The reminder is never sent" in manager.get(f"/admin/surveys/program/{program.pk}/change/").content.decode()


def test_a_change_of_the_reminders_looks_at_everybody_once_more(manager: Client) -> None:
    put_in_force()
    first = invited(make_reminding_program(reminders=1, kinds=["purchase"]))
    reminded(first, NOON + timedelta(days=5))
    assert remind(NOON + timedelta(days=10)).as_dict()["reminded"] == 0
    program = Program.objects.get()
    changes = {"survey": program.survey_id, "kinds": ["purchase"], "slug": program.slug, "reminders": "2"}
    changes |= {"worth": "40", "link_days": "60"}
    assert manager.post(f"/admin/surveys/program/{program.pk}/change/", form(**changes)).status_code == 302
    assert remind(NOON + timedelta(days=10)).as_dict()["reminded"] == 1


def test_a_program_may_have_interviewers_call(manager: Client) -> None:
    make_touchpoint(make_customer(phone="+12125550001"), kind="call")
    assert manager.post("/admin/surveys/program/add/", form(contact_channels="phone")).status_code == 302
    assert Program.objects.get().by_phone
    assert plan(NOON).as_dict()["asked"] == 1
    assert CallCase.objects.count() == 1
