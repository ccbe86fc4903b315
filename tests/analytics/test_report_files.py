"""The report where there is nothing to tell, and where others' words or many rows would harm it."""

from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries

from analytics import reports
from analytics.period import Period
from analytics.scope import Scope
from tests.analytics.world import make_responses
from tests.surveys.makers import NOON, make_touchpoint

pytestmark = pytest.mark.django_db


def test_text_of_others_cannot_break_the_page(tmp_path: Path) -> None:
    evil = "</script><script>alert(1)</script>"
    make_responses(10, 0, 0, touchpoint=make_touchpoint(kind=evil, team=evil))
    reports.write(reports.build(Scope(Period(None, None, NOON))), tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert evil not in page
    assert "&lt;/script&gt;" in page


def test_empty_database_gives_a_report_that_says_so(tmp_path: Path) -> None:
    reports.write(reports.build(Scope(Period(None, None, NOON))), tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "No NPS yet" in page
    assert page.count("Nothing to show for this period yet.") >= 5


def test_statements_do_not_grow_with_the_data(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for kind in ("call", "chat", "visit", "purchase"):
        make_responses(2, 2, 2, touchpoint=make_touchpoint(kind=kind))
    with django_assert_max_num_queries(50):
        reports.build(Scope(Period(None, None, NOON)))
