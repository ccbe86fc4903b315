"""Whom a program reminds, when and how; and how that lives with what a customer asked for."""

from datetime import datetime, timedelta

import pytest

from contacts.models import Decision, Touchpoint
from surveys.delivery import deliver
from surveys.links import invitation_id, token
from surveys.models import Invitation, OutboxMessage, Program
from surveys.wishes import another_time
from tests.contacts.makers import put_in_force
from tests.surveys.makers import NOON, make_customer
from tests.surveys.reminded import DAY, invited, make_reminding_program, reminded, reminders

pytestmark = pytest.mark.django_db
TURN = NOON + 5 * DAY
"""When a reminder of what was sent at NOON is due."""


@pytest.fixture
def program() -> Program:
    put_in_force()
    return make_reminding_program()


@pytest.fixture
def first(program: Program) -> Invitation:
    return invited(program)


def test_a_reminder_is_planned_beside_its_first(first: Invitation) -> None:
    assert reminders(TURN).reminded == 1
    reminder = first.reminders.get()
    assert (reminder.purpose, reminder.channel, reminder.address) == ("reminder", "email", first.address)
    assert (reminder.program, reminder.touchpoint, reminder.version) == (first.program, first.touchpoint, first.version)
    assert (reminder.language, reminder.due_at, reminder.state) == (first.language, TURN, "planned")
    assert (reminder.contact.purpose, reminder.contact.outcome, reminder.contact.seconds) == (
        "reminder",
        "reserved",
        20,
    )


def test_the_decision_is_kept_as_that_of_a_reminder(first: Invitation) -> None:
    reminders(TURN)
    decision = Decision.objects.get(stage="remind")
    assert (decision.result, decision.purpose, decision.touchpoint) == ("send", "reminder", first.touchpoint)
    assert (decision.program, decision.survey) == (first.program.slug, "nps")  # type: ignore[union-attr]


def test_nobody_is_reminded_before_the_time(first: Invitation) -> None:
    assert reminders(TURN - timedelta(microseconds=1)).due == 0
    assert reminders(TURN).due == 1


def test_another_pass_finds_nothing_more(first: Invitation) -> None:
    reminders(TURN)
    assert reminders(TURN).due == 0
    assert reminders(TURN + DAY).due == 0
    assert first.reminders.count() == 1


def test_the_reminder_opens_the_same_answer(first: Invitation) -> None:
    reminder = reminded(first, TURN)
    assert invitation_id(token(reminder)) == first.pk
    assert OutboxMessage.objects.latest("pk").subject.startswith("Still welcome: how was your purchase")


def test_the_next_reminder_counts_from_the_one_before(first: Invitation) -> None:
    reminders(TURN)
    deliver(TURN + DAY)
    assert reminders(TURN + 6 * DAY - timedelta(seconds=1)).due == 0
    assert reminders(TURN + 6 * DAY).reminded == 1


def test_a_reminder_goes_by_the_channel_of_the_program() -> None:
    put_in_force()
    program = make_reminding_program(contact_channels=["email"], reminder_channel="sms")
    first = invited(program, customer=make_customer(phone="+12025550123"))
    reminder = reminded(first, TURN)
    assert (reminder.channel, reminder.address and reminder.address.value) == ("sms", "+12025550123")
    assert invitation_id(token(reminder)) == first.pk


def test_who_has_no_address_for_that_channel_is_not_reminded(first: Invitation) -> None:
    Program.objects.update(reminder_channel="sms")
    assert reminders(TURN).skipped == {"no-address": 1}


def test_the_old_experience_is_served_first(program: Program) -> None:
    put_in_force({"name": "one", "limit": 4, "measure": "contacts", "window": "30 days"})
    customer = make_customer()
    newer = invited(program, NOON, customer)
    older = invited(program, NOON + DAY, customer)
    Touchpoint.objects.filter(invitations=older).update(occurred_at=NOON - 2 * DAY)
    reminders(TURN + DAY)
    due = {reminder.first_id: reminder.due_at for reminder in Invitation.objects.filter(purpose="reminder")}
    assert due[older.pk] == TURN + DAY
    assert newer.pk in due


def test_what_waits_for_the_hours_is_planned_for_them() -> None:
    put_in_force(hours={"sms": {"mon-sun": "09:00-20:00"}})
    program = make_reminding_program(contact_channels=["sms"])
    first = invited(program, NOON, make_customer(email="", phone="+12025550123"))
    assert reminders(TURN + timedelta(hours=10)).delayed == 1
    assert first.reminders.get().due_at == datetime.fromisoformat("2026-05-11T09:00Z")


def test_a_reminder_that_she_asked_for_counts_as_one_of_them(first: Invitation) -> None:
    another_time(first, 7, at=NOON + DAY)
    assert reminders(TURN).reminded == 0
    deliver(NOON + 8 * DAY)
    assert reminders(NOON + 13 * DAY).reminded == 1
    deliver(NOON + 13 * DAY)
    assert reminders(NOON + 18 * DAY).reminded == 0
    assert first.reminders.filter(state="sent").count() == 2


def test_with_one_reminder_hers_is_the_only_one(first: Invitation) -> None:
    Program.objects.update(reminders=1)
    another_time(first, 7, at=NOON + DAY)
    deliver(NOON + 8 * DAY)
    assert [reminders(NOON + days * DAY).reminded for days in (8, 13, 14, 20)] == [0, 0, 0, 0]


def test_she_can_ask_for_one_when_all_are_used_up(first: Invitation) -> None:
    for turn in (TURN, TURN + 5 * DAY):
        reminded(first, turn)
    another_time(first, 1, at=TURN + 6 * DAY)
    assert first.reminders.filter(state="planned").count() == 1


def test_her_pause_moves_a_reminder_that_waits(first: Invitation) -> None:
    reminders(TURN)
    another_time(first, 1, at=TURN)
    assert deliver(TURN).delayed == 1
    assert first.reminders.get().due_at == TURN + DAY
