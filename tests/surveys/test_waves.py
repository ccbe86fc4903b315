"""A wave: cut into ranges of customers, shared by workers, and taken up again where one died."""

import multiprocessing
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Timer

import pytest
from django.db import OperationalError, connection
from django.shortcuts import resolve_url
from django.test import Client

from contacts.models import Brand, Customer, Decision, Touchpoint
from surveys import wave_states, waves
from surveys.models import Invitation, Program, Wave, WaveRange
from surveys.planning import plan
from surveys.waves import Decide, Report, Touchpoints
from tests.surveys.makers import NOON, make_customer, make_program, make_touchpoint

DAY = timedelta(days=1)
FORK = multiprocessing.get_context("fork")


@pytest.fixture(autouse=True)
def short_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waves, "LENGTHS", {connection.vendor: 4})
    monkeypatch.setattr(waves, "PAUSES", {connection.vendor: 0})
    monkeypatch.setattr(waves, "TOGETHER", 1)


def make_wave(customers: int = 6, touchpoints: int = 2) -> Program:
    """Make a program with so many touchpoints of so many customers to decide about."""
    program = make_program()
    for customer in [make_customer() for _ in range(customers)]:
        for _ in range(touchpoints):
            make_touchpoint(customer)
    return program


def report(touchpoints: Touchpoints, _wave_id: int) -> Report:
    """Decide nothing and report which touchpoints came."""
    return {"seen": {"ids": [pk for ids in touchpoints.values() for pk in ids]}}


def test_all_touchpoints_of_a_customer_are_in_one_range(db: None) -> None:
    program = make_wave(customers=6, touchpoints=3)
    waves.start([program], NOON)
    ranges = list(WaveRange.objects.order_by("first"))
    owners = dict(Touchpoint.objects.values_list("pk", "customer"))
    inside = [{owners[pk] for pk in found.touchpoints[str(program.pk)]} for found in ranges]
    assert [(min(customers), max(customers)) for customers in inside] == [(found.first, found.last) for found in ranges]
    assert (len(ranges), sum(map(len, inside))) == (5, 6)


def test_every_touchpoint_comes_once(db: None) -> None:
    waves.start([make_wave()], NOON)
    seen = [pk for told in waves.work(report, NOON) for pk in told["seen"]["ids"]]
    assert sorted(seen) == sorted(Touchpoint.objects.values_list("pk", flat=True))
    assert list(WaveRange.objects.values_list("touchpoints", flat=True).distinct()) == [{}]


def test_one_wave_is_open_at_a_time(db: None) -> None:
    program = make_wave()
    waves.start([program], NOON)
    waves.start([program], NOON + DAY)
    assert [wave.at for wave in Wave.objects.all()] == [NOON]


def test_how_far_planning_has_come_is_noted_when_the_last_range_is_decided(db: None) -> None:
    program = make_wave()
    waves.start([program], NOON)
    working = waves.work(report, NOON)
    next(working)
    program.refresh_from_db()
    assert (program.planned_at, Wave.objects.get().open) == (None, True)
    list(working)
    program.refresh_from_db()
    assert (program.planned_at, Wave.objects.get().open) == (NOON, False)
    assert program.seen_touchpoint == Touchpoint.objects.latest("pk").pk


def test_the_admin_shows_how_far_a_wave_has_come(admin_client: Client) -> None:
    program = make_wave(customers=3)
    waves.start([program], NOON)
    address = resolve_url("admin:surveys_wave_changelist")
    assert "0 of 2 parts decided" in admin_client.get(address).content.decode()
    plan(NOON)
    page = admin_client.get(address).content.decode()
    assert "Finished" in page
    assert [Wave.objects.get().total(figure) for figure in ("touchpoints", "asked", "delayed")] == [6, 3, 0]


def test_waves_of_long_ago_are_forgotten_with_their_ranges(db: None) -> None:
    waves.start([make_wave(customers=2)], NOON)
    wave_states.forget(NOON + DAY)
    assert Wave.objects.exists()
    plan(NOON)
    wave_states.forget(NOON)
    assert Wave.objects.exists()
    wave_states.forget(NOON + DAY)
    assert not WaveRange.objects.exists()


def test_nothing_to_decide_about_opens_no_wave(db: None) -> None:
    program = make_program()
    plan(NOON)
    program.refresh_from_db()
    assert (Wave.objects.exists(), program.planned_at) == (False, NOON)


def test_a_program_that_is_stopped_meanwhile_is_left_undecided(db: None) -> None:
    program = make_wave()
    waves.start([program], NOON)
    Program.objects.update(active=False)
    plan(NOON)
    Program.objects.update(active=True)
    assert not Decision.objects.exists()
    assert sum(told.touchpoints for told in plan(NOON).programs) == 12


