"""Guesses: so many are looked at and no more, from one address or many; and nobody is locked out by a stranger."""

from datetime import timedelta
from ipaddress import ip_address

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from cxsurvey.login import guesses
from cxsurvey.login.guesses import KINDS, LONGEST_WAIT, password_places, take, take_back, wait_after
from cxsurvey.login.tables import Guesses
from cxsurvey.models import AuditEntry
from tests.clock import set_clock
from tests.login.staff import FAST, is_in, member, try_password
from tests.surveys.makers import NOON

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


class Counting(PBKDF2PasswordHasher):
    """Django's own, which counts."""

    iterations = 10
    hashed = 0

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        type(self).hashed += 1
        return super().encode(password, salt, iterations)


@pytest.fixture(autouse=True)
def quick(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = FAST


def test_waits_grow_from_a_minute_and_end_somewhere() -> None:
    waits = [wait_after(wrong, 5) for wrong in range(4, 13)]
    assert waits == [0 * MINUTE, *(n * MINUTE for n in (1, 2, 4, 8, 16)), LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]


@pytest.mark.one_database
def test_a_thousand_guesses_from_one_address_are_looked_at_five_times(monkeypatch: pytest.MonkeyPatch) -> None:
    member()
    clock, stranger = set_clock(monkeypatch, NOON), Client()
    for n in range(1000):
        assert try_password(stranger, f"guess {n}").status_code == 200
    assert AuditEntry.objects.filter(action="login_failed").count() == 5
    try_password(stranger)
    assert not is_in(stranger), "The right password must not open while it waits."
    clock.pass_by(minutes=1)
    try_password(stranger)
    assert is_in(stranger)


@pytest.mark.one_database
def test_a_thousand_guesses_from_a_thousand_addresses_are_looked_at_fifty_times(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PROXIES_IN_FRONT = 1
    member()
    set_clock(monkeypatch, NOON)
    browser = Client()
    for n in range(1000):
        browser.cookies.clear()
        try_password(browser, f"guess {n}", x_forwarded_for=str(ip_address("198.18.0.0") + n))
    assert AuditEntry.objects.filter(action="login_failed").count() == KINDS["name"].free
    newcomer = Client()
    try_password(newcomer, x_forwarded_for="203.0.113.9")
    assert not is_in(newcomer)


def test_a_stranger_cannot_lock_somebody_out_of_a_browser_of_hers(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    member()
    clock, hers = set_clock(monkeypatch, NOON), Client()
    try_password(hers)
    hers.post("/admin/logout/")
    for n in range(200):  # from her own address, even
        try_password(Client(), f"guess {n}")
        clock.pass_by(seconds=1)
    try_password(hers)
    assert is_in(hers)


def test_one_address_cannot_try_many_names(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, NOON)
    member()
    for n in range(200):
        try_password(Client(), "Summer2026!", name=f"user{n}")
    assert AuditEntry.objects.filter(action="login_failed").count() == KINDS["address"].free
    own = Client()
    try_password(own)
    assert not is_in(own)


def test_what_a_client_says_of_its_address_is_not_believed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    member()
    set_clock(monkeypatch, NOON)
    for proxies, forged in ((0, "198.51.100.{}"), (1, "198.51.100.{}, 203.0.113.5")):
        settings.PROXIES_IN_FRONT = proxies
        Guesses.objects.all().delete()
        before = AuditEntry.objects.filter(action="login_failed").count()
        for n in range(20):
            try_password(Client(), "wrong", x_forwarded_for=forged.format(n))
        assert AuditEntry.objects.filter(action="login_failed").count() - before == 5


def test_neighbours_in_one_ipv6_network_are_one_place() -> None:
    assert password_places("ada", "2001:db8::1", "") == password_places("Ada", "2001:db8::ffff:1", "")
    assert password_places("ada", "2001:db8::1", "") != password_places("ada", "2001:db8:0:1::1", "")


def test_an_own_login_does_not_cover_guesses_at_others() -> None:
    at = NOON
    theirs, own = password_places("ada", "198.51.100.1", ""), password_places("eve", "198.51.100.1", "")
    for n in range(KINDS["address"].free):
        others = password_places(f"user{n}", "198.51.100.1", "")
        assert take(others, at) is None
    assert take(own, at) is not None
    at += MINUTE
    assert take(own, at) is None
    take_back(own)
    assert take(theirs, at) is None
    assert take(theirs, at) is not None


def test_wrong_tries_are_forgiven_by_and_by() -> None:
    places = password_places("ada", "198.51.100.1", "")
    for _ in range(4):
        take(places, NOON)
    later = NOON + 4 * KINDS["name from address"].forgiven
    for _ in range(4):
        assert take(places, later) is None
    assert not guesses.is_closed(places, later)
    guesses.forget(later + timedelta(days=3))
    assert not Guesses.objects.exists()


@pytest.mark.parametrize("user", [{"is_staff": True}, {"is_active": False}, {"is_staff": False}, None])
def test_nobody_learns_whether_a_user_is_there(user: dict[str, bool] | None, settings: Settings) -> None:
    """The same answer, the same statements but for what is kept about a known user, and one hash."""
    settings.PASSWORD_HASHERS = ["tests.login.test_guessing.Counting", *FAST]
    if user is not None:
        member()
        User.objects.update(**user)
    Counting.hashed = 0
    answer = try_password(Client(), "wrong")
    assert "That is not right." in answer.content.decode()
    assert Counting.hashed == 1


def test_it_is_on_record_whose_login_was_locked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    user = member()
    set_clock(monkeypatch, NOON)
    for _ in range(10):
        answer = try_password(Client(), "wrong")
    assert "Wait 1 minute, then try again" in answer.content.decode()
    locked = AuditEntry.objects.filter(action="locked")
    assert [(entry.subject_id, entry.details) for entry in locked] == [(str(user.pk), {"with": "password"})]
    assert "wrong" not in str(list(AuditEntry.objects.values()))
