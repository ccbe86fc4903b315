"""A backup restored in mid-wave sends nothing until somebody has looked."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from urllib.parse import urlsplit

import pytest
from django.conf import settings as project
from django.contrib.auth.models import User
from django.db import connection
from pytest_django import Settings

from contacts import changes, consent
from contacts.models import Contact, Customer, OptOut
from surveys.channels.base import Sent
from surveys.channels.gateways import GATEWAYS
from surveys.delivery import deliver
from surveys.high_water import REASON, hold_if_older, note_attempt
from surveys.models import Attempt, Invitation, Pause
from surveys.pausing import pause, resume
from tests.postgres import postgres_database, replace_database
from tests.processes import FORK
from tests.surveys.gateways import ToldGateway
from tests.surveys.makers import NOON, make_invitation, make_version

MINUTE = timedelta(minutes=1)


@pytest.fixture
def told(db: None, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> ToldGateway:
    gateway = ToldGateway(Sent("their-id"))
    monkeypatch.setitem(GATEWAYS, "told", gateway)
    settings.CHANNEL_GATEWAYS = {"email": "told"}
    return gateway


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create(username="ada")


def mark(settings: Settings) -> int:
    return int(Path(settings.HIGH_WATER_MARK).read_text())


def send_three(told: ToldGateway) -> list[Invitation]:
    """Return three invitations of which two went out."""
    version = make_version()
    invitations = [make_invitation(version, due_at=NOON + minutes * MINUTE) for minutes in range(3)]
    assert deliver(NOON + MINUTE).sent == 2
    return invitations


def go_back(invitations: list[Invitation]) -> None:
    """Bring the tables to what a backup holds that was made before the second went out."""
    lost = Invitation.objects.filter(pk__in=[invitation.pk for invitation in invitations[1:]])
    Attempt.objects.filter(invitation__in=lost).delete()
    first = Attempt.objects.latest("pk").pk
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT setval('surveys_attempt_id_seq', %s)", [first])
        else:
            cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = 'surveys_attempt'", [first])
    Contact.objects.filter(invitation__in=lost).update(outcome="reserved", handed_over_at=None)
    lost.update(state="planned", sent_at=None, claimed_at=None)


def test_the_mark_follows_what_is_sent(told: ToldGateway, settings: Settings) -> None:
    send_three(told)
    assert mark(settings) == Attempt.objects.latest("pk").pk
    assert hold_if_older(NOON) is None
    assert not Pause.objects.exists()


def test_the_mark_is_written_before_the_call(told: ToldGateway, settings: Settings) -> None:
    told.fates = [KeyboardInterrupt()]
    make_invitation()
    with pytest.raises(KeyboardInterrupt):
        deliver(NOON)
    assert mark(settings) == Attempt.objects.get().pk


def test_an_older_database_sends_nothing_until_somebody_resumes(
    told: ToldGateway, settings: Settings, user: User
) -> None:
    invitations = send_three(told)
    go_back(invitations)
    assert deliver(NOON + 5 * MINUTE).due == 0
    assert len(told.taken) == 2
    held = Pause.objects.get()
    assert (held.reason, held.by, str(held)) == (REASON, None, "Everything")
    assert deliver(NOON + 6 * MINUTE).due == 0
    Invitation.objects.filter(pk=invitations[1].pk).update(state="cancelled")
    resume(held.pk, at=NOON + 7 * MINUTE, by_id=user.pk)
    assert deliver(NOON + 7 * MINUTE).sent == 1
    assert len(told.taken) == 3
    assert mark(settings) == Attempt.objects.latest("pk").pk
    assert Pause.objects.filter(ended_at=None).count() == 0


def test_what_is_paused_in_the_backup_tells_why_it_must_stay_so(told: ToldGateway, user: User) -> None:
    invitations = send_three(told)
    go_back(invitations)
    before = pause("holidays", at=NOON, by_id=user.pk)
    held = hold_if_older(NOON + 5 * MINUTE)
    assert held
    assert held.pk == before.pk
    assert Pause.objects.get().reason == REASON


def test_who_pulled_changes_before_the_backup_was_restored_begins_anew(told: ToldGateway) -> None:
    token = str(changes.here())
    invitations = send_three(told)
    hold_if_older(NOON + MINUTE)
    assert changes.token_of(token, changes.here()) is not None
    go_back(invitations)
    hold_if_older(NOON + 5 * MINUTE)
    with pytest.raises(changes.TokenError, match="before a backup was restored"):
        changes.token_of(token, changes.here())


def test_who_said_stop_after_the_backup_is_not_forgotten_with_it(told: ToldGateway, user: User) -> None:
    invitations = send_three(told)
    last = invitations[2]
    consent.opt_out(last.customer_id, "email", at=NOON, via="link")
    go_back(invitations)
    OptOut.objects.all().delete()
    deliver(NOON + 5 * MINUTE)
    resume(Pause.objects.get().pk, at=NOON + 6 * MINUTE, by_id=user.pk)
    deliver(NOON + 6 * MINUTE)
    last.refresh_from_db()
    assert (last.state, last.state_reason) == ("cancelled", "opt-out")


def test_a_second_restore_is_noticed_too(told: ToldGateway, user: User) -> None:
    invitations = send_three(told)
    for minutes in (5, 50):
        go_back(invitations)
        at = NOON + minutes * MINUTE
        assert deliver(at).due == 0
        resume(Pause.objects.get(ended_at=None).pk, at=at, by_id=user.pk)
        assert deliver(at).sent == 2
    assert Pause.objects.count() == 2


def test_erasing_who_got_the_newest_messages_is_no_restore(told: ToldGateway) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # so that it has not just given out the last id that it logged
            cursor.execute("SELECT setval('surveys_attempt_id_seq', (SELECT last_value FROM surveys_attempt_id_seq))")
    invitations = send_three(told)
    Customer.objects.filter(pk__in=[invitation.customer_id for invitation in invitations[:2]]).delete()
    assert not Attempt.objects.exists()
    assert deliver(NOON + 5 * MINUTE).sent == 1
    assert not Pause.objects.exists()


@pytest.mark.skipif("postgresql" not in project.DATABASES["default"]["ENGINE"], reason="about sequences of PostgreSQL")
def test_a_sequence_that_was_recovered_ahead_of_its_table_vouches_for_nothing(told: ToldGateway) -> None:
    invitations = send_three(told)
    go_back(invitations)
    with connection.cursor() as cursor:  # what replaying the log leaves
        cursor.execute("SELECT setval('surveys_attempt_id_seq', (SELECT last_value + 30 FROM surveys_attempt_id_seq))")
    assert deliver(NOON + 5 * MINUTE).due == 0
    assert Pause.objects.get().reason == REASON


def test_a_new_installation_is_not_held(db: None) -> None:
    assert hold_if_older(NOON) is None
    make_invitation()
    assert deliver(NOON).sent == 1


def test_an_older_note_leaves_the_mark_where_it_is(settings: Settings) -> None:
    for attempt_id in (7, 12, 9):
        note_attempt(attempt_id)
    assert mark(settings) == 12


def test_workers_at_once_leave_the_highest(settings: Settings) -> None:
    start = Barrier(4)

    def work(first: int) -> None:
        start.wait()
        for attempt_id in range(first, 200, 4):
            note_attempt(attempt_id)

    threads = [Thread(target=work, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert mark(settings) == 199


@pytest.mark.django_db(transaction=True)
def test_who_looks_while_others_send_sees_no_restored_backup() -> None:
    """The mark moves between any two looks: it must not be ahead of what is looked up beside it."""
    invitations = [make_invitation().pk for _ in range(2)]
    connection.close()
    senders = [FORK.Process(target=attempt_often, args=(pk,)) for pk in invitations]
    lookers = [FORK.Process(target=look_often) for _ in range(2)]
    for process in (*senders, *lookers):
        process.start()
    for sender in senders:
        sender.join()
    for looker in lookers:
        looker.kill()
        looker.join()
    assert [sender.exitcode for sender in senders] == [0, 0]
    assert not Pause.objects.exists()


def attempt_often(invitation_id: int) -> None:
    for number in range(1, 201):
        way = {"channel": "email", "gateway": "told", "started_at": NOON}
        note_attempt(Attempt.objects.create(invitation_id=invitation_id, number=number, **way).pk)
    connection.close()


def look_often() -> None:
    while True:
        hold_if_older(NOON)


PREPARE = """
from django.utils import timezone
from datetime import timedelta
from tests.surveys.makers import make_invitation, make_version
version, now = make_version(), timezone.now()
for _ in range(4):
    make_invitation(version, due_at=now - timedelta(minutes=1))
