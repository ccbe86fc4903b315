"""The editor in a real browser: a first survey in a few clicks, by keys alone, without script, for everybody."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from surveys.models import Question, SurveyVersion, Translation
from surveys.publishing import draft_from
from surveys.survey_making import make_survey
from surveys.survey_templates import NPS
from tests.browsing import WINDOWS, Theme, assert_for_everybody, log_in
from tests.surveys.makers import make_brand, make_version

pytestmark = pytest.mark.django_db(transaction=True)
MOST_INTERACTIONS = 12


@pytest.fixture
def draft() -> SurveyVersion:
    """Score, reason and contact wish in English and German."""
    return make_survey(NPS, make_brand())


def open_page(browser: Browser, server: LiveServer, path: str, **window: Any) -> Page:
    """Open a page of the admin as somebody who may do everything."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | window)
    log_in(context, server)
    page = context.new_page()
    page.goto(server.url + path)
    return page


def open_draft(browser: Browser, server: LiveServer, draft: SurveyVersion, query: str = "", **window: Any) -> Page:
    return open_page(browser, server, f"/admin/editor/{draft.pk}/{query}", **window)


def row(draft: SurveyVersion, key: str) -> Question:
    return draft.questions.get(key=key)


def keys(draft: SurveyVersion) -> list[str]:
    return list(draft.questions.values_list("key", flat=True))


class Hand:
    """Clicks and fills in, and counts what it does."""

    def __init__(self) -> None:
        self.interactions = 0

    def click(self, place: Locator) -> None:
        self.interactions += 1
        place.click()

    def fill(self, place: Locator, text: str) -> None:
        self.interactions += 1
        place.fill(text)


def test_a_managers_first_survey_takes_at_most_twelve_interactions(browser: Browser, live_server: LiveServer) -> None:
    make_brand()
    page, hand = open_page(browser, live_server, "/admin/"), Hand()

    hand.click(page.get_by_role("link", name="New survey"))
    hand.fill(page.get_by_label("Name"), "How was the repair?")
    hand.click(page.get_by_role("button", name="Create the draft"))
    hand.click(page.get_by_role("link", name="Edit “reason”"))
    hand.fill(page.locator(".ed-open").get_by_label("Question").first, "What could we have done better?")
    hand.click(page.get_by_role("button", name="Save"))
    expect(page.locator(".ed-open")).to_have_count(0)
    hand.click(page.get_by_role("link", name="de", exact=True))
    expect(page.get_by_role("heading", name="Words around the questions, in German")).to_be_visible()
    hand.click(page.get_by_role("link", name="Edit “reason”"))
    hand.fill(page.locator(".ed-open").get_by_label("Question").first, "Was hätten wir besser machen können?")
    hand.click(page.get_by_role("button", name="Save"))
    expect(page.locator(".ed-open")).to_have_count(0)
    hand.click(page.get_by_role("link", name="Publish", exact=True))
    hand.click(page.get_by_role("button", name="Publish version 1"))

    expect(page.get_by_text("is published: who is asked from now on")).to_be_visible()
    version = SurveyVersion.objects.get()
    assert (version.state, version.questions.count(), version.survey.name) == ("published", 3, "How was the repair?")
    words = row(version, "reason").translations.filter(field="text").values_list("language", "text")
    assert dict(words) == {"en": "What could we have done better?", "de": "Was hätten wir besser machen können?"}
    assert hand.interactions <= MOST_INTERACTIONS


PAGES = {
    "new": ("/admin/editor/new/", "Start from"),
    "question": ("/admin/editor/{draft}/?open={choice}", "Where this draft stands"),
    "words": ("/admin/editor/{draft}/?open=words&language=de", "Where this draft stands"),
    "publish": ("/admin/editor/{draft}/publish/", "What changes for customers"),
    "survey": ("/admin/editor/survey/{survey}/", "Versions"),
    "compare": ("/admin/editor/survey/{survey}/compare/?before=1&now=2", "From version 1"),
}


