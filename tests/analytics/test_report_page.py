"""The report inside the admin, and both pages in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from analytics import reports
from analytics.period import Period
from analytics.reports import REPORTS
from analytics.scope import Scope
from tests.analytics.world import make_lives, make_responses
from tests.processes import wait_until
from tests.staff import client_of
from tests.surveys.makers import NOON, make_touchpoint

pytestmark = pytest.mark.django_db


def test_page_has_the_numbers_of_the_report() -> None:
    make_responses(20, 10, 15, touchpoint=make_touchpoint(kind="call"))
    page = client_of("Analyst").get("/admin/report/touchpoints/").content.decode()
    assert "NPS 11.1" in page
    assert "/admin/report/plotly.js" in page


def test_people_read_words_and_data_keep_the_keys(tmp_path: Path) -> None:
    make_responses(20, 10, 15, touchpoint=make_touchpoint(kind="service_call", channel="sms"))
    reports.write(reports.build(Scope(Period(None, None, NOON))), tmp_path)
    html = (tmp_path / "report.html").read_text()
    for told in ("Service call", "SMS"):
        assert f"<td>{told}</td>" in html or f">{told}<" in html
    assert "Service call\\u003cbr" in html, "in the charts"
    assert "service_call" not in html
    data = "".join(path.read_text() for path in tmp_path.iterdir() if path.suffix in (".json", ".csv"))
    assert "service_call" in data
    assert "Service call" not in data


def test_days_in_the_query_make_the_period() -> None:
    make_responses(20, 10, 15)
    analyst = client_of("Analyst")
    assert "NPS 11.1" in analyst.get("/admin/report/touchpoints/?since=2026-05-05&until=2026-05-05").content.decode()
    assert "No NPS yet" in analyst.get("/admin/report/touchpoints/?since=2026-05-06").content.decode()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("since=yesterday", "Enter a valid date."),
        ("since=2026-05-06&until=2026-05-05", "exchange the two dates"),
    ],
)
def test_bad_days_are_said_beside_the_field(query: str, message: str) -> None:
    answer = client_of("CX manager").get(f"/admin/report/touchpoints/?{query}")
    assert answer.status_code == 400
    assert message in answer.content.decode()


ADDRESSES = ["/admin/report/", "/admin/report/plotly.js", *(f"/admin/report/{key}/" for key in REPORTS)]


@pytest.mark.parametrize("address", ADDRESSES)
def test_report_is_for_who_may_see_responses(address: str) -> None:
    assert client_of("Interviewer").get(address).status_code == 403
    assert Client().get(address).status_code == 302
    assert client_of("Analyst").post(address).status_code == 405


@pytest.fixture
def report(tmp_path: Path) -> Path:
    make_lives("call", 20, 15)
    make_lives("visit", 20, 5)
    for kind in ("call", "visit"):
        make_responses(20, 10, 15, touchpoint=make_touchpoint(kind=kind, team="A team with quite a long name"))
    reports.write(reports.build(Scope(Period(None, None, NOON))), tmp_path)
    return tmp_path / "report.html"


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What went wrong in the browser, and what it asked the net for."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text))
    page.on(
        "request", lambda request: None if request.url.startswith(("file:", "data:")) else found.append(request.url)
    )
    yield found
    assert found == []


@pytest.mark.parametrize(
    ("width", "scheme", "ink"), [(360, "light", "rgb(28, 31, 36)"), (1280, "dark", "rgb(236, 238, 241)")]
)
def test_file_opens_offline_on_any_width_in_the_readers_colours(
    page: Page, report: Path, complaints: list[str], width: int, scheme: Any, ink: str
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.goto(report.as_uri())
    expect(page.locator(".drawing:not(:has(.main-svg))")).to_have_count(0)
    assert page.locator(".drawing").count() > 5
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.locator(".drawing .xtick text").first).to_have_css("fill", ink)
    if width == 360:
        _scrolls_by_keyboard(page)


def _scrolls_by_keyboard(page: Page) -> None:
    page.locator(".numbers").first.focus()
    page.keyboard.press("ArrowRight")
    wait_until(lambda: page.evaluate("document.activeElement.scrollLeft > 0"))
