"""What a provider allows: never exceeded, by any sequence of instants and by any number of workers."""

import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.conf import settings as project
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from surveys.allowances import Allowed, Limits, State, allowed, close, closed_until, take, use
from surveys.channels.base import ChannelError, Sent
from surveys.channels.gateways import GATEWAYS
from surveys.delivery import deliver
from surveys.models import Allowance, Invitation
from surveys.tasks import deliver_now
from tests.surveys.gateways import ToldGateway
from tests.surveys.makers import NOON, make_invitation

SECOND = timedelta(seconds=1)
MIDNIGHT = NOON.replace(hour=0)
TOMORROW = MIDNIGHT + timedelta(days=1)
FRESH = State(NOON, MIDNIGHT, 0)


@pytest.mark.parametrize(
    ("state", "limits", "expected"),
    [
        (FRESH, Limits(), State(NOON, MIDNIGHT, 1)),
        (FRESH, Limits(4), State(NOON + SECOND / 4, MIDNIGHT, 1)),
        (FRESH._replace(next_at=NOON + SECOND / 2), Limits(4), State(NOON + SECOND * 0.75, MIDNIGHT, 1)),
        (FRESH._replace(next_at=NOON + SECOND), Limits(4), NOON + timedelta(microseconds=1)),
        (FRESH._replace(next_at=NOON + 3 * SECOND), Limits(4), NOON + 2 * SECOND + timedelta(microseconds=1)),
        (FRESH._replace(next_at=NOON - timedelta(days=9)), Limits(4), State(NOON + SECOND / 4, MIDNIGHT, 1)),
        (FRESH._replace(sent=9), Limits(per_day=10), State(NOON, MIDNIGHT, 10)),
        (FRESH._replace(sent=10), Limits(per_day=10), TOMORROW),
        (FRESH._replace(sent=10, day=MIDNIGHT - timedelta(days=1)), Limits(per_day=10), State(NOON, MIDNIGHT, 1)),
        (FRESH._replace(closed_until=NOON + SECOND), Limits(), NOON + SECOND),
        (FRESH._replace(closed_until=NOON), Limits(), State(NOON, MIDNIGHT, 1)),
        (FRESH._replace(closed_until=NOON + SECOND, sent=10), Limits(per_day=10), NOON + SECOND),
    ],
)
def test_one_more_message(state: State, limits: Limits, expected: State | datetime) -> None:
    assert use(state, limits, NOON) == expected


def test_a_day_is_that_of_utc() -> None:
    late = datetime.fromisoformat("2026-05-05T23:30-05:00")
    used = use(FRESH._replace(sent=10), Limits(per_day=10), late)
    assert isinstance(used, State)
    assert (used.day, used.sent) == (TOMORROW, 1)


steps = st.lists(st.integers(0, 700_000), min_size=1, max_size=120)
"""Microseconds between the moments at which a worker asks."""


def passed(limits: Limits, gaps: list[int], start: datetime = NOON) -> list[datetime]:
    """Return the instants at which a message went, of those at which it was asked."""
    state, at, went = FRESH, start, []
    for gap in gaps:
        at += timedelta(microseconds=gap)
        used = use(state, limits, at)
        if isinstance(used, State):
            state = used
            went.append(at)
    return went


@given(st.sampled_from([0.5, 1, 3, 5, 20, 33.3]), steps)
def test_never_faster_than_allowed_but_for_what_the_last_second_left(per_second: float, gaps: list[int]) -> None:
    went = passed(Limits(per_second), gaps)
    for first, begin in enumerate(went):
        for last in range(first, len(went)):
            seconds = (went[last] - begin) / SECOND
            assert last - first + 1 <= per_second * (seconds + 1) + 1


@given(st.integers(1, 12), st.lists(st.integers(0, 12 * 3600), min_size=1, max_size=120))
def test_never_more_than_a_day_allows(per_day: int, gaps: list[int]) -> None:
    went = passed(Limits(per_day=per_day), [gap * 1_000_000 for gap in gaps])
    assert max(Counter(at.date() for at in went).values()) <= per_day


@given(st.sampled_from([0.5, 1, 3, 5, 20]), steps)
def test_who_asks_again_when_told_gets_it(per_second: float, gaps: list[int]) -> None:
    limits, state, at = Limits(per_second, 100), FRESH, NOON
    for gap in gaps:
        at += timedelta(microseconds=gap)
        used = use(state, limits, at)
        if isinstance(used, datetime):
            assert used > at
            at, used = used, use(state, limits, used)
        assert isinstance(used, State)
        state = used


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> ToldGateway:
    gateway = ToldGateway(Sent("their-id"))
    monkeypatch.setitem(GATEWAYS, "told", gateway)
    settings.CHANNEL_GATEWAYS = {"email": "told"}
    return gateway


def allow(settings: Settings, per_second: float = 0, per_day: int = 0) -> None:
    settings.CHANNEL_LIMITS = {"email": (per_second, per_day)}


def test_without_limits_nothing_is_written(db: None, told: ToldGateway) -> None:
    make_invitation()
    assert deliver(NOON).sent == 1
    assert not Allowance.objects.exists()


