"""What a program takes from its customers."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from analytics.burning import burn_rows
from analytics.period import Period
from analytics.scope import Scope
from contacts import consent
from surveys.models import Invitation, Program
from tests.analytics.world import days_ago, make_contact, make_sent
from tests.surveys.makers import NOON, make_customer, make_program, make_version

pytestmark = pytest.mark.django_db
EVERYTHING = Scope(Period(None, None, NOON))
SENT = days_ago(20)


@pytest.fixture
def program() -> Program:
    return make_program(make_version(), slug="calls", name="Calls")


def sent_by(program: Program, count: int) -> list[Invitation]:
    return make_sent(count, 0, SENT, program=program)


def no(invitation: Invitation, via: str, days: float) -> None:
    consent.opt_out(invitation.customer_id, "email", at=SENT + timedelta(days=days), via=via)


def test_a_no_within_a_week_is_held_against_the_program(program: Program) -> None:
    one, other, late, before, *_ = sent_by(program, 8)
    no(one, "link", 1)
    no(other, "complaint", 6.9)
    no(late, "link", 7.1)
    no(before, "link", -1)
    [row] = burn_rows(EVERYTHING)
    assert (row["program"], row["sent"], row["opt_outs"], row["complaints"]) == ("Calls", 8, 2, 1)
    assert (row["opt_outs_per_thousand"], row["complaints_per_thousand"]) == (250.0, 125.0)


def test_what_the_staff_noted_is_not_held_against_it(program: Program) -> None:
    [invitation] = sent_by(program, 1)
    no(invitation, "staff", 1)
    assert burn_rows(EVERYTHING)[0]["opt_outs"] == 0


def test_attention_is_that_of_all_contacts_of_the_program(program: Program) -> None:
    sent_by(program, 1)
    for seconds, outcome in ((1800, "delivered"), (3600, "completed"), (9999, "cancelled")):
        make_contact(make_customer(), SENT, program="calls", seconds=seconds, outcome=outcome)
    make_contact(make_customer(), SENT, program="others", seconds=7200)
    assert burn_rows(EVERYTHING)[0]["attention_hours"] == 1.5


def test_the_worst_program_comes_first_in_two_statements(
    program: Program, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    worse = make_program(make_version(), slug="letters", name="Letters")
    sent_by(program, 4)
    no(sent_by(worse, 4)[0], "reply", 1)
    with django_assert_num_queries(2):
        rows = burn_rows(EVERYTHING)
    assert [row["program"] for row in rows] == ["Letters", "Calls"]


def test_only_what_was_sent_in_the_scope_counts(program: Program) -> None:
    sent_by(program, 2)
    assert burn_rows(Scope(Period(days_ago(10), None, NOON))) == []
    assert burn_rows(Scope(Period(None, None, NOON), program="others")) == []
