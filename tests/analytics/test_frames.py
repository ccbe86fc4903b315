"""What crosses from the tables to data frames, and with which types."""

import pytest

from analytics import frames
from analytics.period import Period
from analytics.scope import Scope
from tests.analytics.world import days_ago
from tests.surveys.makers import NOON, make_customer, make_touchpoint

pytestmark = pytest.mark.django_db
EVERYTHING = Scope(Period(None, None, NOON))
TYPES = {"customer": "int64", "kind": "category", "at": "datetime64[us, UTC]"}


@pytest.mark.parametrize("rows", [0, 3])
def test_types_do_not_depend_on_the_rows(rows: int) -> None:
    for _ in range(rows):
        make_touchpoint(kind="purchase")
    touchpoints, purchases = frames.touchpoints(EVERYTHING), frames.purchases(NOON)
    assert (len(touchpoints), len(purchases)) == (rows, rows)
    assert touchpoints.dtypes.astype(str).to_dict() == TYPES
    assert purchases.dtypes.astype(str).to_dict() == {key: TYPES[key] for key in ("customer", "at")}


def test_instants_arrive_unchanged() -> None:
    at = days_ago(3).replace(microsecond=123456)
    make_touchpoint(kind="purchase", occurred_at=at)
    assert frames.touchpoints(EVERYTHING)["at"].tolist() == [at]
    assert frames.purchases(NOON)["at"].tolist() == [at]


def test_merged_records_are_one_customer() -> None:
    person = make_customer()
    for record in (person, make_customer(merged_into=person)):
        make_touchpoint(record, kind="purchase")
    assert set(frames.touchpoints(EVERYTHING)["customer"]) == {person.pk}
    assert set(frames.purchases(NOON)["customer"]) == {person.pk}


def test_touchpoints_are_those_of_the_period_and_purchases_all_that_are_known() -> None:
    for days in (400, 20, -5):
        make_touchpoint(kind="purchase", occurred_at=days_ago(days))
    assert len(frames.touchpoints(Scope(Period(days_ago(30), None, NOON)))) == 1
    assert len(frames.purchases(NOON)) == 2
