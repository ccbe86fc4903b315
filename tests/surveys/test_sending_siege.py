"""Senders that are killed while they send: nobody gets a message twice, and no message is forgotten.

The judge is the log of a mail provider in a process of its own. `make faults` sends 2,000 messages with 50 kills
(`--whole`), the suite a few.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from typing import Any

import psutil
import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.utils import timezone
from django_q.tasks import async_task
from pytest_django import Settings

from surveys import delivery
from surveys.channels.base import FateUnknownError
from surveys.channels.email import EmailGateway
from surveys.delivery import Delivery, deliver
from surveys.models import Invitation
from surveys.recording import LEASE, settle_expired_claims
from tests.processes import family, wait_until
from tests.surveys.mail_provider import FORK, Provider, mail_provider
from tests.surveys.makers import make_customer, make_invitation, make_touchpoint, make_version

pytestmark = pytest.mark.django_db(transaction=True)

AFTER_LEASE = LEASE + timedelta(seconds=1)
WITHIN = timedelta(minutes=15)
"""By then every message has to be sent, or on somebody's list."""
FINAL = {"sent", "failed", "cancelled"}


@pytest.fixture
def provider(tmp_path: Path, settings: Settings) -> Iterator[Provider]:
    with mail_provider(tmp_path / "accepted.log") as provider:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", provider.port.value
        settings.CHANNEL_GATEWAYS = {"email": "email"}
        yield provider


@pytest.fixture
def size(pytestconfig: pytest.Config) -> tuple[int, int]:
    """Messages and kills of the campaign."""
    return (2_000, 50) if pytestconfig.getoption("whole") else (60, 3)


def make_due(messages: int) -> None:
    version, at = make_version(), timezone.now()
    for _ in range(messages):
        customer = make_customer()
        touchpoint = make_touchpoint(customer, occurred_at=at - timedelta(days=1))
        make_invitation(version, customer=customer, touchpoint=touchpoint, due_at=at)


def start(work: Callable[..., object], *about: Any) -> BaseProcess:
    """Run work in a process of its own, with database connections of its own."""
    connection.close()
    process = FORK.Process(target=work, args=about, daemon=True)
    process.start()
    return process


def send_all() -> None:
    """Send what is due, as long as there is any."""
    worker = f"sender {os.getpid()}"
    while True:
        try:
            if not deliver(timezone.now(), worker=worker, most=20, clock=timezone.now).due:
                return
        except OperationalError:
            connection.close()


def judge(provider: Provider, messages: int) -> None:
    """Nobody got two, and everybody got one or is on a person's list; nothing is called sent that was not."""
    accepted = provider.accepted()
    states = dict(Invitation.objects.values_list("address__value", "state"))
    assert [address for address, times in accepted.items() if times > 1] == [], "got it twice"
    assert len(states) == messages
    assert {state for state in states.values() if state not in FINAL} <= {"unknown"}
    assert [address for address, state in states.items() if state == "sent" and address not in accepted] == []
    assert [address for address in states if address not in accepted and states[address] != "unknown"] == [], (
        "forgotten"
    )


def heal() -> None:
    """What is left to do is done within a quarter of an hour, by the passes of every minute.

    More than one, because the server of the database may hold the rows of a client that was killed a moment longer.
    """
    at = timezone.now()
    for _ in range(20):
        settle_expired_claims(at + AFTER_LEASE)
        deliver(at + WITHIN)
        if not Invitation.objects.filter(state__in=["planned", "claimed"]).exists():
            return
        time.sleep(0.5)


STEPS: dict[str, tuple[object, str, bool]] = {
    "claimed": (Delivery, "claim", True),
    "before the start": (Delivery, "start", False),
    "started": (Delivery, "start", True),
    "handed over": (delivery, "hand_over", True),
    "recorded": (delivery, "record", True),
}
"""Step -> where it is, and whether one dies after it or before."""


@pytest.mark.parametrize("step", STEPS)
def test_who_is_killed_at_a_step_sends_nothing_twice_and_forgets_nothing(provider: Provider, step: str) -> None:
    make_due(6)
    died = start(die_at, step)
    died.join(60)
    assert died.exitcode == -signal.SIGKILL
    assert Invitation.objects.exclude(state__in=FINAL).exists()
    start(send_all).join(60)
    heal()
    judge(provider, 6)
    assert Invitation.objects.filter(state="unknown").count() == (1 if step in ("started", "handed over") else 0)


