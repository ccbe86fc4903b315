"""Where the data comes from: what is simulated, and who is named."""

import pytest

from analytics.period import Period
from analytics.scope import Scope
from analytics.sources import credits_due, made_up, source_rows
from tests.analytics.world import days_ago, make_contact, make_responses
from tests.surveys.makers import NOON, make_customer, make_touchpoint

pytestmark = pytest.mark.django_db
EVERYTHING = Scope(Period(None, None, NOON))


def test_every_source_is_counted_with_what_is_simulated_of_it() -> None:
    make_touchpoint(kind="purchase", source="cdnow")
    make_touchpoint(kind="call", source="sample", simulated=True)
    make_contact(make_customer(), simulated=True)
    make_responses(1, 0, 0, simulated=True)
    rows = {(row["what"], row["value"], row["source"]): (row["n"], row["simulated"]) for row in source_rows(EVERYTHING)}
    assert rows == {
        ("touchpoints", "purchase", "cdnow"): (1, 0),
        ("touchpoints", "purchase", "test"): (1, 0),
        ("touchpoints", "call", "sample"): (1, 1),
        ("contacts", "invitation", "test"): (1, 1),
        ("responses", "all", "test"): (1, 1),
    }


def test_simulated_is_said_in_words() -> None:
    make_touchpoint(kind="purchase")
    make_touchpoint(kind="call", simulated=True)
    make_touchpoint(kind="chat", simulated=True)
    make_contact(make_customer())
    assert made_up(source_rows(EVERYTHING)) == ["2 of 3 touchpoints (call, chat)"]


def test_authors_are_named_where_their_data_is_shown() -> None:
    make_touchpoint(source="cdnow", occurred_at=days_ago(40))
    [credit] = credits_due(source_rows(EVERYTHING))
    assert "Fader" in credit
    assert "Hardie" in credit
    assert credits_due(source_rows(Scope(Period(days_ago(30), None, NOON)))) == []
