"""What passes cost, together and when they die."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import count
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from contacts import consent
from contacts.models import Contact, Decision
from contacts.models.words import Via
from surveys.models import Invitation, Program
from surveys.reminding import remind
from surveys.wishes import another_time
from tests.contacts.makers import put_in_force
from tests.surveys.makers import NOON, make_touchpoint
from tests.surveys.reminded import DAY, invited, make_reminding_program, reminders

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


def many(program: Program, number: int) -> None:
    """Send so many invitations, all at the same instant."""
    for _ in range(number):
        make_touchpoint(occurred_at=NOON - DAY)
    invited(program)


def statements(at: datetime) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        remind(at)
    return [query["sql"] for query in queries]


def test_nothing_that_reminds_costs_one_statement(db: None) -> None:
    invited(make_reminding_program(reminders=0))
    assert len(statements(TURN)) == 1


def test_nothing_due_costs_three_and_uses_the_index(first: Invitation) -> None:
    found = [sql for sql in statements(NOON + DAY) if not sql.startswith(("SAVEPOINT", "RELEASE"))]
    assert len(found) == 4
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'' if connection.vendor == 'postgresql' else 'QUERY PLAN '}{found[2]}")
        assert connection.vendor == "postgresql" or "invitation_sent" in str(cursor.fetchall())


def test_statements_do_not_grow_with_the_reminders(program: Program) -> None:
    many(program, 2)
    few = len(statements(TURN))
    many(program, 20)
    assert len(statements(TURN)) == few
    assert Invitation.objects.filter(purpose="reminder").count() == 24


def test_more_than_a_lot_of_the_same_instant_has_its_turn(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surveys.reminding.LOT", 3)
    many(program, 7)
    report = reminders(TURN)
    assert (report.due, report.reminded) == (8, 8)
    assert reminders(TURN).due == 0


def test_a_pass_can_be_kept_short(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surveys.reminding.LOT", 3)
    many(program, 7)
    assert [remind(TURN, most=4).as_dict()["due"] for _ in range(3)] == [6, 2, 0]
    assert Invitation.objects.filter(purpose="reminder").count() == 8


def test_a_pass_that_dies_is_gone_on_with(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surveys.reminding.LOT", 3)
    many(program, 7)
    written = count(1)

    def killed(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('INSERT INTO "surveys_invitation"') and next(written) == 2:
            raise SystemExit
        return execute(sql, *rest)

    with pytest.raises(SystemExit), connection.execute_wrapper(killed):
        remind(TURN)
    assert Invitation.objects.filter(purpose="reminder").count() == 3
    assert reminders(TURN).reminded == 5
    assert Contact.objects.filter(purpose="reminder").count() == 8


@pytest.mark.django_db(transaction=True)
def test_passes_at_the_same_time_remind_everybody_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surveys.reminding.LOT", 3)
    put_in_force()
    many(make_reminding_program(), 29)
    at_once([lambda: remind(TURN)] * 4)
    remind(TURN)
    assert Invitation.objects.filter(purpose="reminder").count() == 30
    assert Contact.objects.filter(purpose="reminder").count() == 30
    assert Decision.objects.filter(stage="remind").count() == 30


@pytest.mark.django_db(transaction=True)
def test_a_pass_and_a_wish_at_the_same_time_plan_one_reminder() -> None:
    put_in_force()
    first = invited(make_reminding_program())
    for n in range(5):
        Program.objects.update(reminded_until=None)
        first.reminders.update(state="cancelled")
        at_once([lambda: remind(TURN), lambda: another_time(first, 1, at=TURN)])
        assert first.reminders.filter(state="planned").count() == 1, n


def at_once(steps: Sequence[Callable[[], object]]) -> None:
    """Do the steps at the same time; raise what one of them raises."""
    start = Barrier(len(steps))

    def work(step: Callable[[], object]) -> None:
        start.wait()
        try:
            step()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as pool:
        list(pool.map(work, steps))


def test_without_a_gateway_the_program_says_so(first: Invitation, settings: Settings) -> None:
    Program.objects.update(reminder_channel="sms")
    settings.CHANNEL_GATEWAYS = {"email": "outbox"}
    report = reminders(TURN)
    assert (report.due, report.problem[:49]) == (0, "This installation has no gateway for sms. Remind ")


def test_the_report_can_be_written_as_json(first: Invitation) -> None:
    consent.opt_out(first.customer_id, "", at=NOON, via=Via.LINK)
    report = remind(TURN).as_dict()
    assert (report["due"], report["reminded"], report["delayed"], report["skipped"]) == (1, 0, 0, {"opt-out": 1})