def make_full_draft() -> dict[str, int]:
    """Make a draft with a bit of everything after a published version; return the ids that `PAGES` names."""
    draft = draft_from(make_version())
    condition = {"all": [{"question": "score", "is": "at_most", "value": "6"}]}
    choice = Question.objects.create(
        version=draft,
        key="which",
        kind="choice",
        position=9,
        starts_page=True,
        details={"options": ["speed", "price"], "other": True},
        show_if=condition,
        jumps=[{"to": "end", "if": condition}],
    )
    Translation.objects.filter(question__version=draft, question__key="reason", language="en").update(text="Why?")
    return {"draft": draft.pk, "survey": draft.survey_id, "choice": choice.pk}


@pytest.mark.parametrize(("width", "theme"), WINDOWS)
def test_every_page_is_for_everybody(browser: Browser, live_server: LiveServer, width: int, theme: Theme) -> None:
    ids, window = make_full_draft(), {"viewport": {"width": width, "height": 800}, "color_scheme": theme}
    page = open_page(browser, live_server, "/admin/", **window)
    for address, heading in PAGES.values():
        page.goto(live_server.url + address.format(**ids))
        expect(page.locator("#content").get_by_text(heading).first).to_be_visible()
        assert_for_everybody(page, ".cx")


def test_a_question_is_added_and_written_by_keys_without_leaving_the_page(
    browser: Browser, live_server: LiveServer, draft: SurveyVersion
) -> None:
    page = open_draft(browser, live_server, draft)
    page.evaluate("window.stayed = true")
    page.get_by_label("Question", exact=True).focus()
    page.keyboard.type("What should we know?")
    page.get_by_label("Kind").select_option("text")
    page.get_by_role("button", name="Add", exact=True).press("Enter")
    expect(page.locator(".ed-open textarea").first).to_be_focused()
    expect(page.frame_locator("iframe").get_by_text("What should we know?")).to_be_visible()

    page.keyboard.press("Control+a")
    page.keyboard.type("What else should we know?")
    page.keyboard.press("Control+s")
    expect(page.locator(f"#q{row(draft, 'what_should_we_know').pk}")).to_be_focused()
    expect(page.frame_locator("iframe").get_by_text("What else should we know?")).to_be_visible()
    assert page.evaluate("window.stayed")


def test_a_question_is_moved_by_keys_and_the_finger_stays_on_the_button(
    browser: Browser, live_server: LiveServer, draft: SurveyVersion
) -> None:
    page = open_draft(browser, live_server, draft)
    for place in (1, 0):
        page.get_by_role("button", name="Move “call_me” up").press("Enter")
        expect(page.locator(".ed-question").nth(place)).to_contain_text("May we call you")
        expect(page.get_by_role("button", name="Move “call_me” up")).to_be_focused()
    assert keys(draft) == ["call_me", "score", "reason"]


def test_options_and_a_condition_are_written_in_place(
    browser: Browser, live_server: LiveServer, draft: SurveyVersion
) -> None:
    page = open_draft(browser, live_server, draft, f"?open={row(draft, 'reason').pk}")
    page.get_by_text("When it is asked, and what comes next").click()
    sentence = page.get_by_role("group", name="Ask this only if")
    sentence.get_by_label("Question").select_option("score")
    sentence.get_by_label("How").select_option("at_most")
    assert sentence.get_by_label("Answer").get_attribute("list") == "values-score"
    sentence.get_by_label("Answer").fill("6")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("It begins a new page now")).to_be_visible()
    expect(page.get_by_text("is at most 6.")).to_be_visible()
    expect(page.get_by_role("heading", name="Page 2 of 2")).to_be_visible()
    assert row(draft, "reason").show_if == {"all": [{"question": "score", "is": "at_most", "value": "6"}]}


