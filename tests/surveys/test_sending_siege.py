"""Senders that are killed while they send: nobody gets a message twice, and no message is forgotten.

The judge is the log of a mail provider in a process of its own. `make faults` sends 2,000 messages with 50 kills and
dies in 500 commits (`--whole`), the suite a few.
"""

import os
import signal
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any, cast

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from surveys import delivery
from surveys.channels.base import FateUnknownError, Sent
from surveys.channels.email import EmailGateway
from surveys.delivery import Delivery, deliver
from surveys.models import Attempt, Invitation
from surveys.recording import record
from tests.processes import FORK
from tests.surveys.crew import crew
from tests.surveys.mail_provider import MailProvider, mail_provider
from tests.surveys.siege import FINAL, heal, judge, make_due, send_all, start, unknown_now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider(tmp_path: Path, settings: Settings) -> Iterator[MailProvider]:
    with mail_provider(tmp_path / "provider.log") as provider:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", provider.port.value
        settings.CHANNEL_GATEWAYS = {"email": "email"}
        yield provider


@pytest.fixture
def whole(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("whole"))


STEPS: dict[str, tuple[object, str, bool]] = {
    "claimed": (Delivery, "claim", True),
    "before the start": (Delivery, "start", False),
    "started": (Delivery, "start", True),
    "handed over": (delivery, "hand_over", True),
    "recorded": (delivery, "record", True),
}
"""Step -> where it is, and whether one dies after it or before."""


@pytest.mark.parametrize("step", STEPS)
def test_who_is_killed_at_a_step_sends_nothing_twice_and_forgets_nothing(provider: MailProvider, step: str) -> None:
    make_due(6)
    died = start(die_at, step)
    died.join(60)
    assert died.exitcode == -signal.SIGKILL
    assert Invitation.objects.exclude(state__in=FINAL).exists()
    start(send_all).join(60)
    heal()
    judge(provider, 6)
    assert unknown_now() == (1 if step in ("started", "handed over") else 0)


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


def test_senders_and_clusters_killed_at_random(provider: MailProvider, whole: bool, suite_env: dict[str, str]) -> None:
    messages, kills = (2_000, 50) if whole else (120, 4)
    make_due(messages)
    provider.loses_answers.value, provider.seconds.value, provider.answers_after.value = 0.05, 0.01, 0.01
    began = time.monotonic()
    with crew(suite_env, provider) as hands:
        hands.kill_some(kills, messages)
        hands.finish()
    passes, seconds = heal(), time.monotonic() - began
    judge(provider, messages)
    assert hands.killed == kills
    assert hands.clusters_killed >= (5 if whole else 1)
    print(  # noqa: T201
        f"{messages} messages, {kills} kills ({hands.clusters_killed} of clusters), 5 % of answers lost: "
        f"{unknown_now()} unknown, none twice, none forgotten; {passes} passes to heal, {seconds:.0f} s"
    )


def test_who_is_killed_while_it_commits_sends_nothing_twice_and_forgets_nothing(
    provider: MailProvider, whole: bool
) -> None:
    """Killed within the commit itself: of claims, of starts and of outcomes alike."""
    deaths = 500 if whole else 20
    make_due(messages := deaths * 2)
    rng, stage, within = Random(4), FORK.Value("i", 0), 0  # noqa: S311 (chance, not secrecy)
    for _ in range(deaths):
        start(die_in_commit, rng.randrange(1, 12), 10 ** rng.uniform(-6, -3.7), stage).join(60)
        within += stage.value == COMMITTING
    start(send_all).join(300)
    heal()
    judge(provider, messages)
    assert within
    assert connection.vendor != "sqlite" or intact()
    print(f"{messages} messages, {deaths} deaths, {within} within a commit: {unknown_now()} unknown, none twice")  # noqa: T201


BEFORE, COMMITTING, COMMITTED = range(3)


def die_in_commit(which: int, seconds: float, stage: Any) -> None:
    """Send, and be killed so long after a commit has begun; `stage` tells afterwards how far that was."""
    stage.value, left, wrapper = BEFORE, [which], cast("Any", connection)
    wrapper.ensure_connection()
    real = wrapper._commit

    def deadly() -> None:
        left[0] -= 1
        if left[0]:
            real()
            return
        # The alarm ends the process from outside, as SIGKILL does, and as exactly as the kernel's clock.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        stage.value = COMMITTING
        signal.setitimer(signal.ITIMER_REAL, seconds)
        real()
        stage.value = COMMITTED
        time.sleep(60)

    wrapper._commit = deadly
    send_all()


def intact() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        return bool(cursor.fetchall() == [("ok",)])


def test_who_settles_and_who_records_the_same_message_do_not_lock_each_other_out(provider: MailProvider) -> None:
    """The lease of a slow sender ends while it notes what became of its message."""
    make_due(1)
    at = timezone.now()
    slow = Delivery(at, "slow", lambda: at)
    [attempt] = slow.claim(list(Invitation.objects.values_list("pk", flat=True)), at)
    slow.start(attempt, set())
    noting = Thread(target=note, args=(attempt, at))
    with transaction.atomic():
        Invitation.objects.select_for_update().get()
        noting.start()
        time.sleep(0.3)
        Attempt.objects.update(detail="settled")
    noting.join()
    assert (Invitation.objects.get().state, Attempt.objects.get().detail) == ("sent", "")


def note(attempt: Attempt, at: datetime) -> None:
    record([(attempt, Sent("their-id"))], at)
    connection.close()


def test_a_lost_answer_is_unknown_and_never_sent_again(provider: MailProvider) -> None:
    make_due(3)
    provider.loses_answers.value = 1.0
    deliver(timezone.now())
    heal()
    assert unknown_now() == 3
    judge(provider, 3)


@pytest.mark.parametrize("kills", [1, 5])
def test_senders_that_send_first_and_save_then_are_caught(provider: MailProvider, kills: int) -> None:
    """The control: this judge sees what the order of the steps prevents, when one is killed, and when some are."""
    make_due(messages := kills * 6)
    provider.answers_after.value = 0.02
    for number in range(1, kills + 1):
        sender = start(send_first)
        while provider.accepted().total() < number * 3:
            time.sleep(0.002)
        sender.kill()
        sender.join()
    provider.answers_after.value = 0
    start(send_first).join(60)
    with pytest.raises(AssertionError, match="got it twice"):
        judge(provider, messages)
    twice = sum(times > 1 for times in provider.accepted().values())
    print(f"{messages} messages sent before they were saved, {kills} kills: {twice} got it twice")  # noqa: T201


def send_first() -> None:
    """What a naive sender does: send what is planned, then save that it was sent."""
    passing: datetime = timezone.now()
    for invitation in Invitation.objects.filter(state="planned").order_by("pk"):
        naive = Delivery(passing, "naive", timezone.now)
        [attempt] = naive.claim([invitation.pk], passing)
        Invitation.objects.filter(pk=invitation.pk).update(state="planned")
        attempt.pk = invitation.pk
        try:
            EmailGateway().send(naive.compose(attempt))
        except FateUnknownError:
            continue
        Invitation.objects.filter(pk=invitation.pk).update(state="sent", sent_at=passing)
