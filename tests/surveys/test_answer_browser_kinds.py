"""Every kind of question in a real browser: by pointer, keyboard, without script, on any width, in both directions."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from surveys.models import Answer, Invitation, Response
from surveys.trial_links import trial_url
from tests.browsing import AXE_AND_PRACTICE, SHIFTS, assert_for_everybody
from tests.surveys.answer_links import address, invite
from tests.surveys.asked import ask, every_kind, make_asked, page
from tests.surveys.makers import make_customer
from tests.surveys.test_answer_browser import OUTLINED

pytestmark = pytest.mark.django_db(transaction=True)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
STORED = {
    "score": 9,
    "happy": 4,
    "rated": 2,
    "easy": 7,
    "stars": 3,
    "again": 1,
    "why.other": "Parking",
    "used.app": 1,
    "used.phone": 1,
    "parts.speed": 3,
    "parts.courtesy": 1,
    "order.speed": 2,
    "order.price": 1,
    "order.staff": 3,
    "nickname": "Ada",
    "reason": "All well",
    "times": "12.000",
    "day": "2026-05-01",
    "call_me": 1,
}


def stored() -> dict[str, Any]:
    """Return what is stored, by question and part."""
    answers = Answer.objects.select_related("question")
    return {
        ".".join(filter(None, (one.question.key, one.part))): one.text or one.number or str(one.amount or one.date)
        for one in answers
    }


def every(**fields: Any) -> Invitation:
    return invite(make_asked(*every_kind(), **fields))


def walk(tab: Page, server: LiveServer, invitation: Invitation) -> Iterator[int]:
    """Lead a tab through the three pages, answering only what must be answered; yield the number of each."""
    tab.goto(f"{server.url}{address(invitation)}")
    for number in (1, 2, 3):
        yield number
        if number == 1:
            tab.locator("input[name=score]").nth(9).check()
        tab.locator("button.send").click()
        tab.wait_for_load_state()  # a click waits only until the next page begins


def test_every_kind_is_accessible_in_both_themes(page: Page, live_server: LiveServer) -> None:
    for _ in walk(page, live_server, every(languages=("en", "ar"))):
        for theme, width in product(THEMES, (360, 1280)):
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": 800})
            assert_for_everybody(page, options=AXE_AND_PRACTICE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you.")


def test_every_kind_fits_a_narrow_phone_from_right_to_left_too(page: Page, live_server: LiveServer) -> None:
    page.set_viewport_size({"width": 320, "height": 640})  # also 1280 pixels at 400 per cent
    ada = make_customer(language="ar")
    version = make_asked(*every_kind(), languages=("en", "ar"))
    for invitation in (invite(version), invite(version, customer=ada, touchpoint=None)):
        for _ in walk(page, live_server, invitation):
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
            targets = page.locator("label.choice, label.tick, textarea, .write, select, button").all()
            heights = [(target.bounding_box() or {"height": 0})["height"] for target in targets]
            assert min(heights) >= 44
    assert page.evaluate("document.documentElement.dir") == "rtl"


def point_at_scales(tab: Page) -> None:
    for group, choice in (("score", "9"), ("rated", "2"), ("easy", "7"), ("stars", "3 of 5"), ("again", "Yes")):
        tab.get_by_role("group", name=f"About {group}?").get_by_role("radio", name=choice, exact=True).click()
    tab.get_by_role("radio", name="Satisfied", exact=True).click()
    tab.get_by_role("button", name="Next", exact=True).click()


def point_at_choices(tab: Page) -> None:
    tab.get_by_role("textbox", name="Something else: What is it?").first.fill("Parking")
    for box in ("App", "Phone"):
        tab.get_by_role("checkbox", name=box).click()
    for row, column in (("Speed", "Good"), ("Courtesy", "Bad")):
        tab.get_by_role("radiogroup", name=row).get_by_role("radio", name=column).click()
    for option, place in (("Speed", "2"), ("Price", "1"), ("Staff", "3")):
        tab.get_by_role("combobox", name=option).select_option(place)
    tab.get_by_role("button", name="Next", exact=True).click()


def test_every_kind_by_pointer_without_script(browser: Browser, live_server: LiveServer) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        tab = context.new_page()
        tab.goto(f"{live_server.url}{address(every())}")
        point_at_scales(tab)
        point_at_choices(tab)
        for label, text in (("nickname", "Ada"), ("reason", "All well"), ("times", "12"), ("day", "2026-05-01")):
            tab.get_by_label(f"About {label}?").fill(text)
        tab.get_by_role("checkbox", name="Yes, please call me").click()
        tab.get_by_role("button", name="Send my answer").click()
        expect(tab.get_by_role("heading", level=1)).to_have_text("Thank you.")
    assert stored() == STORED


KEYS: tuple[str, ...] = (
    *("Tab Space", "ArrowLeft ArrowLeft"),  # score: 0, then round to 10 and back to 9
    *("Tab Space ArrowRight ArrowRight ArrowRight", "Tab Space ArrowRight"),  # happy, rated
    *("Tab Space ArrowLeft", "Tab Space ArrowRight ArrowRight", "Tab Space", "Tab Enter"),  # easy, stars, again, next
)
MORE_KEYS: tuple[str, ...] = (
    *("Tab", "Tab", "text:Parking", "Tab Space", "Tab Tab Space", "Tab Tab Tab"),  # why, used
    *("Tab Space ArrowLeft", "Tab Tab", "Tab Space"),  # table: the first row and the last
    *("Tab text:2", "Tab text:1", "Tab text:3", "Tab Enter"),  # ranking, next
)
LAST_KEYS: tuple[str, ...] = ("Tab text:Ada", "Tab", "text:All_well", "Tab text:12", "Tab text:05012026")


def press(tab: Page, keys: tuple[str, ...]) -> None:
    tab.wait_for_load_state()
    for key in " ".join(keys).split():
        if key.startswith("text:"):
            tab.keyboard.type(key.removeprefix("text:").replace("_", " "))
        else:
            tab.keyboard.press(key)
            assert tab.evaluate(OUTLINED), tab.evaluate("document.activeElement.outerHTML")


def test_every_kind_by_keyboard(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}{address(every())}")
    press(page, KEYS[:-1])
    press(page, ("Tab",))
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("^Page 2 of 3: How was your purchase on Monday, May 4, 2026"))
    press(page, MORE_KEYS[:-1])
    press(page, ("Tab",))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Page 3 of 3")).to_be_visible()
    press(page, LAST_KEYS)
    page.get_by_role("checkbox").focus()  # past the parts of a date, which differ between browsers
    press(page, ("Space", "Tab"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you.")
    assert stored() == STORED


def test_a_screen_reader_hears_each_kind_as_a_person_would_say_it(page: Page, live_server: LiveServer) -> None:
    pages = walk(page, live_server, every())
    next(pages)
    stars = page.get_by_role("group", name="About stars?")
    assert [star.get_attribute("value") for star in stars.get_by_role("radio", name="of 5").all()] == list("12345")
    expect(page.get_by_role("group", name="About happy?").get_by_role("radio", name="Neither")).to_be_visible()
    expect(page.get_by_role("group", name="About again?")).to_have_accessible_description("Think of the next year.")
    next(pages)
    expect(page.get_by_role("group", name="About used?")).to_have_accessible_description("Please choose 1 to 2.")
    row = page.get_by_role("group", name="About parts?").get_by_role("radiogroup", name="Price")
    expect(row.get_by_role("radio", name="Fair")).to_be_visible()
    expect(page.get_by_role("combobox", name="Staff")).to_be_visible()
    next(pages)
    times = page.get_by_role("textbox", name="About times?")
    expect(times).to_have_accessible_description("Please write a number from 0 to 99. visits")
    expect(times).to_have_attribute("inputmode", "numeric")


def test_pages_are_one_request_each_and_nothing_jumps(page: Page, live_server: LiveServer) -> None:
    invitation, asked = every(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    for _ in walk(page, live_server, invitation):
        assert page.evaluate(SHIFTS) == 0
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you.")
    assert {url.removeprefix(f"{live_server.url}{address(invitation)}") for url in asked if url[:5] != "data:"} == {
        "", "/2", "/3", "/thanks",
    }  # fmt: skip
    assert not page.context.cookies()


def test_on_a_second_device_it_goes_on_and_both_can_change_it(browser: Browser, live_server: LiveServer) -> None:
    link = f"{live_server.url}{address(invite(make_asked(page('score', required=True), page('reason', 'text'))))}"
    with browser.new_context() as phone, browser.new_context() as desk:
        first, second = phone.new_page(), desk.new_page()
        first.goto(f"{link}?score=3")
        first.get_by_role("button", name="Next", exact=True).click()
        expect(first.get_by_label("About reason?")).to_be_visible()
        second.goto(link)
        second.get_by_label("About reason?").fill("Too slow")
        second.get_by_role("button", name="Back", exact=True).click()
        expect(second.get_by_role("radio", name="3", exact=True)).to_be_checked()
        second.get_by_role("radio", name="4", exact=True).click()
        second.get_by_role("button", name="Next", exact=True).click()
        expect(second.get_by_label("About reason?")).to_have_value("Too slow")
        first.reload()
        expect(first.get_by_label("About reason?")).to_have_value("Too slow")
    assert stored() == {"score": 4, "reason": "Too slow"}


def test_the_browsers_back_button_shows_what_was_sent(page: Page, live_server: LiveServer) -> None:
    pages = walk(page, live_server, every())
    next(pages), next(pages)
    page.go_back()
    expect(page.get_by_text("Page 2 of 3")).to_be_visible()  # the link goes on where it stood
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.locator("input[name=score]").nth(9)).to_be_checked()


def test_two_taps_change_a_finished_answer(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}{address(invite(make_asked(ask('score'))))}?score=2")
    page.get_by_role("button", name="Send my answer").click()
    page.get_by_role("link", name="Change my answer").click()
    expect(page.get_by_role("radio", name="2", exact=True)).to_be_checked()
    page.get_by_role("radio", name="10", exact=True).click()
    page.get_by_role("button", name="Send my answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you.")
    assert stored() == {"score": 10}
    assert_for_everybody(page, options=AXE_AND_PRACTICE)


def test_expired_in_mid_answer_is_a_calm_page(page: Page, live_server: LiveServer) -> None:
    pages = walk(page, live_server, every())
    next(pages), next(pages)
    Invitation.objects.update(closes_at=timezone.now() - timedelta(seconds=1))
    page.locator("button.send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has expired")
    expect(page.get_by_role("main")).to_contain_text("What you had answered before has arrived.")
    assert Response.objects.get().finished_at is None


def test_one_tap_reads_the_page_in_another_language(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}{address(every(languages=('en', 'ar')))}")
    page.get_by_role("link", name="العربيّة").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    page.locator("input[name=score]").nth(9).check()
    page.locator("button.send").click()
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    expect(page.get_by_text("الصفحة 2 من 3")).to_be_visible()
    assert Response.objects.get().language == "ar"


def test_what_a_test_has_stored_is_shown_to_everybody(page: Page, live_server: LiveServer) -> None:
    version = make_asked(*every_kind(), state="draft")
    page.goto(live_server.url + urlsplit(trial_url(version.pk, 0, "en", "email", timezone.now())).path)
    page.locator("input[name=score]").nth(9).check()
    for button in ("Next", "Next", "Send my answer"):
        page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("heading", name="What is stored of your test")).to_be_visible()
    expect(page.get_by_role("definition").first).to_have_text("9")
    for theme, width in product(THEMES, (320, 1280)):
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 800})
        assert_for_everybody(page, options=AXE_AND_PRACTICE)
    page.get_by_role("button", name="Begin again").click()
    expect(page.locator("input[name=score]").nth(9)).not_to_be_checked()
    assert not Response.objects.exists()
