"""Pages of questions come from molds: nothing of one customer is on another's page, and what changes shows at once."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import escape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from contacts.models import Brand
from contacts.newest import refresh
from surveys import survey_pages
from surveys.links import token
from surveys.models import Invitation, Look, Response, SurveyVersion
from tests.surveys.answer_links import address, invite, seen
from tests.surveys.asked import ask, every_kind, make_asked, page
from tests.surveys.makers import make_brand, make_customer, make_touchpoint

pytestmark = pytest.mark.django_db
CHANGING = re.compile(r'nonce="[^"]+"|(?<=name="home.at" value=")[^"]+')
"""What differs each time that the same page is loaded."""


def html(response: Any) -> str:
    return CHANGING.sub("", response.content.decode())


def forget() -> None:
    survey_pages._mold.cache_clear()


def personal(version: SurveyVersion, name: str, **fields: Any) -> Invitation:
    """An invitation of a customer with this name, about a visit of her own."""
    customer = make_customer(name=name, **{key: fields.pop(key) for key in ("language",) if key in fields})
    visit = make_touchpoint(customer, occurred_at=fields.pop("occurred_at", timezone.now()))
    return invite(version, customer=customer, touchpoint=visit, **fields)


def greeting(**fields: Any) -> SurveyVersion:
    questions = (
        ask("score", required=True, text="Hello {name}, would you recommend {brand} after {visit}?"),
        ask("reason", "text", text="Why, {name}?", help="It takes {seconds} seconds."),
        page("more", "choice", options="speed price staff", details={"shuffle": True}),
    )
    return make_asked(*questions, languages=("en", "de"), **fields)


# --- Of one's own ---------------------------------------------------------------------------------------------------


def test_a_page_from_the_mold_of_others_is_the_one_that_a_new_mold_makes(client: Client) -> None:
    version = greeting()
    ada, eve = personal(version, "Ada <b>Lovelace</b>"), personal(version, "Eve & {brand}")
    forget()
    alone = [html(client.get(address(one))) for one in (ada, ada)]
    forget()
    client.get(address(eve))
    assert [html(client.get(address(ada))), alone[1]] == alone
    assert survey_pages._mold.cache_info().currsize == 1


def test_facts_are_escaped_and_read_neither_as_placeholders_nor_as_marks(client: Client) -> None:
    for name in ("<script>alert(1)</script>", "{brand} {visit}", "%(nonce)s", '" onfocus="x', "&amp;"):
        shown = client.get(address(personal(greeting(), name)))
        assert f"Hello {escape(name)}, would" in shown.content.decode()
        assert f"Why, {name}?" in seen(shown)
        assert "\0" not in shown.content.decode()


def test_whose_name_we_do_not_know_is_greeted_without_one(client: Client) -> None:
    version = greeting()
    assert "Hello Ada, would" in seen(client.get(address(personal(version, "Ada"))))
    assert "Hello, would" in seen(client.get(address(personal(version, ""))))


def test_what_was_chosen_in_advance_sent_wrongly_or_kept_stays_with_who_did_it(client: Client) -> None:
    version = greeting()
    ada, eve, plain = (personal(version, name) for name in ("Ada", "Eve", "Ida"))
    before = html(client.get(address(plain)))
    assert 'value="9" required checked' in client.get(f"{address(ada)}?score=9").content.decode()
    wrong = client.post(address(eve), {"reason": "Only Eve says <this>"})
    assert wrong.status_code == 422
    assert "Only Eve says &lt;this&gt;" in wrong.content.decode()
    assert client.post(address(ada), {"score": "3", "reason": "Only Ada says this"}).status_code == 303
    assert "Only Ada says this" in client.get(address(ada, "/1")).content.decode()
    assert html(client.get(address(plain))) == before


@pytest.mark.django_db(transaction=True)
def test_of_many_customers_at_once_each_sees_her_own_page() -> None:
    versions = [greeting(brand=make_brand(name)) for name in ("Fjord & Fell", "Mistral")]
    links = [
        personal(version, f"Customer {n}{version.pk}", language=language, occurred_at=at)
        for n in range(4)
        for version in versions
        for language, at in (("en", timezone.now()), ("de", timezone.now() - timedelta(days=3)))
    ]
    forget()

    def look(invitation: Invitation) -> tuple[Invitation, str]:
        try:
            return invitation, Client().get(address(invitation)).content.decode()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        shown = list(threads.map(look, links * 3))
    names = {one.customer.name for one in links}
    for invitation, text in shown:
        assert {name for name in names if f"{name}," in text} == {invitation.customer.name}
        assert set(re.findall(r"/s/([^/?\"]+)", text)) == {token(invitation)}
        assert f'<html lang="{invitation.customer.language}"' in text
        assert (escape("Fjord & Fell") in text) is (invitation.version_id == versions[0].pk)
        assert ("Mistral" in text) is (invitation.version_id == versions[1].pk)


def test_every_kind_of_question_looks_the_same_from_a_mold_as_for_the_first_customer(client: Client) -> None:
    version = make_asked(*every_kind(), languages=("en", "ar"))
    for query in ("", "?lang=ar", "?score=7", "?score=7&lang=ar"):
        one, other = invite(version), invite(version)
        forget()
        first = html(client.get(address(one) + query))
        again = html(client.get(address(other) + query))
        assert again.replace(token(other), token(one)) == first


# --- At once --------------------------------------------------------------------------------------------------------


def changes(version: SurveyVersion) -> Iterator[tuple[str, Any]]:
    """What a manager can change of a published survey's page, and what the page then says."""
    brand = version.survey.brand
    yield "Harbour Coffee", lambda: Brand.objects.filter(pk=brand.pk).update(name="Harbour Coffee")
    yield "1 Quay Street", lambda: Brand.objects.filter(pk=brand.pk).update(legal_lines="1 Quay Street")
    yield "#7a1f4e", lambda: Look.objects.create(brand=brand, colour="#7a1f4e")
    yield "about 48 seconds", lambda: SurveyVersion.objects.filter(pk=version.pk).update(seconds=48)
    yield "closed", lambda: SurveyVersion.objects.filter(pk=version.pk).update(state="closed")


