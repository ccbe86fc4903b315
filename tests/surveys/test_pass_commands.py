import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from surveys.models import Invitation, OutboxMessage
from surveys.tasks import LOT, deliver_now, plan_and_deliver
from tests.surveys.makers import NOON, make_invitation, make_program, make_touchpoint
from tests.surveys.siege import make_due


def output(*arguments: str) -> str:
    stdout = StringIO()
    call_command(*arguments, stdout=stdout)
    return stdout.getvalue()


@pytest.fixture
def ripe(db: None) -> None:
    make_program(slug="shop")
    make_touchpoint()


def test_plan_prints_json_and_nothing_else(ripe: None) -> None:
    report = json.loads(output("plan", "--json", "--at", "2026-05-05T14:00+02:00"))
    assert (report["at"], report["asked"], report["programs"][0]["program"]) == ("2026-05-05T14:00:00+02:00", 1, "shop")


def test_plan_prints_lines_for_people(ripe: None) -> None:
    lines = output("plan", "--at", "2026-05-05T12:00Z").splitlines()
    assert lines[:5] == ["at: 2026-05-05T12:00:00+00:00", "touchpoints: 1", "asked: 1", "delayed: 0", "skipped: 0"]
    assert "  program: shop" in lines


def test_deliver_prints_json_and_nothing_else(db: None) -> None:
    make_invitation()
    assert json.loads(output("deliver", "--json", "--at", "2026-05-05T12:00Z"))["sent"] == 1
    assert json.loads(output("deliver", "--json", "--at", "2026-05-05T12:00Z"))["due"] == 0


def test_remind_prints_json_and_nothing_else(db: None) -> None:
    make_invitation(program=make_program(reminders=1), state="sent", sent_at=NOON - timedelta(days=5))
    assert json.loads(output("remind", "--json", "--at", "2026-05-05T12:00Z"))["reminded"] == 1
    assert json.loads(output("remind", "--json", "--at", "2026-05-05T12:00Z"))["due"] == 0


def test_deliver_settles_what_nobody_noted(db: None) -> None:
    invitation = make_invitation()
    Invitation.objects.update(state="claimed", claimed_at=NOON)
    invitation.attempts.create(number=1, channel="email", gateway="outbox", started_at=NOON)
    output("deliver", "--at", "2026-05-05T13:00Z")
    invitation.refresh_from_db()
    assert invitation.state == "unknown"


@pytest.mark.parametrize("text", ["2026-05-05T12:00", "yesterday", "2026-13-05T12:00Z", "2026-05-05"])
@pytest.mark.parametrize("command", ["plan", "remind", "deliver"])
def test_an_instant_needs_its_offset(db: None, command: str, text: str) -> None:
    with pytest.raises(CommandError, match="write an instant with its offset"):
        output(command, "--at", text)


def test_without_an_instant_it_is_now(db: None) -> None:
    due_at = timezone.now() - timedelta(hours=1)
    make_due(LOT + 1, at=due_at)
    make_invitation(due_at=due_at + timedelta(hours=2))
    assert json.loads(output("deliver", "--json"))["sent"] == LOT + 1
    assert json.loads(output("plan", "--json"))["touchpoints"] == 0


def test_the_queue_plans_and_delivers(db: None) -> None:
    now = timezone.now()
    make_program(starts_at=now - timedelta(days=9))
    make_touchpoint(occurred_at=now - timedelta(days=1))
    plan_and_deliver()
    plan_and_deliver()
    assert OutboxMessage.objects.count() == 1


def test_when_its_time_is_up_the_rest_waits(db: None) -> None:
    now = timezone.now()
    make_invitation(due_at=now)
    assert deliver_now(until=now).due == 0
    assert deliver_now(until=now + timedelta(minutes=1)).sent == 1
