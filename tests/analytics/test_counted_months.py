"""Months are counted once, and what is kept of them is what their answers say, whoever writes meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.counted_months import claim, count_months, differences, keep, scores_of, wait_for_writers
from analytics.metric_admin import MetricForm
from analytics.metrics import definitions
from analytics.models import CountedMonth, Metric, MonthChange
from analytics.month_cells import from_answers, month_cells, month_of
from contacts import merging
from contacts.intake import TOUCHPOINTS
from contacts.models import Customer
from cxsurvey.erasing import erase
from surveys.answering import amend, submit
from surveys.history import RESPONSES
from surveys.models import Response
from surveys.questionnaires import questionnaire
from tests.analytics.test_month_cells import AT, EVERYTHING, day, make_months
from tests.analytics.world import make_responses
from tests.contacts.files import TOUCHPOINT, bring
from tests.processes import wait_until
from tests.surveys.makers import make_invitation, make_touchpoint, make_version


def from_rows() -> Any:
    return month_cells(EVERYTHING, definitions().values())


def as_answers_say() -> Any:
    return from_answers([EVERYTHING], definitions().values())


@pytest.mark.django_db
def test_each_month_that_is_over_is_counted_once() -> None:
    make_months()
    assert count_months(AT) == 2
    kept = list(CountedMonth.objects.values_list("pk", "starts_at", "ends_at"))
    assert [bounds for _, *bounds in kept] == [[*month_of(day(month))] for month in (3, 4)]
    assert count_months(AT) == 0
    assert list(CountedMonth.objects.values_list("pk", "starts_at", "ends_at")) == kept
    assert count_months(AT + timedelta(days=30)) == 1


@pytest.mark.django_db
def test_without_answers_there_is_nothing_to_count() -> None:
    assert count_months(AT) == 0
    make_responses(1, 0, 0, answered_at=AT + timedelta(days=90))
    assert count_months(AT) == 0


@pytest.mark.django_db
def test_months_without_an_answer_between_others_are_counted_too() -> None:
    make_responses(1, 0, 0, answered_at=day(1))
    assert count_months(AT) == 4
    assert CountedMonth.objects.filter(scores={"nps": [], "csat": [], "ces": []}).count() == 3


@pytest.mark.django_db
def test_who_writes_while_a_month_is_counted_takes_its_claim_away() -> None:
    make_months()
    march, april = claim(AT)
    metrics = definitions().values()
    scores = {month.pk: scores_of(month, metrics, AT) for month in (march, april)}
    make_responses(0, 0, 1, touchpoint=make_touchpoint(kind="call"), answered_at=day(3))
    assert [keep(month, scores[month.pk]) for month in (march, april)] == [False, True]
    assert from_rows() == as_answers_say()


@pytest.mark.django_db
def test_without_a_claim_the_figure_would_be_stale() -> None:
    make_months()
    since, until = month_of(day(3))
    march = CountedMonth(starts_at=since, ends_at=until)
    scores = scores_of(march, definitions().values(), AT)
    make_responses(0, 0, 1, touchpoint=make_touchpoint(kind="call"), answered_at=day(3))
    CountedMonth.objects.create(starts_at=since, ends_at=until, scores=scores)
    assert from_rows() != as_answers_say()


@pytest.mark.django_db
def test_the_claim_made_last_holds() -> None:
    make_months()
    first, second = claim(AT), claim(AT)
    metrics = definitions().values()
    assert [keep(month, scores_of(month, metrics, AT)) for month in (*first, *second)] == [False, False, True, True]


def write_slowly(written: Event, go_on: Event) -> None:
    """Add an answer to March in a transaction that stays open until told to end."""
    try:
        with transaction.atomic():
            make_responses(0, 0, 1, touchpoint=make_touchpoint(kind="call"), answered_at=day(3))
            written.set()
            go_on.wait()
    finally:
        connection.close()


def count_and_close() -> int:
    try:
        return count_months(AT)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_counting_waits_for_who_was_writing_before() -> None:
    make_months()
    written, go_on = Event(), Event()
    with ThreadPoolExecutor(2) as pool:
        writer = pool.submit(write_slowly, written, go_on)
        written.wait()
        counting = pool.submit(count_and_close)
        if connection.vendor == "postgresql":  # SQLite lets nobody claim before
            wait_until(lambda: CountedMonth.objects.count() == 2, 60)
            assert not CountedMonth.objects.filter(scores__isnull=False).exists()
        go_on.set()
        writer.result()
        assert counting.result() == 2
    assert from_rows() == as_answers_say()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite lets nobody claim while another writes")
def test_without_waiting_the_figure_would_be_stale() -> None:
    make_months()
    written, go_on = Event(), Event()
    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(write_slowly, written, go_on)
        written.wait()
        metrics = definitions().values()
        assert all(keep(month, scores_of(month, metrics, AT)) for month in claim(AT))
        go_on.set()
        writer.result()
    assert from_rows() != as_answers_say()


def answer_in(month: int) -> None:
    make_responses(0, 0, 1, answered_at=day(month))


def delete_month(month: int) -> None:
    """What noting a change could be, and was."""
    CountedMonth.objects.filter(starts_at__lte=day(month), ends_at__gt=day(month)).delete()


def touch_two(touch: Callable[[int], None], months: tuple[int, int], both: Barrier) -> None:
    """Touch one month, and once the other writer has touched his, the other."""
    try:
        with transaction.atomic():
            touch(months[0])
            both.wait()
            touch(months[1])
    finally:
        connection.close()


def touch_crosswise(touch: Callable[[int], None]) -> list[BaseException | None]:
    make_months()
    assert count_months(AT) == 2
    both = Barrier(2, timeout=60)
    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(touch_two, touch, months, both) for months in ((3, 4), (4, 3))]
        return [writer.exception() for writer in writers]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite lets nobody write while another writes")
def test_two_who_touch_two_months_crosswise_do_not_wait_for_each_other() -> None:
    assert touch_crosswise(answer_in) == [None, None]
    assert not CountedMonth.objects.kept().exists()
    assert count_months(AT) == 2
    assert from_rows() == as_answers_say()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite lets nobody write while another writes")
def test_who_deletes_months_crosswise_waits_for_ever() -> None:
    assert [type(error) for error in touch_crosswise(delete_month) if error] == [OperationalError]


def wait_and_close() -> None:
    try:
        wait_for_writers()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite lets nobody write while another claims")
def test_counting_waits_for_who_began_while_months_were_claimed() -> None:
    """The transaction with the newest number of all did not see the claims, and takes none away."""
    make_months()
    written, go_on = Event(), Event()
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            claims = claim(AT)
            writer = pool.submit(write_slowly, written, go_on)
            written.wait()
        waiting = pool.submit(wait_and_close)
        with pytest.raises(TimeoutError):
            waiting.result(0.3)
        go_on.set()
        writer.result()
        waiting.result()
    metrics = definitions().values()
    assert all(keep(month, scores_of(month, metrics, AT)) for month in claims)
    assert from_rows() == as_answers_say()


@pytest.mark.django_db
def test_check_finds_a_month_that_lies_and_forgets_it(capsys: pytest.CaptureFixture[str]) -> None:
    make_months()
    count_months(AT)
    call_command("count_months", check=True)
    assert "Every month is counted as its answers say." in capsys.readouterr().out
    CountedMonth.objects.filter(starts_at__gte=day(4, 1) - timedelta(days=1)).update(scores={"nps": []})
    assert [one.month.starts_at.month for one in differences(AT)] == [4]
    with pytest.raises(CommandError, match="puts missing triggers on"):
        call_command("count_months", check=True)
    assert [row.starts_at.month for row in CountedMonth.objects.kept()] == [3]
    assert from_rows() == as_answers_say()


@pytest.mark.django_db
def test_command_counts(capsys: pytest.CaptureFixture[str]) -> None:
    make_months()
    call_command("count_months")
    assert "Months counted: " in capsys.readouterr().out
    assert from_rows() == as_answers_say()


class Life:
    """What people do to answers, by the product's own steps; numbers choose whom and when."""

    def __init__(self) -> None:
        self.version = make_version()
        self.by = User.objects.create(username="colleague").pk
        for number in range(4):
            self.answer(number)
        self.bring_in(1)

    def answer(self, number: int) -> None:
        touchpoint = make_touchpoint(kind=("call", "visit")[number % 2], occurred_at=day(1 + number % 4, 2))
        at = day(1 + number % 5, 3 + number)
        invitation = make_invitation(self.version, touchpoint=touchpoint, state="sent", sent_at=at)
        submit(invitation, {"score": str(number % 11)}, at=at)

    def change_mind(self, number: int) -> None:
        said_at = None if number % 2 else day(1 + number % 5, 20)
        amend(self.response(number), {"score": str((number + 7) % 11)}, at=AT, said_at=said_at)

    def response(self, number: int) -> Response:
        ours = Response.objects.filter(invitation__isnull=False).order_by("pk")
        return ours[number % ours.count()]

    def bring_in(self, number: int) -> None:
        """The same touchpoint and the same answer again, corrected."""
        kind, month = ("call", "chat", "visit")[number % 3], 1 + number % 4
        bring(TOUCHPOINTS, f"{TOUCHPOINT}t1,ada,{kind},shop,2026-{month:02}-01T10:00:00Z\n", at=AT)
        head = "external_id,customer,survey,touchpoint,channel,answered_at,score,comment\n"
        told = f"r1,ada,Old,t1,email,2026-{month:02}-05T10:00:00Z,{number % 11},\n"
        bring(RESPONSES, f"{head}{told}r2,bob,Old,,,2026-02-0{1 + number % 9}T10:00:00Z,5,\n", at=AT)

    def customers(self) -> list[Customer]:
        return list(Customer.objects.filter(merged_into=None, erased_at=None).order_by("pk"))

    def merge(self, number: int) -> None:
        one, *others = self.customers()
        if others:
            merging.merge(one.pk, into=others[number % len(others)].pk, at=AT, by_id=self.by, why="one card")

    def take_apart(self, number: int) -> None:
        if merged := Customer.objects.exclude(merged_into=None).order_by("pk").first():
            merging.split(merged.pk, at=AT, by_id=self.by)

    def erase(self, number: int) -> None:
        if left := self.customers():
            erase(left[number % len(left)].pk, at=AT, via="link")

    def define(self, number: int) -> None:
        metric = Metric.objects.get(key="nps")
        given = {name: getattr(metric, name) for name in MetricForm.Meta.fields} | {"horizon_days": 1 + number}
        form = MetricForm({name: "" if value is None else value for name, value in given.items()}, instance=metric)
        assert form.is_valid()
        form.save()


STEPS: list[Callable[[Life, int], None]] = [
    *(Life.answer, Life.change_mind, Life.bring_in, Life.merge, Life.take_apart, Life.erase, Life.define)
]


@pytest.mark.django_db
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 11)), min_size=4, max_size=9))
def test_what_is_shown_is_what_the_answers_say_whatever_people_do(
    steps: list[tuple[Callable[[Life, int], None], int]],
) -> None:
    with transaction.atomic():
        questionnaire.cache_clear()  # ids of the example before are given again
        life = Life()
        for step, number in steps:
            count_months(AT)
            assert from_rows() == as_answers_say()
            step(life, number)
            assert from_rows() == as_answers_say(), step.__name__
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("step", [Life.answer, Life.change_mind, Life.bring_in, Life.define])
def test_a_row_that_outlived_a_step_would_be_stale(step: Callable[[Life, int], None]) -> None:
    life = Life()
    count_months(AT)
    step(life, 2)
    assert from_rows() == as_answers_say()
    MonthChange.objects.all().delete()
    assert from_rows() != as_answers_say()
