"""The customer's pages in a real browser: for everybody, on any width, in both themes, without script."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from contacts.models import OptOut, Wish
from recovery.models import Improvement
from surveys.answering import open_link, submit
from surveys.defaults import ensure_fixed_survey
from surveys.links import token
from surveys.models import Answer, Invitation, Response, Translation
from tests.browsing import AXE_AND_PRACTICE, WINDOWS, assert_for_everybody
from tests.surveys.makers import make_brand, make_customer, make_invitation, make_version

pytestmark = pytest.mark.django_db(transaction=True)


def invite(**fields: Any) -> Invitation:
    sent_at = timezone.now() - timedelta(hours=1)
    version = fields.pop("version", None) or make_version(legal_lines="Northwind Outfitters, 1 Example Street")
    return make_invitation(version, due_at=sent_at, state="sent", sent_at=sent_at, **fields)


def answered(score: str) -> Invitation:
    invitation = invite()
    found = open_link(token(invitation), timezone.now()).invitation
    assert found
    submit(found, {"score": score, "call_me": "1"}, at=timezone.now())
    return invitation


def fixed_check() -> Invitation:
    return invite(version=ensure_fixed_survey(timezone.now(), make_brand()))


def expired() -> Invitation:
    return invite(closes_at=timezone.now() - timedelta(minutes=1))


def with_help() -> Invitation:
    invitation = invite(language="de", customer=make_customer(language="de"))
    Translation.objects.create(
        version=invitation.version,
        question=invitation.version.questions.get(key="reason"),
        language="de",
        field="help",
        text="Ein Satz genügt.",
    )
    return invitation


def thanked() -> Invitation:
    Improvement.objects.create(kind="purchase", text="We ship sooner now.", since="2026-03-01")
    return answered("2")


def refused(page: Page) -> None:
    page.get_by_label("What is the main reason").fill("x" * 5001)
    page.get_by_role("button", name="Send my answer").click()
    expect(page.locator(".problem")).to_have_count(2)


def wished(page: Page) -> None:
    page.get_by_role("button", name="At most once in 90 days").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Noted")


STATES: dict[str, tuple[Callable[[], Invitation], str, Callable[[Page], None] | None]] = {
    "open": (invite, "", None),
    "chosen": (invite, "?score=9", None),
    "german": (with_help, "", None),
    "yes or no": (fixed_check, "", None),
    "refused": (invite, "", refused),
    "thanks": (thanked, "/thanks", None),
    "noted": (invite, "", wished),
    "unsubscribe": (invite, "/unsubscribe", None),
    "answered": (lambda: answered("9"), "", None),
    "expired": (expired, "", None),
    "unknown": (invite, "x", None),
}


def go(page: Page, server: LiveServer, state: str) -> None:
    """Lead the page into a state."""
    make, path, act = STATES[state]
    page.goto(f"{server.url}/s/{token(make())}{path}")
    if act:
        act(page)


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_accessible_in_both_themes(page: Page, live_server: LiveServer, state: str) -> None:
    go(page, live_server, state)
    for width, theme in WINDOWS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 800})
        assert_for_everybody(page, options=AXE_AND_PRACTICE)


@pytest.mark.parametrize("state", STATES)
def test_every_state_fits_a_narrow_phone_in_both_directions(page: Page, live_server: LiveServer, state: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    go(page, live_server, state)
    for direction in ("ltr", "rtl"):
        page.evaluate("direction => document.documentElement.dir = direction", direction)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("width", [320, 1280])
def test_everything_to_tap_is_big_enough(page: Page, live_server: LiveServer, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}/s/{token(invite())}")
    targets = page.locator("label.choice, label.tick, textarea, button")
    boxes = [target.bounding_box() or {"width": 0, "height": 0} for target in targets.all()]
    assert len(boxes) == 11 + 1 + 1 + 1 + 6
    assert min(box["height"] for box in boxes) >= 44
    assert min(box["width"] for box in boxes) >= 36


def test_the_low_end_is_where_reading_starts(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/s/{token(invite())}")
    across = "[...document.querySelectorAll('.choice')].map(choice => choice.getBoundingClientRect().left)"
    assert page.evaluate(across) == sorted(page.evaluate(across))
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert page.evaluate(across) == sorted(page.evaluate(across), reverse=True)


def test_two_taps_answer_without_script(browser: Browser, live_server: LiveServer) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/s/{token(invite())}")
        page.get_by_role("radio", name="9", exact=True).click()
        page.get_by_role("button", name="Send my answer").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
        assert Answer.objects.get().number == 9


def test_a_keyboard_is_enough(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/s/{token(invite())}")
    expect(page.get_by_role("link", name="Deutsch")).to_be_visible()
    for _ in range(2):  # past the other language
        page.keyboard.press("Tab")
    for key in ("Space", "ArrowRight", "ArrowRight", "Tab"):
        page.keyboard.press(key)
    page.keyboard.type("Too slow")
    for key in ("Tab", "Space", "Tab"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Send my answer")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    assert {str(answer) for answer in Answer.objects.all()} == {"2", "Too slow", "1"}


OUTLINED = """() => {
  const focused = document.activeElement;
  const shown = [focused, focused.nextElementSibling, focused.parentElement].filter(Boolean);
  const outlined = ({outlineStyle, outlineWidth}) => outlineStyle === 'solid' && parseFloat(outlineWidth) >= 3;
  return shown.map(element => getComputedStyle(element)).some(outlined);
}"""


def test_focus_can_be_seen_on_every_stop(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/s/{token(invite())}")
    for _ in range(10):
        page.keyboard.press("Tab")
        assert page.evaluate(OUTLINED), page.evaluate("document.activeElement.outerHTML")


def test_what_was_refused_gets_the_focus_and_keeps_its_input(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/s/{token(invite())}")
    page.get_by_label("What is the main reason").fill("Kept")
    page.get_by_role("button", name="Send my answer").click()
    expect(page.locator(".problem")).to_have_text("Please choose an answer.")
    expect(page.get_by_role("radio", name="0", exact=True)).to_be_focused()
    expect(page.get_by_label("What is the main reason")).to_have_value("Kept")
    page.get_by_role("radio", name="7").click()
    page.get_by_role("button", name="Send my answer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")


def test_of_two_tabs_the_one_that_was_sent_last_counts(browser: Browser, live_server: LiveServer) -> None:
    address = f"{live_server.url}/s/{token(invite())}?score=9"
    with browser.new_context() as context:
        tabs = [context.new_page(), context.new_page()]
        for tab in tabs:
            tab.goto(address)
        tabs[1].get_by_role("radio", name="3", exact=True).click()
        for tab in tabs:
            tab.get_by_role("button", name="Send my answer").click()
            expect(tab.get_by_role("heading", level=1)).to_contain_text("Thank you")
    assert Response.objects.count() == 1
    assert Answer.objects.get().number == 3


def test_going_back_after_answering_shows_that_it_is_done(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/s/{token(invite())}?score=9")
    page.get_by_role("button", name="Send my answer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have already answered")


@pytest.mark.parametrize(
    ("button", "sentence"),
    [
        ("Ask me tomorrow", "We will ask you again on"),
        ("At most once in 180 days", "at most once in 180 days"),
        ("No more emails", "We send you no more emails."),
        ("No more messages at all", "You will not hear from us again."),
    ],
)
def test_every_wish_is_one_tap_and_one_sentence(
    page: Page, live_server: LiveServer, button: str, sentence: str
) -> None:
    page.goto(f"{live_server.url}/s/{token(invite())}")
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Noted")
    expect(page.get_by_role("main")).to_contain_text(sentence)
    assert Wish.objects.count() + OptOut.objects.count() == 1
    page.get_by_role("link", name="Back to the question").click()
    expect(page.get_by_role("button", name="Send my answer")).to_be_visible()


def test_a_screen_reader_hears_the_question_as_a_person_would_say_it(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/s/{token(invite())}?score=9")
    group = page.get_by_role("group", name=re.compile("How likely is it that you would recommend"))
    expect(group).to_have_accessible_description("0 · Not at all likely 10 · Extremely likely")
    expect(group.get_by_role("radio", name="9", exact=True)).to_be_checked()
    expect(page.get_by_role("textbox")).to_have_accessible_name("What is the main reason for your score? (if you like)")
    expect(page.get_by_role("complementary", name="Not a good moment?")).to_be_visible()
