"""When a failed delivery is tried again, and when an endpoint counts as dead."""

from datetime import timedelta

import pytest

from recovery.webhooks.waiting import (
    DEAD_AFTER,
    DEAD_FAILURES,
    JITTER,
    TRIES,
    WAITS,
    asked_for,
    is_dead,
    is_the_endpoints,
    quiet,
    wait,
    was_taken,
)
from tests.surveys.makers import NOON

HOUR = timedelta(hours=1)


def test_each_try_waits_longer_and_the_last_gives_up() -> None:
    waits = [wait(tries, "msg_1") for tries in range(1, TRIES)]
    for told, base in zip(waits, WAITS, strict=True):
        assert told is not None
        assert base <= told <= base * (1 + JITTER)
    assert wait(TRIES, "msg_1") is None
    assert timedelta(days=3) < sum(WAITS, timedelta()) < timedelta(days=5)


def test_what_failed_at_once_does_not_come_back_at_once() -> None:
    waits = {wait(1, f"msg_{n}") for n in range(50)}
    assert len(waits) == 50
    assert wait(1, "msg_7") == wait(1, "msg_7")


@pytest.mark.parametrize(
    ("status", "taken", "endpoints"),
    [
        *((200, True, False), (204, True, False), (299, True, False), (301, False, False), (307, False, False)),
        *((400, False, False), (404, False, False), (408, False, True), (410, False, False), (429, False, True)),
        *((500, False, True), (503, False, True), (None, False, True), (103, False, False)),
    ],
)
def test_only_2xx_is_a_yes_and_only_some_failures_are_the_endpoints(
    status: int | None, *, taken: bool, endpoints: bool
) -> None:
    assert (was_taken(status), is_the_endpoints(status)) == (taken, endpoints)


@pytest.mark.parametrize(
    ("status", "text", "asked"),
    [
        (429, "120", timedelta(seconds=120)),
        (503, " 5 ", timedelta(seconds=5)),
        (503, "99999999999999999999", timedelta(days=1)),
        (429, "Tue, 05 May 2026 13:00:00 GMT", HOUR),
        (429, "Tue, 05 May 2026 13:00:00 -0000", HOUR),
        (503, "Tue, 05 May 2026 11:00:00 GMT", timedelta()),
        *((500, "120", None), (429, "", None), (429, "soon", None), (429, "-5", None), (429, "٣", None)),
    ],
)
def test_a_busy_endpoint_may_ask_for_a_pause(status: int, text: str, asked: timedelta | None) -> None:
    assert asked_for(status, text, NOON) == asked


def test_what_was_asked_for_is_the_least() -> None:
    assert wait(1, "x", HOUR) == HOUR
    assert (wait(5, "x", HOUR) or HOUR) > HOUR


def test_an_endpoint_in_trouble_is_left_alone_for_longer_and_longer() -> None:
    assert [quiet(n) for n in (1, 2, 3)] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert quiet(10_000) == HOUR


def test_dead_is_what_failed_often_and_for_long() -> None:
    assert is_dead(DEAD_FAILURES, NOON, NOON + DEAD_AFTER)
    assert not is_dead(DEAD_FAILURES - 1, NOON, NOON + DEAD_AFTER)
    assert not is_dead(1000, NOON, NOON + DEAD_AFTER - timedelta(seconds=1))