"""
SEND = """
from django.utils import timezone
from contacts.models import Contact
from surveys.channels.base import Sent
from surveys.channels.gateways import GATEWAYS
from surveys.delivery import deliver
from tests.surveys.gateways import ToldGateway
gateway = GATEWAYS["email"] = ToldGateway(Sent("x"))
deliver(timezone.now(), most=2)
print(" ".join(message.recipient for message in gateway.taken))
"""


def run(env: dict[str, str], code: str) -> list[str]:
    """Run code in a process of the project's; return the words that it printed."""
    command = [sys.executable, "-c", f"import django\ndjango.setup()\n{code}"]
    env = env | {"EMAIL_GATEWAY": "email", "DJANGO_SETTINGS_MODULE": "cxsurvey.settings"}
    done = subprocess.run(command, cwd=project.BASE_DIR, env=env, capture_output=True, text=True, check=True)
    return done.stdout.split()


ERASE = """
from contacts.models import Customer
Customer.objects.filter(invitations__state="sent").delete()
"""
SAY_PAUSES = "from surveys.models import Pause; print(*Pause.objects.values_list('ended_at', flat=True))"
RESUME = "from surveys.models import Pause; Pause.objects.update(ended_at='2026-05-05T12:00Z')\n"


@contextmanager
def kept_copy(url: str, folder: Path) -> Iterator[Callable[[], None]]:
    """Copy a database that nobody uses; give what puts it back in place of what was there, as an operator would."""
    if url.startswith("sqlite"):
        file = url.removeprefix("sqlite:///")
        copy = shutil.copy(file, folder / "backup.sqlite3")

        def put_back() -> None:
            for leftover in (file, f"{file}-wal", f"{file}-shm"):
                Path(leftover).unlink(missing_ok=True)
            shutil.copy(copy, file)

        yield put_back
        return
    name = urlsplit(url).path.removeprefix("/")
    with postgres_database(os.environ["DATABASE_URL"], f"backup_of_{name}", template=name):
        yield lambda: replace_database(os.environ["DATABASE_URL"], name, f"backup_of_{name}")


def test_a_restored_database_sends_nothing_by_itself(project_env: dict[str, str], tmp_path: Path) -> None:
    """It is put back in mid-wave between real processes; the copy was made after the newest customer was erased."""
    assert len(run(project_env, PREPARE + SEND + ERASE)) == 2
    with kept_copy(project_env["DATABASE_URL"], tmp_path) as put_back:
        assert len(run(project_env, SEND)) == 2
        put_back()
        assert run(project_env, SEND) == []
        assert run(project_env, SEND) == []
        assert len(run(project_env, RESUME + SEND)) == 2


@pytest.mark.one_database
def test_whoever_erases_the_newest_customers_stops_nothing(project_env: dict[str, str]) -> None:
    assert len(run(project_env, PREPARE + SEND + ERASE)) == 2
    assert len(run(project_env, SEND + ERASE)) == 2
    assert run(project_env, SEND + SAY_PAUSES) == []
