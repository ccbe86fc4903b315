"""Translating, exporting and importing in a real browser: for everybody, on any width, in both themes, by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from surveys.models import SurveyVersion, Translation
from surveys.publishing import draft_from
from tests.browsing import assert_for_everybody, log_in
from tests.surveys.formats.makers import EXAMPLES
from tests.surveys.makers import make_version

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def draft() -> SurveyVersion:
    return draft_from(make_version())


@pytest.fixture(params=[(360, "dark"), (1280, "light")], ids=str)
def window(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A page in which a member of the house is logged in, at a width and in a theme."""
    width, theme = request.param
    with browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme) as context:
        log_in(context, live_server)
        yield context.new_page()


def test_a_language_is_translated_by_keyboard(window: Page, live_server: LiveServer, draft: SurveyVersion) -> None:
    window.goto(f"{live_server.url}/admin/translate/{draft.pk}/")
    window.get_by_label("Add a language").fill("ar")
    window.keyboard.press("Enter")
    expect(window.get_by_text("14 of 14 texts are missing")).to_be_visible()
    assert_for_everybody(window, ".cx")
    window.get_by_role("link", name="First missing text").press("Enter")
    expect(window.locator("#title")).to_be_focused()
    window.keyboard.type("كيف كانت {visit}؟")
    expect(window.get_by_text("13 of 14 texts are missing")).to_be_visible()
    window.keyboard.press("Control+Enter")
    expect(window.locator('[id="score.text"]')).to_be_focused()
    window.keyboard.type("Would you?")
    window.get_by_role("button", name="Save and go to the next missing").press("Enter")
    expect(window.get_by_text("2 texts saved in Arabic.")).to_be_visible()
    expect(window.locator('[id="score.low"]')).to_be_focused()
    expect(window.get_by_text("{brand} is in the original and not here.")).to_be_visible()
    assert Translation.objects.filter(version=draft, language="ar").count() == 2
    assert_for_everybody(window, ".cx")


def test_a_survey_goes_out_and_another_comes_in(
    window: Page, live_server: LiveServer, draft: SurveyVersion, tmp_path: Path
) -> None:
    window.goto(f"{live_server.url}/admin/formats/{draft.pk}/")
    assert_for_everybody(window, ".cx")
    with window.expect_download() as download:
        window.get_by_role("link", name="Export as XLSForm (Excel)").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    window.get_by_role("link", name="Import a survey").last.click()
    expect(window.locator("input[type=file]")).to_be_visible()
    assert_for_everybody(window, ".cx")
    window.locator("input[type=file]").set_input_files([EXAMPLES / "delivery.surveyjs.json"])
    window.get_by_role("button", name="Show the survey").click()
    expect(window.get_by_text("19 things could not be carried over")).to_be_visible()
    assert_for_everybody(window, ".cx")
    window.get_by_role("button", name="Store it").click()
    expect(window.get_by_text("Your delivery, version 1 is a draft")).to_be_visible()
    assert file.name == "nps-2.xlsx"
