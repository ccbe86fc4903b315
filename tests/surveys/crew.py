"""Senders and a real cluster of the queue on one wave, to be killed one after the other."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.process import BaseProcess
from random import Random

import psutil
from django.conf import settings
from django_q.tasks import async_task

from surveys.models import Invitation
from tests.processes import family, wait_until
from tests.surveys.mail_provider import MailProvider
from tests.surveys.siege import end_leases, is_due, is_open, send_all, start

PATIENCE = 300
"""Seconds after which a wave is called stuck; a busy machine takes a while to start a cluster."""


class Crew:
    """Two senders and one cluster: whoever is killed is replaced."""

    def __init__(self, env: dict[str, str], provider: MailProvider) -> None:
        self.provider, self.rng = provider, Random(4)  # noqa: S311 (chance, not secrecy)
        self.env = env | {"EMAIL_URL": f"smtp://127.0.0.1:{provider.port.value}", "EMAIL_GATEWAY": "email"}
        self.killed, self.clusters_killed = 0, 0
        self.senders: list[BaseProcess] = []
        self.cluster = self._start_cluster()

    def begin(self) -> None:
        """Let the cluster begin, so that all three are at it, and then the senders."""
        wait_until(self._cluster_sends, PATIENCE)
        self.senders = [start(send_all) for _ in range(2)]

    def kill_some(self, kills: int, messages: int) -> None:
        """Kill as often over the wave, each time when the provider has so many messages more: in the middle of it."""
        before = self.provider.accepted().total()
        for number in range(1, kills + 1):
            enough = before + number * (messages - before) * 3 // 5 // kills
            wait_until(partial(self._accepted, enough), PATIENCE, pause=0.05)
            time.sleep(self.rng.uniform(0, 0.05))
            assert is_open(), "the wave was over before the last kill"
            self._kill_the_cluster() if self._cluster_sends() else self._kill_a_sender()
            self.killed += 1
            end_leases()

    def finish(self) -> None:
        """Wait until nothing is due any more and the senders have gone home."""
        wait_until(lambda: not is_due(), PATIENCE)
        for sender in self.senders:
            sender.join(60)
            assert sender.exitcode == 0

    def leave(self) -> None:
        """Kill everybody."""
        for sender in self.senders:
            sender.kill()
            sender.join()
        self._end_the_cluster()

    def _start_cluster(self) -> "subprocess.Popen[bytes]":
        """Start it in a session of its own, woken once."""
        async_task("surveys.tasks.plan_and_deliver")
        command = [sys.executable, "manage.py", "qcluster"]
        return subprocess.Popen(command, cwd=settings.BASE_DIR, env=self.env, start_new_session=True)

    def _accepted(self, messages: int) -> bool:
        return self.provider.accepted().total() >= messages

    def _cluster_sends(self) -> bool:
        return Invitation.objects.filter(state="claimed").exclude(claimed_by__startswith="sender").exists()

    def _kill_the_cluster(self) -> None:
        """Kill one process of it, after which the others may do nothing any more; then all of it."""
        with suppress(psutil.NoSuchProcess):
            self.rng.choice(family(self.cluster)).kill()
        time.sleep(self.rng.uniform(0, 1))
        self._end_the_cluster()
        self.clusters_killed += 1
        self.cluster = self._start_cluster()

    def _end_the_cluster(self) -> None:
        """Kill all of it, also what has lost its parent."""
        os.killpg(self.cluster.pid, signal.SIGKILL)
        self.cluster.wait()

    def _kill_a_sender(self) -> None:
        victim = self.rng.randrange(len(self.senders))
        self.senders[victim].kill()
        self.senders[victim].join()
        self.senders[victim] = start(send_all)


@contextmanager
def crew(env: dict[str, str], provider: MailProvider) -> Iterator[Crew]:
    """Let a crew work until the end of the block."""
    hands = Crew(env, provider)
    try:
        hands.begin()
        yield hands
    finally:
        hands.leave()