def test_the_preview_is_as_wide_as_a_desktop_or_a_phone(
    browser: Browser, live_server: LiveServer, draft: SurveyVersion
) -> None:
    page = open_draft(browser, live_server, draft)
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_be_visible()
    wide = "document.querySelector('iframe').contentWindow.innerWidth"
    assert 360 <= page.evaluate(wide) <= 400
    page.get_by_label("Desktop").check()
    assert page.evaluate(wide) >= 1024
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_a_colleague_in_between_is_told_where_she_writes(
    browser: Browser, live_server: LiveServer, draft: SurveyVersion
) -> None:
    page = open_draft(browser, live_server, draft, f"?open={row(draft, 'reason').pk}")
    row(draft, "reason").translations.filter(language="en", field="text").update(text="Why that score?")
    page.locator(".ed-open textarea").first.fill("What annoyed you?")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text("is now “Why that score?”")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator(".ed-open textarea").first).to_have_value("What annoyed you?")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".ed-open")).to_have_count(0)
    assert row(draft, "reason").translations.get(language="en", field="text").text == "What annoyed you?"


@pytest.mark.parametrize(("width", "theme"), WINDOWS)
def test_the_kind_is_changed_by_keys_alone_after_it_was_told_what_is_lost(
    browser: Browser, live_server: LiveServer, draft: SurveyVersion, width: int, theme: Theme
) -> None:
    window: dict[str, Any] = {"viewport": {"width": width, "height": 900}, "color_scheme": theme}
    page = open_draft(browser, live_server, draft, f"?open={row(draft, 'score').pk}", **window)
    page.get_by_text("Change the kind", exact=True).press("Enter")
    page.get_by_label("Make it").press("o")
    page.get_by_role("button", name="See what changes").press("Enter")
    told = page.locator(".ed-kind table")
    expect(told).to_contain_text("Not at all likely")
    assert_for_everybody(page, within=".ed-kind")
    page.get_by_role("button", name="Change the kind").press("Enter")
    expect(page.locator(".ed-open")).to_contain_text("in English")
    expect(page.locator(".ed-kind table")).to_have_count(0)
    assert row(draft, "score").kind != "nps"


def test_what_is_not_saved_is_not_lost_by_a_slip(
    browser: Browser, live_server: LiveServer, draft: SurveyVersion
) -> None:
    page = open_draft(browser, live_server, draft, f"?open={row(draft, 'reason').pk}")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", stay)
    page.locator(".ed-open textarea").first.fill("Half a thought")
    page.get_by_role("link", name="Edit “score”").click()
    assert asked == ["You have not saved what you wrote here. Leave it?"]
    expect(page.locator(".ed-open textarea").first).to_have_value("Half a thought")


def test_without_a_connection_nothing_that_was_written_is_lost(
    browser: Browser, live_server: LiveServer, draft: SurveyVersion
) -> None:
    page = open_draft(browser, live_server, draft, f"?open={row(draft, 'reason').pk}")
    page.locator(".ed-open textarea").first.fill("Half a thought")
    page.context.set_offline(offline=True)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("nothing was saved")
    expect(page.locator(".ed-open textarea").first).to_have_value("Half a thought")


def test_without_script_everything_works(browser: Browser, live_server: LiveServer, draft: SurveyVersion) -> None:
    page = open_draft(browser, live_server, draft, java_script_enabled=False)
    page.get_by_role("button", name="Move “reason” up").click()
    page.get_by_role("link", name="Edit “reason”").click()
    page.locator(".ed-open textarea").first.fill("Why?")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".ed-question").first).to_contain_text("Why?")
    page.get_by_text("More", exact=True).first.click()
    page.get_by_role("button", name="Remove").first.click()
    expect(page.locator(".ed-question")).to_have_count(2)
    assert keys(draft) == ["score", "call_me"]


def test_the_page_breaks_no_rule_of_the_browser(
    browser: Browser, live_server: LiveServer, draft: SurveyVersion
) -> None:
    page = open_draft(browser, live_server, draft)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.reload()
    page.get_by_role("link", name="Edit “score”").click()
    expect(page.locator(".ed-open")).to_be_visible()
    expect(page.frame_locator("iframe").get_by_role("heading", level=1)).to_be_visible()
    assert said == []