def die_at(step: str) -> None:
    """Send, and die at a step of the third message; with the lot where that is claimed."""
    where, name, after = STEPS[step]
    real, left = getattr(where, name), [1 if name == "claim" else 3]

    def deadly(*args: Any, **kwargs: Any) -> Any:
        left[0] -= 1
        if not left[0] and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*args, **kwargs)
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(where, name, deadly)
    send_all()


def test_senders_and_clusters_killed_at_random(
    provider: Provider, size: tuple[int, int], suite_env: dict[str, str]
) -> None:
    messages, kills = size
    make_due(messages)
    provider.loses_answers.value, provider.seconds.value = 0.05, 0.005
    rng = Random(4)  # noqa: S311 (chance, not secrecy)
    senders, cluster, killed = [start(send_all) for _ in range(2)], start_cluster(suite_env, provider), 0
    try:
        while killed < kills and Invitation.objects.filter(state="planned").exists():
            time.sleep(rng.uniform(0.2, 1.5))
            if rng.random() < 0.2:
                kill_one(cluster, rng)
                time.sleep(rng.uniform(0, 2))
                kill(cluster)
                cluster = start_cluster(suite_env, provider)
            else:
                victim = rng.randrange(len(senders))
                senders[victim].kill()
                senders[victim].join()
                senders[victim] = start(send_all)
            killed += 1
        wait_until(lambda: not Invitation.objects.filter(state="planned").exists(), 300)
        for sender in senders:
            sender.join(60)
    finally:
        kill(cluster)
    heal()
    judge(provider, messages)
    unknown = Invitation.objects.filter(state="unknown").count()
    print(f"{messages} messages, {killed} kills, 5 % of answers lost: {unknown} unknown, none twice, none forgotten")  # noqa: T201
    assert killed == kills or messages < 100


def start_cluster(env: dict[str, str], provider: Provider) -> "subprocess.Popen[bytes]":
    """A real cluster of the queue on the same database, in a session of its own, woken once."""
    async_task("surveys.tasks.plan_and_deliver")
    env |= {"EMAIL_URL": f"smtp://127.0.0.1:{provider.port.value}", "EMAIL_GATEWAY": "email"}
    command = [sys.executable, "manage.py", "qcluster"]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=env, start_new_session=True)


def kill(cluster: "subprocess.Popen[bytes]") -> None:
    """Kill all of it, also what has lost its parent."""
    os.killpg(cluster.pid, signal.SIGKILL)
    cluster.wait()


def kill_one(cluster: "subprocess.Popen[bytes]", rng: Random) -> None:
    """Kill one process of it, a worker, the monitor or the guard: what is left may do nothing any more."""
    members = family(cluster)
    if members:
        with suppress(psutil.NoSuchProcess):
            rng.choice(members).kill()


def test_a_lost_answer_is_unknown_and_never_sent_again(provider: Provider) -> None:
    make_due(3)
    provider.loses_answers.value = 1.0
    deliver(timezone.now())
    heal()
    assert Invitation.objects.filter(state="unknown").count() == 3
    judge(provider, 3)


def test_what_a_provider_refuses_for_now_is_sent_later_and_once(provider: Provider) -> None:
    make_due(5)
    at = timezone.now()
    provider.refuses_for_now.value = 1.0
    assert deliver(at).retried == 5
    provider.refuses_for_now.value = 0.0
    assert deliver(at + WITHIN).sent == 5
    judge(provider, 5)


def test_a_sender_that_sends_first_and_saves_then_is_caught(provider: Provider) -> None:
    """The control: this judge sees what the order of the steps prevents."""
    make_due(6)
    died = start(send_first, 3)
    died.join(60)
    assert died.exitcode == -signal.SIGKILL
    start(send_first, 0).join(60)
    with pytest.raises(AssertionError, match="got it twice"):
        judge(provider, 6)


def send_first(dies_with: int) -> None:
    """What a naive sender does: send what is planned, then save that it was sent."""
    passing: datetime = timezone.now()
    for number, invitation in enumerate(Invitation.objects.filter(state="planned").order_by("pk"), start=1):
        naive = Delivery(passing, "naive", timezone.now)
        [attempt] = naive.claim([invitation.pk], passing)
        Invitation.objects.filter(pk=invitation.pk).update(state="planned")
        attempt.pk = number
        try:
            EmailGateway().send(naive.compose(attempt))
        except FateUnknownError:
            continue
        if number == dies_with:
            os.kill(os.getpid(), signal.SIGKILL)
        Invitation.objects.filter(pk=invitation.pk).update(state="sent", sent_at=passing)
