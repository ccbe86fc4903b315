"""Customers and touchpoints in: every row accounted for, the same file twice without a trace."""

import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from contacts.intake import CUSTOMERS, bring_in
from contacts.intake.changes import compare
from contacts.intake.rows import Line
from contacts.models import Account, Customer, Identifier, OptOut, Touchpoint
from tests.contacts.files import NOON, TOUCHPOINT, counts, customers, touchpoints

LATER = NOON + timedelta(days=1)
PEOPLE = (
    "External_ID,Name,email,phone,timezone,language,country,account,value,shoe\n"
    "a,Ada,Ada@Example.com,07700 900123,Europe/London,en,GB,acme,12.5,38\n"
    "b,Ben,,,,,,acme,,\n"
)
CALLS = (
    "external_id,customer,kind,channel,occurred_at,direction,agent,team,product,reference,outcome,value,queue\n"
    "t1,a,call,hotline,2026-05-04T10:00:00+02:00,in,Kim,north,phone,o-1,solved,9.99,vip\n"
    "t2,new,visit,shop,2026-05-04T11:00:00Z,,,,,,,,\n"
)


def test_a_customer_is_kept_with_everything_in_the_file(db: None) -> None:
    assert counts(customers(PEOPLE)) == (2, 0, 0, 0)
    ada = Customer.objects.select_related("account").get(external_id="a")
    assert (ada.source, ada.name, ada.language, ada.country) == ("csv", "Ada", "en", "GB")
    assert (ada.time_zone, ada.value, ada.attributes) == ("Europe/London", Decimal("12.50"), {"shoe": "38"})
    assert ada.account == Account.objects.get(source="csv", external_id="acme")
    addresses = set(ada.identifiers.values_list("type", "value", "last_seen_at"))
    assert addresses == {("email", "ada@example.com", NOON), ("phone", "+447700900123", NOON)}


def test_a_customer_with_an_id_alone(db: None) -> None:
    assert counts(customers("external_id\nc1\n")) == (1, 0, 0, 0)
    assert not Identifier.objects.exists()


def test_a_touchpoint_is_kept_with_everything_in_the_file(db: None) -> None:
    result = touchpoints(CALLS)
    assert (counts(result), result.unknown_columns) == ((2, 0, 0, 0), ["queue"])
    call = Touchpoint.objects.get(external_id="t1")
    assert (call.kind, call.channel, call.direction, call.agent) == ("call", "hotline", "in", "Kim")
    assert (call.team, call.product, call.reference, call.outcome) == ("north", "phone", "o-1", "solved")
    assert (call.occurred_at.isoformat(), call.value) == ("2026-05-04T08:00:00+00:00", Decimal("9.99"))
    assert (call.attributes, call.received_at, call.simulated) == ({"queue": "vip"}, NOON, False)


def test_a_touchpoint_of_somebody_never_heard_of_brings_the_customer(db: None) -> None:
    customers(PEOPLE)
    touchpoints(CALLS)
    assert set(Customer.objects.values_list("external_id", "name")) == {("a", "Ada"), ("b", "Ben"), ("new", "")}


@pytest.mark.parametrize(("bring", "text"), [(customers, PEOPLE), (touchpoints, CALLS)])
def test_the_same_file_twice_changes_nothing(db: None, bring: Callable[..., Any], text: str) -> None:
    bring(text)
    before = [list(model.objects.order_by("pk").values()) for model in (Customer, Identifier, Touchpoint)]
    assert counts(bring(text, at=LATER)) == (0, 0, 2, 0)
    assert [list(model.objects.order_by("pk").values()) for model in (Customer, Identifier, Touchpoint)] == before


def test_what_changed_is_updated_and_the_rest_left(db: None) -> None:
    touchpoints(CALLS)
    assert counts(touchpoints(CALLS.replace("solved", "open"), at=LATER)) == (0, 1, 1, 0)
    call, visit = Touchpoint.objects.order_by("external_id")
    assert (call.outcome, call.received_at, call.updated_at) == ("open", NOON, LATER)
    assert visit.updated_at == NOON


def test_a_column_that_the_file_lacks_is_left_and_an_empty_cell_empties(db: None) -> None:
    customers(PEOPLE)
    customers("external_id,name,value,shoe,hat\na,Ada L,,,7\n", at=LATER)
    ada = Customer.objects.get(external_id="a")
    assert (ada.name, ada.value, ada.language, ada.attributes) == ("Ada L", None, "en", {"hat": "7"})
    assert ada.account_id is not None


def test_one_id_of_two_sources_is_two_customers(db: None) -> None:
    customers("external_id\na\n", source="shop")
    customers("external_id\na\n", source="crm")
    assert Customer.objects.filter(external_id="a").count() == 2


def test_of_two_rows_with_one_id_the_later_wins(db: None) -> None:
    assert counts(customers("external_id,name\na,Ada\na,Eva\na,Eva\n")) == (1, 1, 1, 0)
    assert Customer.objects.get().name == "Eva"


def test_the_two_forms_of_a_letter_are_one_key(db: None) -> None:
    assert counts(customers("external_id\nZoe\u0308\nZo\u00eb\n")) == (1, 0, 1, 0)


