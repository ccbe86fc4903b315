"""What asking so many would bring: rates and margins from what customers did so far."""

from datetime import timedelta

import pytest

from analytics.expected import expected, observed
from analytics.period import Period
from analytics.scope import Scope
from analytics.scores import nps
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_invitation, make_touchpoint, make_version

pytestmark = pytest.mark.django_db
EVER = Scope(Period(None, None, NOON + timedelta(days=1)))


def answered(scores: list[int], silent: int) -> None:
    """Ask about purchases: so many answer with these scores, the others not at all."""
    version = make_version()
    for score in scores:
        make_response(score, version=version)
    for _ in range(silent):
        make_invitation(version, touchpoint=make_touchpoint(), state="sent", sent_at=NOON)


def test_as_many_answer_as_did_so_far() -> None:
    answered([10] * 6 + [8] * 3 + [2] * 3, 12)
    row = expected("purchase", 400, observed(EVER))
    assert (row["answer_rate"], row["expected_answers"]) == (50.0, 200.0)
    score = nps(100, 50, 50)
    assert row["nps_margin"] == round((score.high - score.low) / 2, 1)


def test_more_answers_make_the_margin_smaller() -> None:
    answered([10] * 6 + [8] * 3 + [2] * 3, 0)
    few, many = (expected("purchase", n, observed(EVER))["nps_margin"] for n in (50, 5000))
    assert few
    assert many
    assert many < few / 5


def test_what_too_few_did_says_nothing() -> None:
    answered([10] * 5, 4)
    row = expected("purchase", 400, observed(EVER))
    assert (row["answer_rate"], row["expected_answers"], row["nps_margin"]) == (None, None, None)


def test_too_few_expected_answers_have_no_margin() -> None:
    answered([10] * 6 + [8] * 3 + [2] * 3, 12)
    row = expected("purchase", 18, observed(EVER))
    assert (row["expected_answers"], row["nps_margin"]) == (9.0, None)


def test_a_kind_that_was_never_asked_about_has_no_rate() -> None:
    assert expected("chat", 10, observed(EVER))["answer_rate"] is None
