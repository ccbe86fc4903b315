"""What comes at once: one code in many hands, and guesses in parallel; each with a control that loses the race."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from cxsurvey.login import second_factor
from cxsurvey.login.guesses import KINDS, Place, take, wait_after
from cxsurvey.login.tables import AuthenticatorApp, Guesses
from tests.login.staff import member, with_app
from tests.surveys.makers import NOON

pytestmark = pytest.mark.django_db(transaction=True)
HANDS = 8


def at_once(act: Callable[[], bool]) -> int:
    """Do it in threads that begin together; return how many got what they wanted."""
    start = threading.Barrier(HANDS)

    def hand(_: int) -> bool:
        try:
            start.wait(timeout=20)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as hands:
        return sum(hands.map(hand, range(HANDS)))


@pytest.fixture
def everybody_has_read() -> Callable[[], object]:
    """A point at which each waits until all others are there too: between reading and writing."""
    barrier = threading.Barrier(HANDS)
    return lambda: barrier.wait(timeout=20)


@pytest.fixture
def code() -> tuple[User, str]:
    user = member()
    return user, pyotp.TOTP(with_app(user, NOON)).at(NOON)


def test_a_code_in_many_hands_opens_once(code: tuple[User, str]) -> None:
    user, digits = code
    assert at_once(lambda: second_factor.use_code(user, digits, NOON)) == 1


def test_the_control_for_a_code_opens_for_all(code: tuple[User, str], everybody_has_read: Callable[[], object]) -> None:
    """Look whether it is used, then write that it is."""
    step = int(NOON.timestamp()) // second_factor.STEP

    def look_then_write() -> bool:
        app = AuthenticatorApp.objects.get()
        everybody_has_read()
        AuthenticatorApp.objects.filter(pk=app.pk).update(last_step=step)
        return app.last_step < step

    assert at_once(look_then_write) > 1


def test_a_recovery_code_in_many_hands_opens_once() -> None:
    user = member()
    code = second_factor.new_recovery_codes(user)[0]
    assert at_once(lambda: second_factor.use_recovery_code(user, code)) == 1


PLACES = [Place("name from address", "ada", "ada"), Place("name", "ada", "ada")]


def test_guesses_in_parallel_are_looked_at_no_more_than_are_free() -> None:
    assert sum(at_once(lambda: take(PLACES, NOON) is None) for _ in range(3)) == KINDS["name from address"].free


def test_the_control_for_guesses_is_outrun(everybody_has_read: Callable[[], object]) -> None:
    """Count a guess only once it was wrong, as most do."""
    kind = KINDS["name from address"]
    row = Guesses.objects.create(key="ada", at=NOON, wrong=kind.free - 1)

    def look_then_count() -> bool:
        found = Guesses.objects.get(pk=row.pk)
        everybody_has_read()
        with transaction.atomic():
            wrong = Guesses.objects.select_for_update().get(pk=row.pk).wrong + 1
            Guesses.objects.filter(pk=row.pk).update(wrong=wrong, closed_until=NOON + wait_after(wrong, kind.free))
        return found.closed_until is None

    assert at_once(look_then_count) == HANDS
