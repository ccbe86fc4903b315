"""Who gets what at every address: tests/routes.txt is right, and nothing is missing in it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from recovery.followups import open_due
from recovery.models import FollowUp
from tests.pristine import Shared
from tests.route_matrix import FILE, ROLES, SCOPES, Row, addresses, letters, line, place, read_tables, said, told
from tests.staff import as_after, client_of, with_token
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON

pytestmark = pytest.mark.django_db
TABLES = read_tables()
BY_ROLE, BY_SCOPE, IN_ADMIN = TABLES["By role"], TABLES["By the scope of an administrator's token"], TABLES["Admin"]


@pytest.fixture(scope="module")
def follow_up(shared: Shared) -> FollowUp:
    with shared():
        make_response(1)
        open_due(NOON)
        return FollowUp.objects.select_related("response__version").get()


@pytest.fixture(scope="module")
def logins(shared: Shared) -> dict[str, Client]:
    with shared():
        root = User.objects.create(username="root", is_staff=True, is_superuser=True)
        administrator = Client()
        administrator.force_login(root)
        people = {role: client_of(role.replace("-", " ")) for role in ROLES[1:-1]}
        return {"nobody": Client(), **people, "administrator": administrator}


@pytest.fixture(scope="module")
def programs(logins: Mapping[str, Client], shared: Shared) -> dict[str, Client]:
    with shared():
        return {scope: with_token(User.objects.get(username="root"), scope) for scope in SCOPES}


@contextmanager
def undone() -> Iterator[None]:
    """Take back in the database whatever was done."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_every_address_has_a_row() -> None:
    known, listed = addresses(), {name for name, _ in BY_ROLE}
    assert sorted(set(known) - listed) == [], f"Add them to {FILE.name}."
    assert sorted(listed - set(known)) == [], f"Take them out of {FILE.name}."
    of_api = {name for name, pattern in known.items() if pattern.startswith("/api/")}
    assert {name for name, _ in BY_SCOPE} == of_api
    models = {f"{model._meta.app_label}.{model._meta.model_name}" for model in admin.site._registry}
    assert {name for name, _ in IN_ADMIN} == models


def row_of(name: str, method: str, follow_up: FollowUp, clients: Mapping[str, Client]) -> Row:
    with undone():
        url = place(name, addresses()[name], follow_up)
        found = []
        for login in clients.values():
            with undone():
                found.append(told(as_after(login), method, url))
        return tuple(found)


@pytest.mark.parametrize(("name", "method"), sorted(BY_ROLE))
def test_each_role_gets_what_the_table_says(
    name: str, method: str, follow_up: FollowUp, logins: Mapping[str, Client]
) -> None:
    assert line(name, method, row_of(name, method, follow_up, logins)) == line(name, method, BY_ROLE[name, method])


@pytest.mark.parametrize(("name", "method"), sorted(BY_SCOPE))
def test_each_token_gets_what_the_table_says(
    name: str, method: str, follow_up: FollowUp, programs: Mapping[str, Client]
) -> None:
    assert line(name, method, row_of(name, method, follow_up, programs)) == line(name, method, BY_SCOPE[name, method])


@pytest.mark.parametrize(
    "role", [*(pytest.param(role, marks=pytest.mark.one_database) for role in ROLES[1:-1]), ROLES[-1]]
)
def test_the_admins_tables_follow_the_roles_rights(role: str, logins: Mapping[str, Client]) -> None:
    client, column = as_after(logins[role]), ROLES.index(role) - 1
    found = {}
    for model, model_admin in admin.site._registry.items():
        with undone():
            key = f"{model._meta.app_label}.{model._meta.model_name}", "*"
            found[key] = (letters(client, model_admin),)
    assert said({key: (row[column],) for key, row in IN_ADMIN.items()}, found) == []


def test_nobody_and_no_outsider_gets_into_the_admin() -> None:
    outsider = Client()
    outsider.force_login(User.objects.create(username="outsider"))
    for client in (Client(), outsider):
        assert told(client, "GET", "/admin/") == "login"
        assert {letters(client, model_admin) for model_admin in admin.site._registry.values()} == {"-"}


def test_no_row_promises_an_error() -> None:
    for table in TABLES.values():
        assert not any(word.startswith("5") for row in table.values() for word in row if word != "503")
