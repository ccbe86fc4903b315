"""What is personal is decided for every table, once; nothing that is hidden can be searched, saved or asked for."""

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Model
from django_filters import FilterSet

from contacts.exporting import QueryTable
from contacts.hiding import hidden_fields, leads_to_hidden, shown, shown_rows
from contacts.models import Contact, Customer, Identifier
from contacts.readers import EVERYTHING, Reader, reader_of
from cxsurvey.exports import TABLES
from cxsurvey.personal import DECISIONS
from surveys.models import Answer, Response
from tests.staff import member_of
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_customer

HOLDS_WORDS = (models.CharField, models.TextField, models.JSONField, models.BinaryField)
NOBODY = Reader(personal=False)


def words_of(table: type[Model]) -> set[str]:
    """Return the names of a table's fields that can hold words of anybody, and not only some that we have chosen."""
    fields = [field for field in table._meta.concrete_fields if isinstance(field, HOLDS_WORDS)]
    return {field.name for field in fields if not field.choices}


@pytest.mark.parametrize("table", apps.get_models(include_auto_created=True), ids=lambda table: table._meta.label)
def test_every_table_says_what_in_it_is_hidden(table: type[Model]) -> None:
    name = table._meta.label_lower
    decided = DECISIONS.get(name)
    hidden, open_ = (set(words.split()) for words in (decided.hidden, decided.open)) if decided else (set(), set())
    known = {field.name for field in table._meta.concrete_fields}
    assert words_of(table) - hidden - open_ == set(), f"Decide in cxsurvey/personal.py what of {name} is hidden."
    assert hidden & open_ == set()
    assert hidden | open_ <= known, f"Take out of cxsurvey/personal.py what {name} does not have."


def test_no_decision_is_about_a_table_that_is_not_there() -> None:
    tables = {table._meta.label_lower for table in apps.get_models(include_auto_created=True)}
    assert set(DECISIONS) - tables == set()


@pytest.mark.parametrize(
    "table", [table for table in TABLES.values() if isinstance(table, QueryTable)], ids=lambda table: table.name
)
def test_a_column_is_personal_where_its_field_is_hidden_and_no_filter_tells_what_one_holds(table: QueryTable) -> None:
    model = table.query().model
    for column in table.columns:
        if isinstance(column.source, str) and column.name != "flags" and leads_to_hidden(model, column.source):
            assert column.personal, f"{table.name}.{column.name}"
    filters: type[FilterSet] = table.filterset
    assert [name for name, one in filters.base_filters.items() if leads_to_hidden(model, one.field_name)] == []
    if (first := next((column.name for column in table.columns if column.personal), None)) is not None:
        with pytest.raises(PermissionDenied, match=first):
            table.rows({"columns": first}, NOON, NOBODY)


@pytest.mark.django_db
def test_a_row_is_known_by_its_number_and_refuses_to_be_saved() -> None:
    customer = make_customer(name="Ada", external_id="crm-1")
    assert str(shown(customer, EVERYTHING)) == "Ada"
    hidden = shown_rows(Customer.objects.filter(pk=customer.pk), NOBODY).get()
    assert (str(hidden), hidden.external_id) == (f"Customer {customer.pk}",) * 2
    assert hidden.time_zone == customer.time_zone
    with pytest.raises(TypeError, match="read it anew"):
        hidden.save()
    assert str(Customer.objects.get(pk=customer.pk)) == "Ada"


@pytest.mark.django_db
def test_what_a_row_leads_to_is_hidden_whether_it_was_read_along_or_not() -> None:
    response = make_response(1, "Nobody rang back.")
    customer = response.customer
    assert customer is not None
    for rows in (Response.objects.all(), Response.objects.select_related("customer")):
        [hidden] = shown_rows(rows, NOBODY)
        assert str(hidden.customer) == f"Customer {customer.pk}"
        assert hidden.customer is not None
        assert hidden.customer.time_zone == customer.time_zone
    texts = {answer.text for answer in shown_rows(Answer.objects.exclude(text=""), NOBODY)}
    assert texts == {"hidden"}
    [contact] = shown_rows(Contact.objects.exclude(address=None)[:1], NOBODY)
    assert str(contact.address) == "hidden"
    assert not Identifier.objects.filter(value="hidden").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "sees"), [("CX manager", True), ("Interviewer", True), ("Analyst", False)])
def test_it_takes_the_right_and_of_a_token_its_scope_too(role: str, sees: bool) -> None:
    member = member_of(role)
    assert reader_of(member).personal is sees
    assert reader_of(member, ["export", "personal"]).personal is sees
    assert not reader_of(member, ["export"]).personal


def test_hidden_is_told_from_open_along_a_path() -> None:
    for path in ("customer__name__startswith", "customer__identifiers__value", "answers__text", "attributes__flags"):
        assert leads_to_hidden(Response, path)
    for path in ("customer__country", "answers__number", "answered_at__gte", "nothing__name"):
        assert not leads_to_hidden(Response, path)
    assert hidden_fields(Contact) == {"by"}
