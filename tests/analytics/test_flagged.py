"""Doubtful answers: how many, and the score with and without them."""

import pytest
from pytest_django import DjangoAssertNumQueries

from analytics.flagged import FlagRow, flag_rows
from analytics.period import Period
from analytics.scope import Scope
from surveys.flags import Flag
from tests.analytics.world import days_ago, make_responses
from tests.surveys.makers import NOON

pytestmark = pytest.mark.django_db
EVERYTHING = Scope(Period(None, None, NOON))


def flagged(promoters: int, detractors: int, *flags: str) -> None:
    make_responses(promoters, 0, detractors, attributes={"flags": sorted(flags)} if flags else {"place": "Oslo"})


def rows(scope: Scope = EVERYTHING) -> dict[str, FlagRow]:
    return {row["flag"]: row for row in flag_rows(scope)}


def test_a_flag_has_the_score_of_its_answers_and_of_the_others() -> None:
    flagged(30, 10)
    flagged(2, 18, "speeder")
    found = rows()
    assert (found["all"]["n"], found["all"]["nps"]) == (60, 6.7)
    speeders = found["speeder"]
    assert (speeders["n"], speeders["share"], speeders["nps"], speeders["without"]) == (20, 33.3, -80.0, 50.0)
    assert (speeders["without_low"], speeders["without_high"]) == (19.6, 71.6)  # the score interval: nobody is passive
    assert (found["any"]["n"], found["any"]["nps"]) == (20, -80.0)


def test_every_flag_has_a_row() -> None:
    flagged(1, 0)
    assert list(rows()) == ["all", *Flag, "any"]


def test_a_response_with_two_flags_counts_under_both_and_once_in_all() -> None:
    flagged(20, 0)
    flagged(12, 0, "instant", "unseen")
    flagged(10, 0, "unseen")
    found = {flag: (row["n"], row["nps"]) for flag, row in rows().items() if row["n"]}
    assert found == {"all": (42, 100.0), "instant": (12, 100.0), "unseen": (22, 100.0), "any": (22, 100.0)}


def test_few_flagged_answers_hide_also_the_score_without_them() -> None:
    flagged(30, 10)
    flagged(0, 9, "trap")
    trap = rows()["trap"]
    assert (trap["n"], trap["nps"], trap["without"], trap["state"]) == (9, None, None, "withheld")


def test_few_answers_with_two_flags_hide_the_sum_of_both() -> None:
    flagged(40, 0)
    flagged(20, 0, "instant")
    flagged(20, 0, "unseen")
    flagged(0, 3, "instant", "unseen")
    found = rows()
    assert found["any"]["nps"] is None
    assert found["instant"]["nps"] is not None


def test_the_scope_holds() -> None:
    make_responses(12, 0, 0, attributes={"flags": ["speeder"]}, answered_at=days_ago(40))
    assert flag_rows(Scope(Period(days_ago(30), None, NOON))) == []
    assert rows()["speeder"]["n"] == 12


def test_two_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    flagged(3, 3)
    flagged(3, 3, "speeder", "trap")
    with django_assert_num_queries(2):
        flag_rows(EVERYTHING)
