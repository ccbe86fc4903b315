"""Passwords: long, not common, not of this house, with any signs; changed and set anew without telling who there is."""

import re

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.test import Client
from django_q.models import OrmQ
from pytest_django import Settings

from cxsurvey import tasks
from cxsurvey.login.tables import LoginSession
from cxsurvey.models import AuditEntry
from tests.login.staff import CODE, FAST, LOGIN, PASSWORD, is_in, member, try_password, with_app
from tests.surveys.makers import NOON

pytestmark = pytest.mark.django_db
ASK = f"{LOGIN}forgotten/"


@pytest.fixture
def mailed(settings: Settings) -> list[str]:
    """Mail goes by Django's own backend for tests."""
    settings.CHANNEL_GATEWAYS = {"email": "email"}
    settings.PASSWORD_HASHERS = FAST
    return []


@pytest.mark.parametrize(
    ("password", "is_good"),
    [
        ("short", False),
        ("eleven sign", False),
        ("twelve signs", False),
        ("k7#Qz!mvP2xL", True),
        ("1234567890123", False),
        ("qwertyuiop123", False),
        ("P@ssw0rd1234", False),
        ("Summer2026!!", False),
        ("michael19851985", False),
        ("Lovelace-Ada-1985", False),
        ("aaaaaaaaaaaa" * 100, False),
        ("Example-Company-2026", False),
        ("cxsurvey-admin1", False),
        ("our surveys need a green door", True),
        ("日本語の長い合言葉はここに", True),
        ("a green door in our street " * 5, True),
    ],
)
def test_what_is_a_password(password: str, *, is_good: bool) -> None:
    user = User(username="ada", first_name="Ada", last_name="Lovelace")
    if is_good:
        validate_password(password, user)
    else:
        with pytest.raises(ValidationError):
            validate_password(password, user)


def test_a_password_that_is_easy_to_guess_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password("Liverpool2019")
    assert refused.value.messages == [
        "This is similar to a commonly used password. Take four words that have nothing to do with each other."
    ]


def test_the_link_sets_a_password_once_and_the_second_factor_stays(
    mailed: list[str], mailoutbox: list[EmailMessage], settings: Settings
) -> None:
    user = member()
    with_app(user, NOON)
    there = Client()
    there.force_login(user)
    for email in ("ADA@cx.example", "nobody@cx.example"):
        answer = Client().post(ASK, {"email": email})
        assert "If somebody of the staff has this address" in answer.content.decode()
    assert [task.task["args"] for task in OrmQ.objects.order_by("pk")] == [
        ("ADA@cx.example",),
        ("nobody@cx.example",),
    ]
    for (email,) in [task.task["args"] for task in OrmQ.objects.order_by("pk")]:
        tasks.send_forgotten_password(email)
    (mail,) = mailoutbox
    (path,) = re.findall(r"/admin/login/new-password/\S+", str(mail.body))
    client, new = Client(), "a wet hill under a blue tram"
    form = client.get(path, follow=True)
    where = form.redirect_chain[-1][0]
    assert client.post(where, {"new_password1": "short", "new_password2": "short"}).status_code == 200
    done = client.post(where, {"new_password1": new, "new_password2": new})
    assert "Your new password holds" in done.content.decode()
    assert not is_in(client)
    assert not is_in(there)
    assert "has been used" in Client().get(path, follow=True).content.decode()
    assert try_password(client, new)["Location"] == CODE
    assert AuditEntry.objects.filter(action="changed", subject_type="password", subject_id=str(user.pk)).exists()
    assert not LoginSession.objects.filter(user=user).exists()


def test_nobody_is_flooded_with_links(mailed: list[str]) -> None:
    member()
    for _ in range(20):
        assert Client().post(ASK, {"email": "ada@cx.example"}).status_code == 200
    assert OrmQ.objects.count() == 5


def test_where_mail_reaches_nobody_there_is_no_such_page() -> None:
    assert Client().get(ASK).status_code == 404
    assert "Forgotten" not in Client().get(LOGIN).content.decode()


def test_fields_say_what_they_are_to_password_managers(mailed: list[str]) -> None:
    page = Client().get(LOGIN).content.decode()
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert "onpaste" not in page
    client = Client()
    client.force_login(member())
    change = client.get("/admin/password_change/").content.decode()
    assert change.count('autocomplete="new-password"') == 2
    assert 'autocomplete="current-password"' in change
    assert PASSWORD not in change