def test_the_newest_address_is_the_one_seen_last(db: None) -> None:
    for day, address in enumerate(["one@example.com", "two@example.com", "one@example.com"]):
        result = customers(f"external_id,email\na,{address}\n", at=NOON + timedelta(days=day))
    assert counts(result) == (0, 1, 0, 0)
    seen = Identifier.objects.order_by("-last_seen_at").values_list("value", "first_seen_at", "last_seen_at")
    assert list(seen) == [
        ("one@example.com", NOON, NOON + timedelta(days=2)),
        ("two@example.com", LATER, LATER),
    ]


def test_no_address_in_the_file_keeps_the_one_we_know(db: None) -> None:
    customers(PEOPLE)
    assert counts(customers("external_id,email,phone\na,,\n", at=LATER)) == (0, 0, 1, 0)
    assert Identifier.objects.filter(last_seen_at=NOON).count() == 2


def test_a_closed_address_stays_closed(db: None) -> None:
    customers(PEOPLE)
    Identifier.objects.update(closed_at=NOON, closed_reason="bounced")
    customers("external_id,email\na,other@example.com\n", at=LATER)
    customers(PEOPLE, at=LATER + timedelta(days=1))
    assert set(Identifier.objects.filter(closed_at__isnull=True).values_list("value")) == {("other@example.com",)}


def test_who_opted_out_stays_opted_out(db: None) -> None:
    customers(PEOPLE)
    OptOut.objects.create(customer=Customer.objects.get(external_id="a"), at=NOON, via="link")
    customers(PEOPLE.replace("Ada,", "Ada L,"), at=LATER)
    assert OptOut.objects.get().reopened_at is None


def test_a_merged_customer_gets_the_rows_that_name_it(db: None) -> None:
    customers("external_id\nold\nperson\n")
    person = Customer.objects.get(external_id="person")
    Customer.objects.filter(external_id="old").update(merged_into=person)
    touchpoints(TOUCHPOINT + "t1,old,call,hotline,2026-05-04T10:00:00Z\n")
    record = Touchpoint.objects.select_related("customer").get().customer
    assert (record.external_id, record.person_id, Customer.objects.count()) == ("old", person.pk, 2)


def test_two_people_may_share_a_phone(db: None) -> None:
    customers("external_id,phone\na,+447700900123\nb,+447700900123\n")
    assert Identifier.objects.filter(value="+447700900123").count() == 2


def test_a_reject_says_what_was_expected(db: None) -> None:
    result = touchpoints(f"{TOUCHPOINT}t1,a,call,hotline,2026-05-04\n,a,call,hotline,2026-05-04T10:00:00Z\n")
    assert [(reject.line, reject.column, reject.value, reject.expected) for reject in result.rejects] == [
        (2, "occurred_at", "2026-05-04", "a date and time with offset, such as 2026-03-04T10:30:00+01:00"),
        (3, "external_id", "", "a value; this column may not be empty"),
    ]


def test_after_mending_a_second_run_completes(db: None) -> None:
    broken = PEOPLE.replace("b,Ben", 'b,"Ben')
    assert (counts(customers(broken)), Customer.objects.count()) == ((1, 0, 0, 0), 1)
    assert counts(customers(PEOPLE, at=LATER)) == (1, 0, 1, 0)


def test_nothing_is_imported_under_a_wrong_header(db: None) -> None:
    result = touchpoints(CALLS.replace("occurred_at", "when"))
    assert str(result.broken).startswith("Line 1: the header lacks occurred_at. It has: external_id,")
    assert not Customer.objects.exists()


def test_the_result_says_what_was_noticed(db: None) -> None:
    result = customers("external_id;shoe\na;38\n\n;\n")
    assert str(result) == "1 row: 1 created, 0 updated, 0 unchanged, 0 rejected; 2 blank lines"
    assert result.notes() == [
        "The cells are separated by semicolons.",
        "Unknown columns, kept as attributes: shoe.",
    ]


def test_the_file_is_left_open_for_its_owner(db: None) -> None:
    file = io.BytesIO(PEOPLE.encode())
    bring_in(CUSTOMERS, file, source="csv", at=NOON)
    assert not file.closed


def test_statements_do_not_grow_with_the_rows(db: None) -> None:
    def statements(first: int, rows: int) -> int:
        lines = (f"t{row},c{row},call,hotline,2026-05-04T10:00:00Z\n" for row in range(first, first + rows))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            touchpoints(TOUCHPOINT + "".join(lines))
        return len(queries)

    assert statements(0, 40) == statements(100, 2)


def test_compare_lays_lines_over_what_is_known() -> None:
    known = {"a": {"id": 7, "external_id": "a", "name": "Ada", "kept": 1, "attributes": {"x": "1", "y": "2"}}}
    lines = [
        Line(2, {"external_id": "a", "name": "Eva", "attributes": {"x": ""}}),
        Line(3, {"external_id": "b", "name": "Ben", "attributes": {}}),
    ]
    changes = compare(lines, known)
    assert (changes.tally.created, changes.tally.updated) == (1, 1)
    assert changes.rows["a"] == {"id": 7, "external_id": "a", "name": "Eva", "kept": 1, "attributes": {"y": "2"}}


class AnyTextTests(TestCase):
    @given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
    def test_any_text_is_stored_as_it_was_understood_or_rejected(self, name: str) -> None:
        quoted = name.replace('"', '""')
        result = customers(f'external_id,name,note\na,"{quoted}","{quoted}"\n')
        assert result.created + result.rejected == 1
        assert counts(customers(f'external_id,name,note\na,"{quoted}","{quoted}"\n'))[2] == result.created
