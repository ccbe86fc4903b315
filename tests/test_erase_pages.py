"""Erasing a customer on the screen: by whom it may be done, what is said before, and what is left."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from contacts.models import Customer, Erased, Identifier, OptOut
from tests.staff import client_of
from tests.surveys.makers import make_customer
from tests.test_merge_pages import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Customer:
    return make_customer(name="Ada Example", email="ada@example.com", phone="+4740612345")


def erase(client: Client, customer: Customer, **form: str) -> tuple[int, str]:
    response = client.post(f"/admin/customers/{customer.pk}/erase/", form)
    return response.status_code, response.content.decode()


def test_the_customers_page_leads_there(ada: Customer) -> None:
    assert "Erase all that is known" in page(client_of("CX manager"), f"/admin/customers/{ada.pk}/")
    assert "Erase all that is known" not in page(client_of("Interviewer"), f"/admin/customers/{ada.pk}/")


def test_it_is_said_before_what_is_erased_and_what_is_left(ada: Customer) -> None:
    shown = page(client_of("CX manager"), f"/admin/customers/{ada.pk}/erase/")
    assert "Erased for good: names, addresses and ids" in shown
    assert Identifier.objects.count() == 2


def test_nothing_happens_before_somebody_is_sure(ada: Customer) -> None:
    status, shown = erase(client_of("CX manager"), ada, via="call")
    assert (status, Identifier.objects.count()) == (400, 2)
    assert "Tick this first" in shown


def test_an_unknown_way_is_refused(ada: Customer) -> None:
    assert erase(client_of("CX manager"), ada, via="import", sure="on")[0] == 400
    assert Identifier.objects.count() == 2


def test_erased_nothing_says_who_it_was_and_the_log_says_who_did_it(ada: Customer) -> None:
    manager = client_of("CX manager")
    assert erase(manager, ada, via="call", sure="on")[0] == 302
    ada.refresh_from_db()
    assert (ada.name, Identifier.objects.count(), OptOut.objects.get().via) == ("", 0, "call")
    assert Erased.objects.count() == 3
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.object_id, "Ada" in entry.object_repr) == ("CX manager", str(ada.pk), False)
    shown = page(manager, f"/admin/customers/{ada.pk}/")
    assert "Ada" not in shown
    assert "Erase all that is known" not in shown
    assert "was erased on" in page(manager, f"/admin/customers/{ada.pk}/erase/")


def test_a_look_erases_nothing_and_interviewers_may_not(ada: Customer) -> None:
    assert client_of("Interviewer").post(f"/admin/customers/{ada.pk}/erase/", {"sure": "on"}).status_code == 403
    assert Identifier.objects.count() == 2
