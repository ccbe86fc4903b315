"""The second factor: asked for, set up where it is required, used once, lost, reset; and nothing of it can be read."""

import re
from datetime import timedelta

import pyotp
import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import Settings

from cxsurvey.login import second_factor, telling
from cxsurvey.login.tables import AuthenticatorApp, LoginSession, RecoveryCode
from cxsurvey.login.telling import News
from cxsurvey.models import AuditEntry
from surveys.models import OutboxMessage
from tests.clock import set_clock
from tests.login.staff import CODE, FAST, LOGIN, PASSWORD, SET_UP, YOURS, is_in, member, offered, try_password, with_app
from tests.surveys.makers import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = FAST


def told() -> list[str]:
    return [task.task["args"][1] for task in OrmQ.objects.order_by("pk")]


def test_the_password_alone_opens_nothing() -> None:
    secret = with_app(member(), timezone.now())
    client = Client()
    answer = client.post(f"{LOGIN}?next=/calls/", {"username": "ada", "password": PASSWORD})
    assert answer["Location"] == CODE
    for page in ("/admin/", "/calls/", YOURS, "/api/v1/scores/"):
        assert client.get(page).status_code in (302, 401)
    answer = client.post(CODE, {"code": pyotp.TOTP(secret).now()})
    assert answer["Location"] == "/calls/"
    assert is_in(client)


def test_nobody_comes_in_by_the_second_step_alone() -> None:
    with_app(member(), timezone.now())
    for page in (CODE, SET_UP):
        assert Client().post(page, {"code": "123456"})["Location"] == LOGIN


def test_a_code_opens_once_in_its_half_minute_or_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    user, clock = member(), set_clock(monkeypatch, NOON)
    secret = with_app(user, NOON)
    code = pyotp.TOTP(secret).at(NOON)
    assert not second_factor.use_code(user, pyotp.TOTP(secret).at(NOON - timedelta(minutes=1)), NOON)
    assert not second_factor.use_code(user, pyotp.TOTP(secret).at(NOON + timedelta(minutes=1)), NOON)
    assert not second_factor.use_code(user, "", NOON)
    first, second = Client(), Client()
    for client in (first, second):
        try_password(client)
        client.post(CODE, {"code": f"{code[:3]} {code[3:]}"})
    assert (is_in(first), is_in(second)) == (True, False)
    clock.pass_by(minutes=0.5)
    assert not second_factor.use_code(user, code, clock.at)
    assert not second_factor.use_code(user, pyotp.TOTP(secret).at(NOON - timedelta(seconds=30)), clock.at)
    assert second_factor.use_code(user, pyotp.TOTP(secret).at(clock.at + timedelta(seconds=30)), clock.at)


def test_guessed_codes_are_slowed_down_and_the_user_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    user, clock = member(), set_clock(monkeypatch, NOON)
    secret = with_app(user, NOON)
    right = pyotp.TOTP(secret)
    wrong = next(
        f"{n:06}" for n in range(9) if f"{n:06}" not in [right.at(NOON, counter_offset=step) for step in (-1, 0, 1)]
    )
    client = Client()
    try_password(client)
    for code in [wrong, "AAAAAA-BBBBBB-CCCCCC-DDDDDD"] * 10:
        client.post(CODE, {"code": code})
    assert AuditEntry.objects.filter(action="login_failed").count() == 5
    client.post(CODE, {"code": right.at(NOON)})
    assert not is_in(client)
    assert told() == ["GUESSED"]
    clock.pass_by(minutes=2)
    client.post(CODE, {"code": right.at(clock.at)})
    assert is_in(client)


def test_what_was_begun_is_forgotten_after_ten_minutes_and_with_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    user, clock = member(), set_clock(monkeypatch, NOON)
    secret, client = with_app(user, NOON), Client()
    try_password(client)
    clock.pass_by(minutes=11)
    assert client.post(CODE, {"code": pyotp.TOTP(secret).at(clock.at)})["Location"] == LOGIN
    try_password(client)
    user.set_password("another one, and long")
    user.save()
    assert client.post(CODE, {"code": pyotp.TOTP(secret).at(clock.at)})["Location"] == LOGIN