def test_what_a_day_does_not_allow_goes_on_the_next(db: None, told: ToldGateway, settings: Settings) -> None:
    allow(settings, per_day=2)
    for _ in range(3):
        make_invitation()
    report = deliver(NOON)
    assert (report.sent, report.held_until) == (2, TOMORROW)
    assert Invitation.objects.get(state="planned").due_at == NOON
    assert deliver(TOMORROW - SECOND).sent == 0
    assert deliver(TOMORROW).sent == 1


def test_a_busy_provider_is_left_alone_and_the_message_goes_later(db: None, told: ToldGateway) -> None:
    told.fates = [ChannelError("429", permanent=False, busy_for=timedelta(minutes=7)), Sent("x")]
    for _ in range(3):
        make_invitation()
    report = deliver(NOON)
    assert (report.retried, report.sent, report.held_until) == (1, 0, NOON + timedelta(minutes=7))
    assert len(told.taken) == 1
    assert deliver(NOON + timedelta(minutes=6)).sent == 0
    assert deliver(NOON + timedelta(minutes=7)).sent == 3


def test_a_shorter_wait_does_not_open_a_provider_early(db: None) -> None:
    close("told", NOON + 9 * SECOND, NOON)
    close("told", NOON + 5 * SECOND, NOON)
    assert closed_until("told", NOON + 6 * SECOND) == NOON + 9 * SECOND
    assert closed_until("told", NOON + 9 * SECOND) is None


def test_one_gateways_limits_hold_nobody_else(db: None, settings: Settings) -> None:
    settings.CHANNEL_LIMITS = {"email": (0, 1), "sms": (0, 1)}
    assert take("smtp", "email", NOON) is None
    assert take("smtp", "email", NOON) == TOMORROW
    assert take("kannel", "sms", NOON) is None


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (None, Allowed(5, 10, 0, None)),
        ({"sent": 4}, Allowed(5, 10, 4, None)),
        ({"sent": 10}, Allowed(5, 10, 10, TOMORROW)),
        ({"sent": 10, "day": MIDNIGHT.date() - timedelta(days=1)}, Allowed(5, 10, 0, None)),
        ({"next_at": NOON + SECOND}, Allowed(5, 10, 0, None)),
        ({"closed_until": NOON + 9 * SECOND}, Allowed(5, 10, 0, NOON + 9 * SECOND)),
    ],
)
def test_what_is_left_is_told(settings: Settings, row: dict[str, Any] | None, expected: Allowed) -> None:
    allow(settings, 5, 10)
    kept = None if row is None else Allowance(**{"gateway": "told", "next_at": NOON, "day": MIDNIGHT.date()} | row)
    assert allowed("email", kept, NOON) == expected


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_use_one_allowance(settings: Settings) -> None:
    allow(settings, per_day=10)
    start, went = Barrier(4), Counter[bool]()

    def ask() -> None:
        start.wait()
        for _ in range(5):
            went[take("told", "email", NOON) is None] += 1
        connection.close()

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert went == {True: 10, False: 10}
    assert Allowance.objects.get().sent == 10


WORKER = """
import sys, time, django
django.setup()
from django.utils import timezone
from surveys.allowances import take
print("ready", flush=True)
sys.stdin.readline()
until = time.time() + 4
while time.time() < until:
    at = timezone.now()
    wait = take("told", "email", at)
    if wait is None:
        print(at.isoformat())
    else:
        time.sleep(max(0, (wait - timezone.now()).total_seconds()))
"""


def test_four_processes_by_the_real_clock_keep_one_rate(project_env: dict[str, str]) -> None:
    """What `take` lets through is what leaves the house: a message each, by the clock of the process that took it."""
    env = project_env | {"EMAIL_PER_SECOND": "5", "DJANGO_SETTINGS_MODULE": "cxsurvey.settings"}
    command, pipe = [sys.executable, "-c", WORKER], subprocess.PIPE
    started = [
        subprocess.Popen(command, cwd=project.BASE_DIR, env=env, stdin=pipe, stdout=pipe, text=True) for _ in range(4)
    ]
    assert [process.stdout and process.stdout.readline() for process in started] == ["ready\n"] * 4
    for process in started:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    lines = [process.communicate(timeout=60)[0].split() for process in started]
    assert [process.returncode for process in started] == [0] * 4
    went = sorted(datetime.fromisoformat(line) for part in lines for line in part)
    assert sum(bool(part) for part in lines) > 1, "one process alone shows nothing"
    for first, begin in enumerate(went):
        for last in range(first, len(went)):
            assert last - first + 1 <= 5 * ((went[last] - begin) / SECOND + 1) + 1
    assert len(went) >= 0.6 * 5 * ((went[-1] - went[0]) / SECOND)


def test_a_worker_waits_for_its_turn_and_sends_all(db: None, told: ToldGateway, settings: Settings) -> None:
    """By the real clock: 8 messages at 5 a second take more than half a second, and none is left for the next job."""
    allow(settings, per_second=5)
    now = datetime.now(UTC)
    for _ in range(8):
        make_invitation(due_at=now - SECOND)
    began = time.monotonic()
    assert deliver_now(until=now + timedelta(seconds=60)).sent == 8
    assert time.monotonic() - began > 0.4
