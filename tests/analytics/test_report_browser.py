"""Every report in a real browser: under its content policy, for everybody, on paper, and saved."""

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from analytics.reports import REPORTS
from tests.analytics.world import make_contact, make_decision, make_lives, make_responses, make_sent
from tests.browsing import AXE_AND_PRACTICE, assert_for_everybody, in_every_window, log_in
from tests.surveys.makers import make_customer, make_program, make_touchpoint

pytestmark = pytest.mark.django_db(transaction=True)
LONG = "A team whose name has been made up of a good many words, and of OneWordThatHasNoPlaceWhereItCouldBeBroken"

CUT_OFF = """() => [...document.querySelectorAll('.drawing')].flatMap(box => {
  const edge = box.getBoundingClientRect();
  const outside = at => at.left < edge.left - 1 || at.right > edge.right + 1 || at.bottom > edge.bottom + 1;
  const texts = [...box.querySelectorAll('text')].filter(text => text.getBoundingClientRect().width);
  return texts.filter(text => outside(text.getBoundingClientRect())).map(text => text.textContent);
})"""
"""Words in charts that do not fit in."""


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser complained about: a script or a style that the policy forbids, an error of ours."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    yield found
    assert found == []


@pytest.fixture
def reports(page: Page, live_server: LiveServer, complaints: list[str]) -> str:
    """Data for every report; the address under which they are."""
    log_in(page.context, live_server)
    make_lives("service_call", 20, 15)
    for number, kind in enumerate(("service_call", "visit", "chat")):
        touchpoint = make_touchpoint(kind=kind, team=LONG if number else "North", agent=f"Agent {number}")
        make_responses(20 - number, 10, 15, touchpoint=touchpoint)
    make_sent(24, 8, program=make_program(name=LONG))
    make_decision("skip", ("opt-out", "consent", "email"))
    make_contact(make_customer())
    return f"{live_server.url}/admin/report"


def wait_for_charts(page: Page) -> None:
    expect(page.locator(".drawing:not(:has(.main-svg))")).to_have_count(0)


def test_every_report_is_drawn_under_its_policy_and_for_everybody(page: Page, reports: str) -> None:
    for key in REPORTS:
        for _ in in_every_window(page, f"{reports}/{key}/"):
            wait_for_charts(page)
            assert page.evaluate(CUT_OFF) == [], page.viewport_size
            assert_for_everybody(page, ".cx", AXE_AND_PRACTICE)


def test_an_inline_script_would_not_run(page: Page, reports: str, complaints: list[str]) -> None:
    page.goto(f"{reports}/quality/")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
    )
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in complaint for complaint in complaints)
    complaints.clear()


def assert_paper_has_whole_tables_and_no_controls(page: Page) -> None:
    page.emulate_media(media="print")
    for hidden in (".cx-tabs", ".cx-scope", ".tools", ".contents", "#nav-sidebar"):
        expect(page.locator(hidden).first).to_be_hidden()
    overflow = "boxes => boxes.filter(box => getComputedStyle(box).overflow !== 'visible').length"
    assert page.locator(".numbers").evaluate_all(overflow) == 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_function("[...document.querySelectorAll('.drawing .main-svg')].every(one => one.clientWidth <= 640)")
    page.evaluate("dispatchEvent(new Event('afterprint'))")


def test_charts_and_numbers_are_saved_by_keyboard_under_the_name_of_section_and_period_and_printed(
    page: Page, reports: str
) -> None:
    page.goto(f"{reports}/touchpoints/?since=2026-05-01&until=2026-05-31")
    wait_for_charts(page)
    section = page.locator("section[aria-labelledby=nps-team]")
    saved = {}
    for kind in ("PNG", "SVG", "CSV"):
        button = section.get_by_role("button", name=f"Save {'the numbers ' if kind == 'CSV' else ''}as {kind}").first
        button.focus()
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        assert download.value.suggested_filename == f"nps-team_2026-05-01_2026-05-31.{kind.lower()}"
        saved[kind] = Path(download.value.path()).read_bytes()
    assert saved["PNG"].startswith(b"\x89PNG")
    assert b"NPS by team" in saved["SVG"]
    rows = list(csv.reader(StringIO(saved["CSV"].decode("utf-8-sig"))))
    assert rows[0][:2] == ["Team", "Answers"]
    assert [LONG, "87"] in [row[:2] for row in rows]
    assert_paper_has_whole_tables_and_no_controls(page)


def test_contents_lead_to_the_sections_and_names_to_their_group(page: Page, reports: str) -> None:
    page.goto(f"{reports}/touchpoints/")
    wait_for_charts(page)
    contents = page.get_by_role("navigation", name="Sections: Touchpoints")
    contents.get_by_role("link", name="NPS by team").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#nps-team")).to_be_focused()
    expect(page.locator("#nps-team")).to_be_in_viewport()
    page.keyboard.press("Tab")
    page.locator("section[aria-labelledby=nps-team]").get_by_role("link", name="North").press("Enter")
    expect(page).to_have_url(f"{reports}/touchpoints/?team=North")
    page.get_by_role("link", name="Take away: Team: North").press("Enter")
    expect(page).to_have_url(f"{reports}/touchpoints/")
