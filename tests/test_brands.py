"""Who reads only some brands finds nothing of the others, at no address, by no id, in a browser and with a token."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client

from analytics.reports import REPORTS
from contacts.brands import BELONGS, House, OfBrand, belonging, visible_to
from contacts.limited_admin import Limited
from contacts.models import Customer
from contacts.readers import Reader
from cxsurvey.addressed import OPEN, READ_BY_ALL, ROWS, WHOLE
from cxsurvey.exports import TABLES as EXPORTS
from tests.branded import World, limit, make_world
from tests.pristine import Shared
from tests.route_matrix import addresses, read_tables
from tests.staff import as_after, member_of, with_token
from tests.surveys.answer_links import everything_stored

pytestmark = pytest.mark.django_db
OWN, OTHERS = "qalpha", "qbeta"
ROLES = ("CX manager", "Analyst", "Interviewer")
FILLED = {
    "<slug:report_key>": list(REPORTS),
    "<str:name>": list(EXPORTS),
    "<slug:key>": ["json"],
    "<slug:kind>": ["svg"],
    "<str:file_format>": ["csv"],
    "<slug:gateway>": ["kannel"],
    "<slug:name>": ["close"],
}
"""What stands for the parts of addresses that name no row; an address with another part opens with a key of its own."""
NO_FILE = ("import-rejects", "imports-rejects")
"""Nothing was rejected."""


@pytest.fixture(scope="module")
def worlds(shared: Shared) -> tuple[World, World]:
    with shared():
        manager = member_of("CX manager")
        stranger = User.objects.create(username="stranger")
        own = make_world(OWN, "+447700900101", manager, answers=3)
        other = make_world(OTHERS, "+447700900102", stranger, answers=4)
        twin = make_world(f"{OTHERS}2", "+447700900101", stranger, answers=1)  # who is the same person
        for merged, into in ((twin.customer, own.customer), (own.other, other.other)):
            Customer.objects.filter(pk=merged.pk).update(merged_into=into.pk)
        return own, other


@pytest.fixture(scope="module")
def limited(worlds: tuple[World, World], shared: Shared) -> dict[str, Client]:
    """A browser of somebody in each role, and a program of each who may call the API, all limited to one brand."""
    with shared():
        clients = {}
        for role in ROLES:
            user = limit(member_of(role), worlds[0].brand)
            clients[role] = Client()
            clients[role].force_login(user)
            clients[f"token of {role}"] = with_token(user)
        return clients


@pytest.fixture(scope="module")
def of_all(worlds: tuple[World, World], shared: Shared) -> Client:
    with shared():
        root = User.objects.create(username="root", is_staff=True, is_superuser=True)
        client = Client()
        client.force_login(root)
        return client


def filled(pattern: str, name: str, world: World) -> Iterator[str]:
    """Yield the addresses of a pattern, with the world's rows in them; none where it needs a key."""
    for part, table in ROWS.get(name, {}).items():
        row = world.other.pk if part == "other_id" else world.pk(table)
        pattern = pattern.replace(f"<int:{part}>", str(row)).replace("<path:object_id>", str(row))
    pattern = pattern.replace("<int:question_id>", "0").replace("<int:number>", "1")
    several = next((part for part in FILLED if part in pattern), "")
    for value in FILLED.get(several, [""]):
        address = pattern.replace(several, value) if several else pattern
        if "<" not in address and "(?P" not in address:
            yield address


def asked(method: str) -> list[str]:
    return sorted({name for name, how in read_tables()["By role"] if how == method})