def test_what_a_manager_changes_is_on_the_next_page(client: Client) -> None:
    version = greeting()
    link = address(personal(version, "Ada"))
    for told, change in changes(version):
        assert told not in client.get(link).content.decode(), told
        change()
        assert told in client.get(link).content.decode(), told


def test_another_time_is_offered_only_while_the_link_is_open_then(client: Client) -> None:
    version = greeting()
    long, short = (personal(version, "Ada", closes_at=timezone.now() + timedelta(days=days)) for days in (30, 2))
    assert [client.get(address(one)).content.decode().count('name="days"') for one in (long, short)] == [4, 3]


# --- What it costs --------------------------------------------------------------------------------------------------


def test_looking_takes_one_statement_and_renders_nothing_that_others_have_seen(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    version = greeting()
    client.get(address(personal(version, "Ada")))
    made = survey_pages._mold.cache_info().misses
    for query in ("", "?utm_source=mail", "?score=99"):
        link = address(personal(version, "Eve"))
        with django_assert_num_queries(1):
            assert client.get(link + query).status_code == 200
    assert survey_pages._mold.cache_info().misses == made


def test_the_first_answer_takes_six_statements_in_one_transaction(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    version = make_asked(ask("score", required=True), ask("reason", "text"))
    first, second = (invite(version) for _ in range(2))
    refresh([first.customer_id, second.customer_id])  # as sending does
    answer = {"score": "9", "reason": "Quick"}
    client.post(address(first), answer)  # the first contact of its kind
    locked = 1 if connection.vendor == "postgresql" else 0
    with django_assert_num_queries(6 + locked) as statements:
        assert client.post(address(second), answer).status_code == 303
    written = [statement["sql"].split()[0] for statement in statements.captured_queries]
    assert written == ["SELECT", "INSERT", "INSERT", *["SELECT"] * (1 + locked), "INSERT", "UPDATE"]
    assert Response.objects.filter(finished_at__isnull=False).count() == 2
