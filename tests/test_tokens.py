"""Tokens of the API: the user's rights and the token's scopes, both; made and shown once; ended, revoked, replaced."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from contacts.scopes import TokenScope
from cxsurvey.models import ApiToken, AuditEntry
from cxsurvey.tokens import hash_of, make_token
from tests.staff import client_of, member_of, with_token
from tests.surveys.makers import NOON, make_customer

pytestmark = pytest.mark.django_db
LIST = "/admin/cxsurvey/apitoken/"


def made(user: User, *scopes: str, lives: timedelta | None = None, at=None) -> ApiToken:
    return make_token(ApiToken(name="Nightly", user=user, scopes=scopes), at=at or timezone.now(), lives=lives)


def status_of(token: ApiToken, url: str = "/api/v1/scores/") -> int:
    return Client(headers={"Authorization": f"Token {token.text}"}).get(url).status_code


@pytest.fixture
def root() -> Client:
    client = Client()
    client.force_login(User.objects.create(username="root", is_staff=True, is_superuser=True))
    return client


# --- What a token opens ---------------------------------------------------------------------------------------------

DOORS = {
    "/api/v1/scores/": "scores",
    "/api/v1/reports/delivery/": "scores",
    "/api/v1/policy/": "scores",
    "/api/v1/responses/": "export",
    "/api/v1/exports/decisions.csv": "export",
    "/api/v1/customers/{}/eligibility/?channel=email": "personal",
}


@pytest.mark.parametrize("url", DOORS)
def test_a_token_opens_what_it_was_made_for_and_nothing_else(url: str) -> None:
    url = url.format(make_customer().pk)
    root = User.objects.create(username="root", is_superuser=True)
    scope = next(DOORS[door] for door in DOORS if door.split("{")[0] in url)
    opened = {each for each in TokenScope if with_token(root, each).get(url).status_code == 200}
    assert opened == {scope}


def test_a_scope_lends_no_right_that_the_user_has_not() -> None:
    assert status_of(made(member_of("Interviewer"), *TokenScope)) == 403


def test_publishing_the_policy_needs_a_scope_of_its_own() -> None:
    manager = member_of("CX manager")
    body = {"policy": {}, "why": "Because"}
    url = "/api/v1/policy/"
    assert with_token(manager, "scores", "write").post(url, body, "application/json").status_code == 403
    assert with_token(manager, "policy").post(url, body, "application/json").status_code == 201
    assert AuditEntry.objects.filter(action="added", subject_type="contacts.policyversion").count() == 1


def test_whoever_is_refused_is_told_which_scope_is_missing() -> None:
    answer = with_token(member_of("Analyst"), "scores").get("/api/v1/responses/")
    assert (answer.status_code, "scope “export”" in answer.json()["detail"]) == (403, True)


def test_the_description_of_the_api_is_open_to_any_token() -> None:
    assert with_token(member_of("Analyst"), "receipts").get("/api/schema/").status_code == 200


# --- How it ends ----------------------------------------------------------------------------------------------------


def test_a_token_ends_is_revoked_and_goes_with_its_user() -> None:
    analyst = member_of("Analyst")
    ended = made(analyst, "scores", lives=timedelta(days=1), at=NOON)
    lives = made(analyst, "scores", lives=timedelta(days=1))
    assert (status_of(ended), status_of(lives)) == (401, 200)
    ApiToken.objects.filter(pk=lives.pk).update(revoked_at=NOON)
    assert status_of(lives) == 401
    other = made(analyst, "scores")
    User.objects.update(is_active=False)
    assert status_of(other) == 401


@pytest.mark.parametrize("header", ["Token", "Token x", "Token a b", "Token é", "Bearer x"])
def test_what_is_no_token_opens_nothing(header: str) -> None:
    assert Client(headers={"Authorization": header}).get("/api/v1/scores/").status_code == 401


def test_only_the_hash_is_kept() -> None:
    token = made(member_of("Analyst"), "scores")
    assert token.text not in str(ApiToken.objects.values().get())
    assert ApiToken.objects.get().hash == hash_of(token.text)


def test_the_last_use_is_kept_to_within_minutes() -> None:
    token = made(member_of("Analyst"), "scores")
    status_of(token)
    first = ApiToken.objects.get().last_used_at
    status_of(token)
    assert first
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(minutes=11))
    status_of(token)
    assert ApiToken.objects.get().last_used_at != first - timedelta(minutes=11)


# --- The admin ------------------------------------------------------------------------------------------------------


def test_an_administrator_makes_one_and_sees_it_once(root: Client) -> None:
    user = member_of("Analyst")
    asked = {"name": "Nightly", "user": user.pk, "scopes": ["export", "scores"], "days": 30}
    page = root.post(f"{LIST}add/", asked)
    text = re.findall(r"<code>([0-9a-f]{64})</code>", page.content.decode())[0]
    token = ApiToken.objects.get()
    assert (token.scopes, token.user) == (["scores", "export"], user)
    assert token.created_by == User.objects.get(username="root")
    assert Client(headers={"Authorization": f"Token {text}"}).get("/api/v1/scores/").status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert text not in str([*get_messages(page.wsgi_request), *page.cookies.values()])
    for again in (LIST, f"{LIST}{token.pk}/change/", f"{LIST}{token.pk}/history/"):
        assert text not in root.get(again).content.decode()
    assert AuditEntry.objects.filter(action="added", subject_type="cxsurvey.apitoken", subject_id=token.pk).exists()


@pytest.mark.parametrize("wrong", [{"scopes": []}, {"scopes": ["all"]}, {"days": 0}, {"name": ""}, {"user": 0}])
def test_what_makes_no_token_is_refused(root: Client, wrong: dict[str, object]) -> None:
    asked = {"name": "Nightly", "user": member_of("Analyst").pk, "scopes": ["export"], "days": 30} | wrong
    assert "errornote" in root.post(f"{LIST}add/", asked).content.decode() or not ApiToken.objects.exists()
    assert not ApiToken.objects.exists()


def test_nobody_makes_a_token_that_lends_the_rights_of_another() -> None:
    member_of("CX manager").user_permissions.set(Permission.objects.filter(content_type__model="apitoken"))
    other = User.objects.create(username="root", is_superuser=True)
    manager = client_of("CX manager")
    asked = {"name": "Mine", "user": other.pk, "scopes": ["export"], "days": 30}
    manager.post(f"{LIST}add/", asked)
    assert not ApiToken.objects.exists()
    manager.post(f"{LIST}add/", asked | {"user": member_of("CX manager").pk})
    assert ApiToken.objects.exists()


def test_revoking_is_one_action_and_on_record(root: Client) -> None:
    token = made(member_of("Analyst"), "scores")
    page = root.post(LIST, {"action": "revoke", "_selected_action": [token.pk]}, follow=True).content.decode()
    assert ("Revoked: 1." in page, "Revoked on" in page) == (True, True)
    assert status_of(token) == 401
    assert AuditEntry.objects.filter(action="changed", subject_type="cxsurvey.apitoken").count() == 1


def test_a_token_is_never_changed_or_deleted_there(root: Client) -> None:
    token = made(member_of("Analyst"), "scores")
    root.post(f"{LIST}{token.pk}/change/", {"name": "Other", "scopes": list(TokenScope)})
    assert root.post(f"{LIST}{token.pk}/delete/", {"post": "yes"}).status_code == 403
    assert (ApiToken.objects.get().name, ApiToken.objects.get().scopes) == ("Nightly", ["scores"])


# --- The command ----------------------------------------------------------------------------------------------------


def test_the_command_makes_one_that_reads(capsys: pytest.CaptureFixture[str]) -> None:
    member_of("Analyst")
    call_command("api_token", "Analyst", "--name", "Laptop", "--scopes", "export")
    token = ApiToken.objects.get()
    assert (token.name, token.scopes, token.hash) == ("Laptop", ["export"], hash_of(capsys.readouterr().out.strip()))