def said(answer: Any) -> str:
    """Everything that an answer says, its headers too."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return f"{dict(answer.headers)} {body.decode(errors='replace')}".casefold()


def clients_for(pattern: str, limited: Mapping[str, Client]) -> Iterator[tuple[str, Client]]:
    """Browsers everywhere; programs at the API."""
    for who, client in limited.items():
        if pattern.startswith("/api/") or not who.startswith("token"):
            yield who, as_after(client)


def test_every_model_of_ours_has_a_decision() -> None:
    ours = {model._meta.label_lower for room in ("contacts", "surveys", "analytics", "recovery", "cxsurvey")
            for model in apps.get_app_config(room).get_models()}  # fmt: skip
    assert sorted(ours - set(BELONGS)) == [], "Say in contacts/brands.py whose their rows are."
    assert sorted(set(BELONGS) - ours - {"auth.user"}) == []


def test_every_path_leads_to_rows(worlds: tuple[World, World]) -> None:
    reader = Reader(personal=True, brands=frozenset([worlds[0].brand.pk]), user_id=0)
    for label in BELONGS:
        rows = apps.get_model(label)._default_manager.all()
        assert visible_to(reader, rows).count() <= rows.count()
        assert not isinstance(belonging(rows.model), House) or not visible_to(reader, rows).exists()
    for label in worlds[0].rows:
        if isinstance(BELONGS[label], OfBrand):
            found = visible_to(reader, apps.get_model(label)._default_manager.all())
            assert found.filter(pk=worlds[0].pk(label)).exists(), label
            assert not found.filter(pk=worlds[1].pk(label)).exists(), label


def test_every_address_has_a_decision() -> None:
    listed = set(ROWS) | OPEN | WHOLE | READ_BY_ALL
    customers = {name for name in addresses() if name.startswith("answers:")}
    assert sorted(set(addresses()) - customers - listed) == [], "Say in cxsurvey/addressed.py what they name."
    assert sorted(listed - set(addresses())) == []


def test_every_table_of_the_admin_leaves_out_other_brands() -> None:
    addresses()  # which loads them
    assert all(isinstance(one, Limited) for one in admin.site._registry.values())


@pytest.mark.parametrize("name", asked("GET"))
def test_no_page_tells_of_another_brand(
    name: str, worlds: tuple[World, World], limited: Mapping[str, Client], of_all: Client
) -> None:
    pattern = addresses()[name]
    for address in filled(pattern, name, worlds[0]):
        for who, client in clients_for(pattern, limited):
            assert OTHERS not in said(client.get(address)), f"{who} at {address}"
    for address in filled(pattern, name, worlds[1]) if name in ROWS else ():
        assert as_after(of_all).get(address).status_code in (200, 302, 400) or name in NO_FILE, address
        for who, client in clients_for(pattern, limited):
            answer = client.get(address)
            assert (answer.status_code, OTHERS in said(answer)) == (404, False), f"{who} at {address}"


def test_nothing_of_another_brand_is_changed(worlds: tuple[World, World], limited: Mapping[str, Client]) -> None:
    besides = ("AuditEntry", "LoginSession", "ApiToken")  # which note who asked
    before = {table: rows for table, rows in everything_stored().items() if table not in besides}
    for name in asked("POST"):
        for address in filled(addresses()[name], name, worlds[1]) if name in ROWS else ():
            for who, client in clients_for(addresses()[name], limited):
                assert client.post(address, {"sent": "yes", "reason": "x"}).status_code == 404, f"{who} at {address}"
    after = everything_stored()
    assert {table: after[table] for table in before} == before


@pytest.mark.one_database
@pytest.mark.parametrize("role", ROLES[:2])
def test_no_table_of_the_admin_tells_of_another_brand(
    role: str, worlds: tuple[World, World], limited: Mapping[str, Client], of_all: Client
) -> None:
    client, seen = as_after(limited[role]), 0
    for model in admin.site._registry:
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        lists = [base, f"{base}?q=ann", f"{base}add/"]
        own, others = (
            [f"{base}{world.rows[model._meta.label_lower].pk}/{page}/" for page in ("change", "history", "delete")]
            if model._meta.label_lower in world.rows
            else []
            for world in worlds
        )
        for address in (*lists, *own, *others):
            text = said(client.get(address, follow=True))
            assert OTHERS not in text, f"{role} at {address}"
            seen += OWN in text
        for address in others:
            assert client.get(address).status_code in (302, 403, 404), address
        seen_by_all = said(as_after(of_all).get(base, follow=True))
        assert (OTHERS in seen_by_all) or model._meta.label_lower not in ("contacts.customer", "surveys.program")
    assert seen > 3, "The reader sees what is his own."
