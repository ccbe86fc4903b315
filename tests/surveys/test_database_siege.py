"""A database that breaks off in mid-wave, or that is an older one of a sudden: nobody gets a message twice.

The judge is the log of a mail provider in a process of its own. `make faults` sends 2,000 messages with ten hard
restarts (`--whole`), the suite a few.
"""

import signal
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from django.conf import settings as project
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from surveys.cancelling import cancel
from surveys.delivery import deliver
from surveys.high_water import REASON
from surveys.models import Invitation, Pause
from surveys.pausing import resume
from tests.databases import back_up, connected_to, restore
from tests.postgres import own_postgres, restart_hard
from tests.processes import wait_until
from tests.surveys.mail_provider import MailProvider, mail_provider
from tests.surveys.siege import end_leases, heal, judge, make_due, send_all, start, unknown_now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider(tmp_path: Path, settings: Settings) -> Iterator[MailProvider]:
    with mail_provider(tmp_path / "provider.log") as provider:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", provider.port.value
        settings.CHANNEL_GATEWAYS = {"email": "email"}
        provider.answers_after.value = 0.01
        yield provider


@pytest.fixture
def size(pytestconfig: pytest.Config) -> tuple[int, int]:
    """Messages and restarts of the campaign."""
    return (2_000, 10) if pytestconfig.getoption("whole") else (60, 2)


def wait_for(provider: MailProvider, accepted: int) -> None:
    wait_until(lambda: provider.accepted().total() >= accepted, 300, pause=0.02)


def keep_sending(senders: list[BaseProcess], provider: MailProvider, accepted: int) -> None:
    """Keep the senders at work until so many messages were accepted: whoever went home is called again."""
    deadline = time.monotonic() + 300
    while provider.accepted().total() < accepted:
        assert time.monotonic() < deadline, "the wave is stuck"
        senders[:] = [sender if sender.is_alive() else start(send_all) for sender in senders]
        time.sleep(0.05)


@pytest.mark.skipif("sqlite" in project.DATABASES["default"]["ENGINE"], reason="SQLite has no server to break off")
def test_a_server_that_is_restarted_hard_in_mid_wave(
    provider: MailProvider, size: tuple[int, int], migrated_url: str, tmp_path: Path
) -> None:
    messages, restarts = size
    back_up(migrated_url, tmp_path / "empty")
    with own_postgres() as server:
        restore(server.get_uri("wave"), tmp_path / "empty")
        with connected_to(server.get_uri("wave")):
            make_due(messages)
            senders = [start(send_all) for _ in range(2)]
            for number in range(1, restarts + 1):
                keep_sending(senders, provider, number * messages * 4 // 5 // restarts)
                restart_hard(server, signal.SIGQUIT if number % 2 else signal.SIGKILL)
                connection.close()
                end_leases()
            for sender in senders:
                sender.join(300)
            heal()
            judge(provider, messages)
            print(f"{messages} messages, {restarts} hard restarts: {unknown_now()} unknown, none twice")  # noqa: T201


def test_a_backup_restored_in_mid_wave_sends_nothing_until_a_person_releases_it(
    provider: MailProvider, size: tuple[int, int], project_env: dict[str, str], tmp_path: Path, settings: Settings
) -> None:
    """The backup is made while senders work, and put back by the tools that docs/operations.md names."""
    messages, url = size[0], project_env["DATABASE_URL"]
    settings.HIGH_WATER_MARK = project_env["HIGH_WATER_MARK"]
    with connected_to(url):
        make_due(messages)
        send_half(provider, messages, url, tmp_path / "backup")
        restore(url, tmp_path / "backup")
        before, forgotten = provider.accepted(), provider.accepted().total() - sent()
        pass_some_minutes()
        assert provider.accepted() == before, "sent without anybody's leave"
        assert Pause.objects.get(ended_at=None).reason == REASON
        release(provider)
        start(send_all).join(300)
        heal()
        judge(provider, messages)
    assert forgotten
    print(f"{messages} messages, a backup that has forgotten {forgotten} that went out: none twice")  # noqa: T201


def sent() -> int:
    return Invitation.objects.filter(state="sent").count()


def send_half(provider: MailProvider, messages: int, url: str, backup: Path) -> None:
    """Send, make a backup in the midst of it, send on, and stop all senders as an operator would by force."""
    senders = [start(send_all) for _ in range(2)]
    wait_for(provider, messages // 4)
    back_up(url, backup)
    wait_for(provider, provider.accepted().total() + messages // 4)
    for sender in senders:
        sender.kill()
        sender.join()


def pass_some_minutes() -> None:
    """The passes of the next minutes, and what ends by itself meanwhile."""
    for _ in range(3):
        deliver(timezone.now())
        end_leases()


def release(provider: MailProvider) -> None:
    """What docs/operations.md asks of a person: cancel what the provider's log has, then resume."""
    by, at = User.objects.create(username="operator"), timezone.now()
    gone = Invitation.objects.filter(state="planned", address__value__in=provider.accepted())
    cancel(gone, "went out before the backup was restored", at=at, most=gone.count())
    for pause in Pause.objects.filter(ended_at=None):
        resume(pause.pk, at=at, by_id=by.pk)


def test_without_the_mark_a_restored_backup_sends_again(
    provider: MailProvider, project_env: dict[str, str], tmp_path: Path, settings: Settings
) -> None:
    """The control: the judge sees what the mark prevents."""
    url, settings.HIGH_WATER_MARK = project_env["DATABASE_URL"], str(tmp_path / "mark")
    with connected_to(url):
        make_due(40)
        send_half(provider, 40, url, tmp_path / "backup")
        restore(url, tmp_path / "backup")
        Path(settings.HIGH_WATER_MARK).unlink()
        start(send_all).join(300)
        heal()
        with pytest.raises(AssertionError, match="got it twice"):
            judge(provider, 40)
