"""What stands in place of a page: said in plain words, also where the database is gone, and as JSON to programs."""

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from contacts.models import BrandLimit
from cxsurvey.addressed import ALL_BRANDS
from tests.staff import client_of, member_of
from tests.surveys.makers import make_brand

BROKEN = {"sessionid": "a" * 32}
"""A session is looked for in the database, which these tests may not ask unless they say so: as if it were gone."""


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def words(answer: Any) -> str:
    assert answer["Content-Type"].startswith("text/html")
    return html.unescape(re.sub(r"<[^>]+>", "", answer.content.decode()))


def test_a_page_that_breaks_says_that_it_is_our_fault_and_when_without_asking_the_database(client: Client) -> None:
    client.cookies.load(BROKEN)
    answer = client.get("/admin/")
    assert answer.status_code == 500
    assert "It is an error of ours" in words(answer)
    assert re.search(r"it was on \d{4}-\d\d-\d\d at \d\d:\d\d:\d\d UTC", words(answer))
    assert 'href="/admin/"' in answer.content.decode()
    assert "RuntimeError" not in words(answer)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/nothing/", "The address is wrong, or what was here is gone"),
        ("/s/a/b/c/d", "Open the link in your message again."),
    ],
)
def test_an_address_that_leads_nowhere(client: Client, address: str, says: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert says in words(answer)


@pytest.mark.parametrize(("address", "status"), [("/s/a/b/c/d", 404), ("/s/look/ours.svg", 500)])
def test_customers_are_told_of_no_administrator(client: Client, address: str, status: int) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert "dministrator" not in words(answer)
    assert "/admin/" not in answer.content.decode()


def test_another_host_is_no_page_of_ours(client: Client) -> None:
    answer = client.get("/admin/login/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "This could not be read" in words(answer)


def test_who_has_not_the_right_is_told_who_gives_it(db: None, client: Client) -> None:
    answer = client_of("Analyst").get("/admin/retention/")
    assert answer.status_code == 403
    assert "ask an administrator" in words(answer)


def test_what_the_step_itself_says_is_said(db: None) -> None:
    BrandLimit.objects.create(user=member_of("CX manager"), brand=make_brand())
    answer = client_of("CX manager").get("/admin/retention/")
    assert answer.status_code == 403
    assert ALL_BRANDS in words(answer)


def test_a_form_of_another_login_is_refused_with_the_way_on(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create(username="ada", is_staff=True))
    answer = client.post("/admin/your-login/end-others/")
    assert answer.status_code == 403
    assert "load the page again and send it once more" in words(answer)


@pytest.mark.parametrize(("address", "accept"), [("/api/v1/nothing/", "*/*"), ("/nothing/", "application/json")])
def test_programs_get_json(client: Client, address: str, accept: str) -> None:
    answer = client.get(address, headers={"Accept": accept})
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})
    client.cookies.load(BROKEN)
    answer = client.get("/admin/", headers={"Accept": "application/json"})
    assert (answer.status_code, list(answer.json())) == (500, ["detail"])


def test_browsers_get_pages(client: Client) -> None:
    answer = client.get("/nothing/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert "There is nothing here" in words(answer)