@pytest.mark.django_db(transaction=True)
def test_the_range_of_a_worker_that_is_killed_is_decided_by_the_next_once() -> None:
    make_wave()
    run(die_in_the_second_range)
    assert WaveRange.objects.exclude(decided_at=None).count() == 1
    assert Decision.objects.count() == 4
    [told] = plan(NOON).programs
    assert (told.touchpoints, Wave.objects.filter(open=True).exists()) == (8, False)
    assert set(Counter(Decision.objects.values_list("touchpoint", flat=True)).values()) == {1}
    assert (Decision.objects.count(), Invitation.objects.count()) == (12, 6)


def die_in_the_second_range() -> None:
    decided: list[Report] = []
    decide_one = waves._decide_next

    def decide_next(decide: Decide, at: object, how_many: int = 1) -> Report | None:
        def dying(touchpoints: Touchpoints, wave_id: int) -> Report:
            told = decide(touchpoints, wave_id)
            if decided:
                os.kill(os.getpid(), signal.SIGKILL)
            decided.append(told)
            return told

        return decide_one(dying, NOON, how_many)

    waves._decide_next = decide_next  # this process is one of its own
    plan(NOON)


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_one_wave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waves, "PAUSES", {connection.vendor: 0.02})
    make_wave(customers=40)
    waves.start(list(Program.objects.all()), NOON)
    told = FORK.Queue()
    run(lambda: told.put(sum(program.touchpoints for program in plan(NOON).programs)), times=2)
    shares = [told.get(timeout=60) for _ in range(2)]
    assert (sum(shares), Decision.objects.count(), Invitation.objects.count()) == (80, 80, 40)
    assert min(shares) > 0


@pytest.mark.skipif("connection.vendor == 'postgresql'", reason="there a range locks its own customers only")
class TestOnSqliteTheFileIsHeldOnlyForWriting:
    """Ranges are read and decided about beside writers, several together, and written if nobody wrote meanwhile."""

    @pytest.fixture(autouse=True)
    def together(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(waves, "TOGETHER", 2)

    @pytest.mark.django_db(transaction=True)
    def test_several_ranges_are_decided_about_at_once(self) -> None:
        waves.start([make_wave(customers=6)], NOON)
        sizes = [len(told["seen"]["ids"]) for told in waves.work(report, NOON)]
        assert sizes == [8, 4]
        assert [bool(part.report) for part in WaveRange.objects.order_by("first")] == [True, False, True]
        assert not WaveRange.objects.exclude(touchpoints={}).exists()

    @pytest.mark.django_db(transaction=True)
    def test_what_was_decided_while_somebody_wrote_is_not_kept(self, somebody: sqlite3.Connection) -> None:
        waves.start([make_wave(customers=6)], NOON)
        seen: list[int] = []

        def decide(touchpoints: Touchpoints, wave_id: int) -> Report:
            told = report(touchpoints, wave_id)
            seen.append(len(told["seen"]["ids"]))
            if len(seen) == 1:
                somebody.execute("UPDATE contacts_brand SET name = 'changed'")
            Customer.objects.update(name="decided")
            return told

        kept = [len(told["seen"]["ids"]) for told in waves.work(decide, NOON)]
        assert (seen, kept) == ([8, 4, 4, 4], [4, 4, 4])
        assert set(Brand.objects.values_list("name", flat=True)) == {"changed"}

    @pytest.mark.django_db(transaction=True)
    def test_who_is_writing_just_now_is_waited_for(self, somebody: sqlite3.Connection) -> None:
        make_wave(customers=6)
        somebody.execute("BEGIN IMMEDIATE")
        somebody.execute("UPDATE contacts_brand SET name = 'changed'")
        Timer(0.3, somebody.commit).start()
        [planned] = plan(NOON).programs
        assert (planned.touchpoints, Decision.objects.count(), Invitation.objects.count()) == (12, 12, 6)
        assert set(Brand.objects.values_list("name", flat=True)) == {"changed"}

    @pytest.mark.django_db(transaction=True)
    def test_any_other_error_is_not_taken_for_it(self) -> None:
        make_wave()
        waves.start([Program.objects.get()], NOON)

        def decide(_touchpoints: Touchpoints, _wave_id: int) -> Report:
            Customer.objects.update(name="decided")
            raise OperationalError("disk I/O error")

        with pytest.raises(OperationalError, match="disk I/O error"):
            list(waves.work(decide, NOON))
        assert not Customer.objects.filter(name="decided").exists()


@pytest.fixture
def somebody() -> Iterator[sqlite3.Connection]:
    """Another connection to the same file."""
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, check_same_thread=False)
    yield other
    other.close()


def run(work: Callable[[], object], times: int = 1) -> None:
    """Let so many processes do the work at once."""
    connection.close()
    workers = [FORK.Process(target=work) for _ in range(times)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
