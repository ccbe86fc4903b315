"""The command for people and for monitoring, as a process of its own: what it prints and how it ends."""

import json
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone
from django_q.tasks import async_task

from cxsurvey import schedules
from surveys.models import Allowance
from surveys.pausing import pause
from tests.surveys.makers import make_customer, make_invitation

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)


def status(env: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "manage.py", "delivery_status", *arguments]
    return subprocess.run(command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=False)


def test_all_is_well_says_the_exit_status(suite_env: dict[str, str]) -> None:
    now = timezone.now()
    schedules.beat(now)
    make_invitation(due_at=now - MINUTE)
    pause("wrong text", at=now, channel="sms", by_id=User.objects.create(username="ada").pk)
    done = status(suite_env)
    assert (done.returncode, done.stderr) == (0, "")
    for line in (
        "email by outbox:",
        "  due: 1 (0 held by a pause), the oldest since ",
        "  planned for later: 0",
        "  sent: 0 in the last minute, 0 in the last hour, 0 in the last day; 0.0 a minute",
        "  in the last day: 0 failed, 0 bounced, 0 complained",
        "stopped by an error of ours: 0",
        "unknown: 0 that a provider is asked about, 0 for a person",
        "news from providers: 0 of messages not known yet, 0 waiting to take effect",
        "by ada: wrong text",
        "0 jobs wait",
    ):
        assert line in done.stdout


def test_what_needs_a_person_is_on_standard_error(suite_env: dict[str, str]) -> None:
    now = timezone.now()
    make_invitation(state="unknown")
    make_invitation(state="claimed", claimed_at=now, claimed_by="w1")
    make_invitation(due_at=now - 20 * MINUTE, customer=make_customer(phone="+12025550123"), channel="sms")
    done = status(suite_env | {"EMAIL_PER_SECOND": "5", "EMAIL_PER_DAY": "1000"})
    assert done.returncode == 1
    for words in (
        "The worker has not taken a job yet",
        "whether 1 message went out",
        "Messages by SMS have been due for",
    ):
        assert words in done.stderr
    assert "  allowed: 5 a second, 0 of 1000 today" in done.stdout
    assert "claimed: 1 by w1, the oldest since" in done.stdout
    assert "worker: last job never" in done.stdout


def test_programs_read_the_same_as_json(suite_env: dict[str, str]) -> None:
    now = timezone.now()
    schedules.beat(now - timedelta(hours=1))
    async_task("cxsurvey.tasks.beat")
    Allowance.objects.create(gateway="outbox", next_at=now, day=now.date(), closed_until=now + timedelta(hours=1))
    make_invitation(due_at=now - MINUTE)
    done = status(suite_env, "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["needs"] == [done.stderr.removeprefix("CommandError: ").strip()]
    assert told["channels"]["email"]["due"] == 1
    assert told["channels"]["email"]["closed_until"] > told["at"]
    assert told["worker"]["silent"]
    assert told["worker"]["queued"] == 1
    assert told["unknown"] == {"asked_about": 0, "for_a_person": 0}
    assert told["stopped"] == 0
    assert told["provider_events"] == {"not_joined": 0, "not_applied": 0}
    assert told["paused"] == told["claimed"] == []
