from pathlib import Path

import pytest
from django.test import Client

from cxsurvey.sample.access import USER, ensure_access, ensure_user
from tests.surveys.makers import NOON


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "demo.json"


def test_the_password_opens_the_admin_and_the_token_the_exports(db: None, client: Client, path: Path) -> None:
    access = ensure_access(ensure_user(), path, NOON)

    assert client.login(username=USER, password=access.password)
    exported = Client().get("/api/v1/exports/responses.csv", HTTP_AUTHORIZATION=f"Token {access.token}")
    assert exported.status_code == 200


def test_the_same_is_shown_again(db: None, path: Path) -> None:
    first = ensure_access(ensure_user(), path, NOON)

    assert ensure_access(ensure_user(), path, NOON) == first


def test_only_the_owner_can_read_it(db: None, path: Path) -> None:
    ensure_access(ensure_user(), path, NOON)

    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_what_opens_another_database_is_replaced(db: None, path: Path) -> None:
    former = ensure_access(ensure_user(), path, NOON)
    ensure_user().delete()

    access = ensure_access(ensure_user(), path, NOON)

    assert access != former
    assert ensure_user().check_password(access.password)


def test_the_user_is_a_manager_and_an_analyst_and_no_superuser(db: None) -> None:
    user = ensure_user()

    assert (user.is_staff, user.is_superuser) == (True, False)
    assert sorted(user.groups.values_list("name", flat=True)) == ["Analyst", "CX manager"]
    assert user.has_perm("recovery.change_followup")
    assert not user.has_perm("auth.change_user")