def test_where_it_is_required_one_sets_it_up_before_seeing_anything(settings: Settings) -> None:
    settings.TWO_FACTOR = "required"
    user, client = member(is_superuser=True), Client()
    answer = client.post(LOGIN, {"username": "ada", "password": PASSWORD, "next": "/calls/"})
    assert answer["Location"] == SET_UP
    assert not is_in(client)
    offer, secret = offered(client.get(SET_UP).content.decode())
    assert "That code does not open" in client.post(SET_UP, {"offer": offer, "code": "000"}).content.decode()
    assert client.post(SET_UP, {"offer": "forged", "code": pyotp.TOTP(secret).now()}).status_code == 403
    shown = client.post(SET_UP, {"offer": offer, "code": pyotp.TOTP(secret).now()})
    codes = re.findall(r"<code>([A-Z2-7-]{27})</code>", shown.content.decode())
    assert len(set(codes)) == 8
    assert "no-store" in shown["Cache-Control"]
    assert 'href="/calls/"' in shown.content.decode()
    assert is_in(client)
    assert told() == ["SET_UP"]
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == ["added", "logged_in"]
    kept = str(list(AuthenticatorApp.objects.values())) + str(list(RecoveryCode.objects.values()))
    assert secret not in kept
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    page = client.get(YOURS).content.decode()
    assert "8 left" in page
    assert secret not in page
    assert user.recovery_codes.count() == 8


def test_a_recovery_code_opens_once_in_any_spelling() -> None:
    user = member()
    with_app(user, timezone.now())
    code = second_factor.new_recovery_codes(user)[0]
    for spelled, opens in ((code.lower().replace("-", " "), True), (code, False)):
        client = Client()
        try_password(client)
        client.post(CODE, {"code": spelled})
        assert is_in(client) is opens
    assert user.recovery_codes.count() == 7
    assert told() == ["RECOVERY"]


def test_an_administrator_resets_it_and_it_is_told_and_on_record(settings: Settings) -> None:
    settings.TWO_FACTOR = "required"
    user, root = member(), member("root", is_superuser=True)
    with_app(user, timezone.now())
    theirs, admin, manager = Client(), Client(), Client()
    theirs.force_login(user)
    admin.force_login(root)
    manager.force_login(member("max"))
    page = f"/admin/users/{user.pk}/login/"
    assert manager.post(f"{page}reset/").status_code == 403
    assert "set up" in admin.get(page).content.decode()
    assert admin.post(f"{page}reset/").status_code == 302
    assert not is_in(theirs)
    assert not AuthenticatorApp.objects.exists()
    entry = AuditEntry.objects.get(action="deleted")
    assert (entry.by_id, entry.subject_type, entry.subject_id) == (root.pk, "second-factor", str(user.pk))
    assert told() == ["TAKEN_AWAY"]
    assert try_password(theirs)["Location"] == SET_UP


def test_who_runs_the_server_lets_an_administrator_in(capsys: pytest.CaptureFixture[str]) -> None:
    user = member(is_superuser=True)
    with_app(user, timezone.now())
    for _ in range(6):
        try_password(Client(), "wrong")
    call_command("let_in", "ada", "--new-second-factor")
    client = Client()
    assert try_password(client)["Location"] == "/admin/"
    assert is_in(client)
    assert "sets up a second factor" in capsys.readouterr().out


def test_one_takes_the_own_factor_away_only_where_none_is_required(settings: Settings) -> None:
    user, client = member(), Client()
    with_app(user, timezone.now())
    second_factor.new_recovery_codes(user)
    client.force_login(user)
    other = Client()
    other.force_login(user)
    settings.TWO_FACTOR = "required"
    assert "Set up another one first" in client.post(f"{YOURS}app/remove/", follow=True).content.decode()
    settings.TWO_FACTOR = "offered"
    client.post(f"{YOURS}app/remove/")
    assert not AuthenticatorApp.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert (is_in(client), is_in(other)) == (True, False)
    assert LoginSession.objects.count() == 1


@pytest.mark.parametrize("news", list(News))
def test_mails_say_what_to_do_and_hold_nothing_secret_but_the_link(news: News) -> None:
    user = member()
    telling.send(user, news, NOON)
    mail = OutboxMessage.objects.get()
    assert mail.recipient == "ada@cx.example"
    assert "/admin/" in mail.text
    assert PASSWORD not in mail.text
