"""Logins end: unused, after hours, with a password, by their user, by an administrator; nothing typed is lost."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from cxsurvey.login.session_store import SessionStore
from cxsurvey.login.sessions import in_words
from cxsurvey.login.tables import LoginSession, stored_key
from cxsurvey.models import AuditEntry
from tests.clock import Clock, set_clock
from tests.login.staff import FAST, LOGIN, PASSWORD, YOURS, is_in, member, try_password
from tests.staff import client_of
from tests.surveys.makers import NOON, make_case, make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = FAST


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return set_clock(monkeypatch, NOON)


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_login_ends_half_an_hour_after_its_last_request(clock: Clock) -> None:
    client = logged_in(member())
    for _ in range(3):
        clock.pass_by(minutes=27)
        assert is_in(client)
    clock.pass_by(minutes=31)
    assert not is_in(client)


def test_a_login_ends_after_twelve_hours_however_busy(clock: Clock) -> None:
    client = logged_in(member())
    for _ in range(12 * 3 - 1):
        clock.pass_by(minutes=20)
        assert is_in(client)
    clock.pass_by(minutes=20)
    assert not is_in(client)


def test_a_request_writes_nothing_for_it_but_every_two_minutes(clock: Clock) -> None:
    client = logged_in(member())
    is_in(client)
    written = []
    for minutes in (1, 2, 0.5):
        clock.pass_by(minutes=minutes)
        with CaptureQueriesContext(connection) as queries:
            is_in(client)
        written.append(sum(not query["sql"].startswith("SELECT") for query in queries.captured_queries))
    assert written == [0, 1, 0]


def test_a_page_that_asks_by_itself_keeps_nobody_logged_in(clock: Clock) -> None:
    client, case = client_of("Interviewer"), make_case()
    for _ in range(4):
        clock.pass_by(minutes=10)
        answer = client.get(f"/calls/{case.pk}/state/")
    assert answer.status_code == 302


def test_work_on_a_call_keeps_the_interviewer_logged_in(clock: Clock) -> None:
    client, case = client_of("Interviewer"), make_case()
    for _ in range(4):
        clock.pass_by(minutes=10)
        answer = client.post(f"/calls/{case.pk}/hold/")
    assert answer.status_code == 200


def test_what_was_sent_too_late_is_kept_for_the_same_person(clock: Clock, settings: Settings) -> None:
    user, customer = member(is_superuser=True), make_customer()
    here, there, page = logged_in(user), logged_in(user), f"/admin/customers/{customer.pk}/opt-out/"
    wish = {"channel": "email", "via": "call", "wording": "No more <mails>"}
    clock.pass_by(minutes=31)
    for client in (here, there):
        assert client.post(page, wish)["Location"] == f"{LOGIN}?next=/admin/kept-form/"
    assert customer.opt_outs.count() == 0

    try_password(there, name=member("max").username)
    assert there.get("/admin/kept-form/")["Location"] == "/admin/"

    here.post(f"{LOGIN}?next=/admin/kept-form/", {"username": "ada", "password": PASSWORD})
    stored = " ".join(str(SessionStore().decode(row.session_data)) for row in LoginSession.objects.all())
    assert "sealed" in stored
    assert [word for word in ("mails", "opt-out/") if word in stored] == [], "nobody who erases her looks there"
    kept = here.get("/admin/kept-form/").content.decode()
    assert 'value="No more &lt;mails&gt;"' in kept
    assert f'action="{page}"' in kept
    assert here.post(page, wish).status_code == 302
    assert customer.opt_outs.count() == 1
    assert here.get("/admin/kept-form/")["Location"] == "/admin/"


@pytest.mark.parametrize("lost", ["the key", "the time"])
def test_what_was_kept_is_gone_with_its_key_or_its_time(clock: Clock, lost: str) -> None:
    client, customer = logged_in(member(is_superuser=True)), make_customer()
    clock.pass_by(minutes=31)
    client.post(f"/admin/customers/{customer.pk}/opt-out/", {"channel": "email", "via": "call"})
    try_password(client)
    clock.pass_by(minutes=16)
    assert client.get("/admin/kept-form/").status_code == 200
    if lost == "the key":
        del client.cookies["kept"]
    else:
        clock.pass_by(minutes=16)
    assert client.get("/admin/kept-form/")["Location"] == "/admin/"


def test_what_strangers_send_is_not_kept() -> None:
    client = Client()
    client.cookies["sessionid"] = "0123456789abcdef0123456789abcdef"
    assert client.post("/admin/customers/1/opt-out/", {"channel": "email"})["Location"].endswith("opt-out/")
    assert LoginSession.objects.count() == 0


def test_a_login_has_a_key_of_its_own_and_knows_whence() -> None:
    member()
    client = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"})
    client.session.save()
    before = client.cookies["sessionid"].value
    try_password(client)
    row = LoginSession.objects.get(user__username="ada")
    assert row.session_key == stored_key(client.cookies["sessionid"].value) != stored_key(before)
    assert (row.address, in_words(row.browser)) == ("127.0.0.1", "Firefox on Linux")
    page = client.get(YOURS).content.decode()
    assert "Firefox on Linux" in page
    assert "This one" in page


def test_what_stands_in_the_database_logs_nobody_in() -> None:
    client = logged_in(member())
    key = client.cookies["sessionid"].value
    assert is_in(client)
    assert key not in str(list(LoginSession.objects.values()))
    for stolen in (LoginSession.objects.get().session_key, key[::-1]):
        client.cookies["sessionid"] = stolen
        assert not is_in(client)


def test_a_session_is_found_renewed_and_ended_by_the_key_in_its_cookie() -> None:
    store = SessionStore()
    store["held"] = 1
    store.save()
    old = str(store.session_key)
    store.cycle_key()
    assert [store.exists(str(key)) for key in (old, store.session_key)] == [False, True]
    assert SessionStore(store.session_key)["held"] == 1
    store.flush()
    assert (store.session_key, LoginSession.objects.count()) == (None, 0)

    made_up = SessionStore(old)
    made_up["held"] = 2
    made_up.save()
    assert made_up.session_key != old


def end_others(client: Client, user: User) -> None:
    client.post(f"{YOURS}end-others/")


def change_password(client: Client, user: User) -> None:
    new = "a wet hill under a blue tram"
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/admin/password_change/", fields).status_code == 302


def be_given_a_password(client: Client, user: User) -> None:
    new = "a wet hill under a blue tram"
    page = f"/admin/auth/user/{user.pk}/password/"
    answer = client.post(page, {"password1": new, "password2": new, "usable_password": "true"})
    assert answer.status_code == 302, answer.content


@pytest.mark.parametrize("act", [end_others, change_password, be_given_a_password])
def test_others_end_and_the_own_stays(act: Callable[[Client, User], None]) -> None:
    user = member(is_superuser=True)
    here, there, another = logged_in(user), logged_in(user), logged_in(member("max"))
    act(here, user)
    assert [is_in(client) for client in (here, there, another)] == [True, False, True]
    assert LoginSession.objects.filter(user=user).count() == 1
    assert AuditEntry.objects.filter(action="logged_out", subject_id=str(user.pk), details={"logins": "1"}).exists()


def test_the_old_password_is_guessed_no_faster_than_at_the_login() -> None:
    client, new = logged_in(member()), "a wet hill under a blue tram"
    for old in [*["wrong"] * 5, PASSWORD]:
        fields = {"old_password": old, "new_password1": new, "new_password2": new}
        page = client.post("/admin/password_change/", fields, follow=True).content.decode()
    assert "Too many wrong tries" in page
    assert User.objects.get().check_password(PASSWORD)


def test_an_administrator_ends_the_logins_of_somebody_else() -> None:
    user, root = member(), logged_in(member("root", is_superuser=True))
    theirs = logged_in(user)
    root.post(f"/admin/users/{user.pk}/login/end/")
    assert not is_in(theirs)
    entry = AuditEntry.objects.get(action="logged_out")
    assert (entry.by and entry.by.username, entry.subject_id) == ("root", str(user.pk))


def test_who_may_not_log_in_any_more_is_out_at_once() -> None:
    user, root = member(), logged_in(member("root", is_superuser=True))
    theirs = logged_in(user)
    fields = {"username": "ada", "is_staff": "on", "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    fields |= {"brand_limits-TOTAL_FORMS": "0", "brand_limits-INITIAL_FORMS": "0"}
    answer = root.post(f"/admin/auth/user/{user.pk}/change/", fields)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert not is_in(theirs)
    assert not LoginSession.objects.filter(user=user).exists()


def test_an_administrators_login_is_for_administrators(settings: Settings) -> None:
    from django.contrib.auth.models import Permission

    helper, root = member(), member("root", is_superuser=True)
    helper.user_permissions.add(Permission.objects.get(codename="change_user"))
    client = logged_in(helper)
    for step in ("reset", "end", "unlock"):
        assert client.post(f"/admin/users/{root.pk}/login/{step}/").status_code == 403
    assert client.get(f"/admin/users/{helper.pk}/login/").status_code == 200
