"""Whoever may not see names, addresses and comments walks every page and every address, and sees none of them."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django import Settings

from analytics.reports import REPORTS
from contacts.models import Brand, Customer, Touchpoint
from contacts.scopes import TokenScope
from cxsurvey.exports import TABLES
from recovery.models import FollowUp
from surveys.models import Answer, CallCase, IncomingSms, Response
from tests.canaries import ASKED, CANARY, EMPTY, make_world, tables_without_rows
from tests.pristine import Shared
from tests.route_matrix import addresses, place, read_tables
from tests.staff import as_after, client_of, member_of, with_token

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
GETS = sorted(name for name, method in read_tables()["By role"] if method == "GET")
SEEN_FROM = 25
"""So many of the addresses show a canary to who may see names, or the walk would prove nothing."""


@pytest.fixture(scope="module")
def follow_up(shared: Shared) -> FollowUp:
    with shared():
        return make_world(member_of("CX manager"))


@pytest.fixture(scope="module")
def walkers(follow_up: FollowUp, shared: Shared) -> dict[str, Client]:
    """Those who may not see names: an analyst, somebody with every other right, and a token of an administrator."""
    with shared():
        careful = User.objects.create(username="careful", is_staff=True)
        careful.user_permissions.set(Permission.objects.exclude(codename="see_personal"))
        browser = Client()
        browser.force_login(careful)
        root = User.objects.create(username="root", is_staff=True, is_superuser=True)
        token = with_token(root, *(scope for scope in TokenScope.values if scope != TokenScope.PERSONAL))
        seer = Client()
        seer.force_login(root)
        return {"analyst": client_of("Analyst"), "careful": browser, "token": token, "seer": seer}


def listed(follow_up: FollowUp) -> Iterator[str]:
    """Yield every address of tests/routes.txt that is read, with rows behind it."""
    known = addresses()
    pks = {"reply": IncomingSms.objects.all()[0].pk, "call": CallCase.objects.all()[0].pk}
    for name in GETS:
        if pk := pks.get(name.partition("-")[0]):
            yield known[name].replace("<int:pk>", str(pk))
        else:
            yield place(name, known[name], follow_up)


def of_the_admin() -> Iterator[str]:
    """Yield every table of the admin: its list, also searched, and the pages of one of its rows."""
    for table in admin.site._registry:
        base = f"/admin/{table._meta.app_label}/{table._meta.model_name}/"
        yield from (base, f"{base}?q={ASKED}", f"{base}add/")
        for row in table._default_manager.all()[:1]:
            yield from (f"{base}{row.pk}/{page}/" for page in ("change", "history", "delete"))


def with_questions(follow_up: FollowUp) -> Iterator[str]:
    """Yield what else can be asked: every export, report and grouping, and filters by what is hidden."""
    for name in TABLES:
        yield from (f"/api/v1/exports/{name}.{kind}" for kind in ("csv", "ndjson"))
    survey = Response.objects.all()[0].version.survey.slug
    yield f"/api/v1/exports/responses.csv?{urlencode({'shape': 'wide', 'survey': survey})}"
    for key in REPORTS:
        yield from (f"/admin/report/{key}/", f"/api/v1/reports/{key}/")
    yield from (f"/api/v1/scores/?by={by}" for by in ("agent", "team"))
    yield from ("/admin/comments/?mood=unhappy", f"/admin/report/touchpoints/?agent={ASKED}")
    yield f"/admin/contacts/eventmeaning/add/?{urlencode({'source': 1, 'name': 'Bought'})}"
    yield f"/admin/customers/{follow_up.customer_id}/same-person/?q={ASKED}"


def every_address(follow_up: FollowUp) -> Iterator[str]:
    """Yield all of these."""
    yield from listed(follow_up)
    yield from of_the_admin()
    yield from with_questions(follow_up)


def sees(client: Client, address: str) -> bool:
    """Whether a canary stands in what comes back, also in its headers."""
    answer = client.get(address)
    body = answer.getvalue() if answer.streaming else answer.content
    return CANARY in body.decode(errors="replace") + str(dict(answer.headers))


def test_every_table_with_something_hidden_holds_a_canary(follow_up: FollowUp) -> None:
    assert set(tables_without_rows()) == EMPTY
    assert Customer.objects.filter(name__contains=CANARY).exists()
    assert Touchpoint.objects.filter(agent__contains=CANARY).exists()
    assert Answer.objects.filter(text__contains=CANARY).exists()


@pytest.mark.parametrize("who", ["analyst", "careful", "token"])
def test_nobody_without_the_right_sees_a_name_an_address_or_a_comment(
    who: str, walkers: dict[str, Client], follow_up: FollowUp, settings: Settings
) -> None:
    settings.EXPORTS_PER_MINUTE = 0
    client = as_after(walkers[who])
    found = [address for address in every_address(follow_up) if sees(client, address)]
    assert found == [], found


def test_whoever_has_the_right_sees_them(walkers: dict[str, Client], follow_up: FollowUp, settings: Settings) -> None:
    settings.EXPORTS_PER_MINUTE = 0
    client = as_after(walkers["seer"])
    found = [address for address in every_address(follow_up) if sees(client, address)]
    assert len(found) >= SEEN_FROM, found


def test_what_is_hidden_is_no_filter_and_no_order(walkers: dict[str, Client], follow_up: FollowUp) -> None:
    careful, seer = as_after(walkers["careful"]), as_after(walkers["seer"])
    asked = f"/admin/contacts/touchpoint/?agent__startswith={ASKED}"
    assert (careful.get(asked).status_code, seer.get(asked).status_code) == (400, 200)
    by_name = "/admin/contacts/touchpoint/?o=4"
    orders = [client.get(by_name).context["cl"].get_ordering_field("person") for client in (careful, seer)]
    assert orders == [None, "customer__name"]
    number = follow_up.customer_id
    assert f"Customer {number}" in careful.get(f"/admin/contacts/customer/?q={number}").content.decode()
    found = [
        client.get(f"/admin/contacts/customer/?q={ASKED}").context["cl"].result_count for client in (careful, seer)
    ]
    assert found[0] == 0 < found[1]
    for door in (f"/admin/report/touchpoints/?agent={ASKED}", f"/api/v1/scores/?agent={ASKED}"):
        assert careful.get(door).status_code == 403
    refused = careful.get("/api/v1/exports/touchpoints.csv?columns=agent")
    assert refused.status_code == 403
    assert "agent is hidden from you" in refused.json()["detail"]


def test_what_holds_nothing_personal_is_changed_as_before(walkers: dict[str, Client], follow_up: FollowUp) -> None:
    brand = Brand.objects.all()[0]
    form = {"slug": brand.slug, "name": "Another name", "default_language": "en"}
    inline = {f"look-{name}": value for name, value in (("TOTAL_FORMS", 0), ("INITIAL_FORMS", 0))}
    answer = as_after(walkers["careful"]).post(f"/admin/contacts/brand/{brand.pk}/change/", form | inline)
    assert (answer.status_code, Brand.objects.get(pk=brand.pk).name) == (302, "Another name")
