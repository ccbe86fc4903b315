"""What crosses from the tables to data frames, and with which types."""

import math
from datetime import timedelta
from typing import Any

import pytest

from analytics import frames
from analytics.frames import asked
from analytics.frames.typed import A_PART, typed
from analytics.period import Period
from analytics.scope import Scope
from contacts.models import Customer
from surveys.models import Invitation
from tests.analytics.world import days_ago, make_contact
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_customer, make_invitation, make_touchpoint, make_version

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
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


def test_a_frame_of_many_parts_is_that_of_one() -> None:
    rows = [(n, "chat" if n < A_PART else "call", NOON) for n in range(2 * A_PART + 1)]
    found = typed(iter(rows), ("customer", "kind", "at"))
    assert found.dtypes.astype(str).to_dict() == TYPES
    assert list(found.index) == list(range(len(rows)))
    assert list(found.itertuples(index=False, name=None)) == rows


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


def make_invited(
    customer: Customer | None = None, days: float = 40, score: int | None = None, **fields: Any
) -> Invitation:
    """Make an invitation that was sent so many days ago and closed since, and its answer if there is a score."""
    at = days_ago(days)
    touchpoint = make_touchpoint(customer, kind="call", outcome="resolved", team="North")
    given: dict[str, Any] = {"touchpoint": touchpoint, "state": "sent", "sent_at": at, "closes_at": at + 30 * DAY}
    invitation = make_invitation(due_at=at, **given | fields)
    if score is not None:
        make_response(score, invitation=invitation, touchpoint=touchpoint, version=invitation.version, answered_at=at)
    return invitation


def test_who_was_invited_is_there_with_and_without_an_answer() -> None:
    make_invited(score=9)
    make_invited()
    rows = frames.invited(EVERYTHING).sort_values("responded").to_dict("records")
    assert [(row["responded"], row["prior"], row["channel"]) for row in rows] == [
        (False, 0, "email"),
        (True, 0, "email"),
    ]
    assert rows[1]["score"] == 9
    assert math.isnan(rows[0]["score"])


def test_prior_contacts_are_those_of_the_ninety_days_before_and_not_the_invitation_itself() -> None:
    customer = make_customer()
    for days in (41, 100, 129.9, 130.1, 39):
        make_contact(customer, days_ago(days))
    for other in ({"outcome": "cancelled"}, {"purpose": "response", "outcome": "completed", "channel": ""}):
        make_contact(customer, days_ago(50), **other)
    make_contact(make_customer(), days_ago(50))
    make_contact(customer, days_ago(60), purpose="call", channel="phone", outcome="no_answer")
    make_invited(customer)
    assert frames.invited(EVERYTHING)["prior"].tolist() == [4]


def test_contacts_of_merged_records_are_those_of_the_person() -> None:
    person = make_customer()
    record = make_customer(merged_into=person)
    make_contact(record, days_ago(50))
    make_contact(person, days_ago(51))
    make_invited(record)
    [row] = frames.invited(EVERYTHING).to_dict("records")
    assert (row["customer"], row["prior"]) == (person.pk, 2)


def test_whose_time_is_not_over_and_who_was_asked_for_no_score_is_left_out() -> None:
    make_invited(days=20)
    make_invited(purpose="reminder")
    version = make_version(slug="words")
    version.questions.filter(kind="nps").delete()
    make_invited(version=version)
    frame = frames.invited(EVERYTHING)
    assert len(frame) == 0
    assert list(frame) == ["customer", "responded", "score", "what", "team", "channel", "prior"]


def test_rare_touchpoints_and_teams_are_taken_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "FEWEST_OF_A_KIND", 2)
    for kind, team in (("visit", "North"), ("visit", "South"), ("chat", "South")):
        make_invited(touchpoint=make_touchpoint(kind=kind, outcome="", team=team))
    frame = frames.invited(EVERYTHING)
    assert sorted(frame["what"]) == ["other", "visit", "visit"]
    assert sorted(frame["team"]) == ["South", "South", "other"]
