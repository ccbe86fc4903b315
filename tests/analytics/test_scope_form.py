"""What a report offers to be narrowed to."""

from typing import Any

import pytest
from django import forms
from pytest_django import DjangoAssertNumQueries

from analytics.models import JourneyStage
from analytics.scope import FILTERS
from analytics.scope_form import filter_fields
from contacts.readers import EVERYTHING
from tests.surveys.makers import make_program, make_touchpoint

pytestmark = pytest.mark.django_db
ALL = ("", "All")


def choices(field: Any) -> list[tuple[str, str]]:
    return list(field.choices)


def test_kinds_stages_and_programs_are_offered_in_their_order_in_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for kind in ("visit", "service_call", "visit"):
        make_touchpoint(kind=kind)
    for position, name in ((2, "Buying"), (1, "Finding"), (2, "After")):
        JourneyStage.objects.create(name=name, position=position)
    make_program(slug="a", name="Parcels")
    make_program(slug="b", name="Calls")
    with django_assert_num_queries(1):
        fields = filter_fields(FILTERS, EVERYTHING)
    assert list(fields) == list(FILTERS)
    assert choices(fields["kind"]) == [ALL, ("service_call", "Service call"), ("visit", "Visit")]
    assert choices(fields["stage"]) == [ALL, ("Finding", "Finding"), ("After", "After"), ("Buying", "Buying")]
    assert choices(fields["program"]) == [ALL, ("b", "Calls"), ("a", "Parcels")]
    assert type(fields["team"]) is forms.CharField


def test_only_what_is_asked_for_is_read(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_program(slug="a", name="Parcels")
    with django_assert_num_queries(1):
        assert choices(filter_fields(["program"], EVERYTHING)["program"]) == [ALL, ("a", "Parcels")]
    with django_assert_num_queries(0):
        assert list(filter_fields(["team"], EVERYTHING)) == ["team"]
