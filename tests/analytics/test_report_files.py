"""The report where there is nothing to tell, and where others' words or many rows would harm it."""

import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from analytics import reports
from analytics.comments import hear
from analytics.period import Period
from analytics.scope import Scope
from tests.analytics.world import make_responses
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_invitation, make_program, make_touchpoint, make_version

pytestmark = pytest.mark.django_db


def test_text_of_others_cannot_break_the_page(tmp_path: Path) -> None:
    evil = "</script><script>alert(1)</script>"
    make_responses(10, 0, 0, touchpoint=make_touchpoint(kind=evil, team=evil))
    reports.write(reports.build(Scope(Period(None, None, NOON))), tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert evil not in page
    assert "&lt;/script&gt;" in page


LINK = "<a href='javascript:alert(1)'>x</a>"


def test_no_name_or_comment_is_markup_in_a_chart(tmp_path: Path) -> None:
    made = [make_touchpoint(kind=LINK, channel=LINK, team=LINK, agent=LINK, product=LINK, outcome=LINK)]
    made.append(make_touchpoint(kind="call"))
    for touchpoint in made:
        make_responses(9, 3, 6, touchpoint=touchpoint)
    program = make_program(make_version(name=LINK), name=LINK, kinds=[LINK])
    make_response(2, f"Slow delivery. {LINK}", touchpoint=made[0], version=program.survey.versions.get())
    make_invitation(program=program, touchpoint=made[0], state="failed", state_reason=LINK)
    hear(NOON)
    reports.write(reports.build(Scope(Period(None, None, NOON))), tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    drawn = [json.loads(chart) for chart in re.findall(r'class="chart-data">(.*?)</script>', page)]
    texts = [text for chart in drawn for text in texts_in(chart)]
    assert any("javascript:alert" in text for text in texts)
    assert [text for text in texts if "<a" in text.casefold()] == []
    assert LINK not in page


def texts_in(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value, the names of its parts too."""
    if isinstance(value, str):
        yield value
    for part in chain(value, value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts_in(part)


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
