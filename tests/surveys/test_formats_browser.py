"""Import in a real browser: only what belongs to the choice is asked, and everybody can use it."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tests.browsing import assert_for_everybody, log_in
from tests.surveys.formats.makers import EXAMPLES
from tests.surveys.makers import make_version

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_new_survey_is_not_asked_which_survey_it_is(browser: Browser, live_server: LiveServer) -> None:
    make_version()
    context = browser.new_context(viewport={"width": 360, "height": 800})
    log_in(context, live_server)
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/formats/import/")
    page.set_input_files("input[type=file]", EXAMPLES / "delivery.surveyjs.json")
    page.get_by_role("button", name="Show the survey").click()
    survey, name = page.get_by_label("Survey:", exact=True), page.get_by_label("Name of the new survey")
    expect(name).to_be_visible()
    expect(survey).to_be_hidden()
    page.get_by_label("The next draft of a survey").check()
    expect(survey).to_be_visible()
    expect(name).to_be_hidden()
    assert_for_everybody(page)
    context.close()
