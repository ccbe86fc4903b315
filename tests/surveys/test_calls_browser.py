"""The work list in a real browser: for everybody, on any width, in both themes, by keys, and never out of date."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from contacts import consent, gate
from surveys.calls.claiming import take
from surveys.models import CallAttempt, CallCase
from tests.browsing import AXE_AND_PRACTICE, WINDOWS, assert_for_everybody, in_every_window, log_in
from tests.contacts.makers import cap, put_in_force
from tests.surveys.answered import make_response
from tests.surveys.asked import every_kind, make_asked
from tests.surveys.desk import NO_PHONE, appoint, call, interviewer
from tests.surveys.makers import make_case, make_customer, make_program, make_touchpoint

pytestmark = pytest.mark.django_db(transaction=True)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def case() -> CallCase:
    """A case with an earlier call and an interview that broke off, which may be called about now."""
    put_in_force()
    now = timezone.now()
    customer = make_customer(name="Maria Holm", phone="+4740612345", time_zone="Europe/Oslo")
    touchpoint = make_touchpoint(customer, kind="visit", occurred_at=now - 9 * DAY, agent="Kim")
    case = make_case(touchpoint, opened_at=now, next_at=now, expires_at=now + 9 * DAY)
    call(case, "not_now", now - 8 * DAY, by="otto", answers={"score": "9"}, note="Call after lunch")
    CallCase.objects.update(next_at=now)
    return case


def open_page(browser: Browser, server: LiveServer, path: str = "/calls/", **window: Any) -> Page:
    """Open a page of the house as somebody who may do everything."""
    context = browser.new_context(**window)
    log_in(context, server, "ines")
    context.add_init_script(NO_PHONE)
    page = context.new_page()
    page.goto(server.url + path)
    return page


def press_next_call(page: Page) -> None:
    """Press Enter where the work list puts the focus, which the browser may do only after it has loaded the page."""
    expect(page.get_by_role("button", name="Next call")).to_be_focused()
    page.keyboard.press("Enter")


def in_hand(browser: Browser, server: LiveServer, case: CallCase, **window: Any) -> Page:
    """Open the page of the case in the hands of the reader."""
    assert take(case.pk, interviewer(), timezone.now())
    return open_page(browser, server, f"/calls/{case.pk}/", **window)


def busy_list(case: CallCase) -> None:
    appoint(case, timezone.now(), timezone.now() + HOUR, timezone.now() - HOUR)
    for _ in range(11):
        make_case(program=case.program, state="closed", disposition="1.1", closed_at=timezone.now() - DAY)


def refused(case: CallCase) -> None:
    put_in_force(cap(1, "30 days", "call_attempts"))
    take(case.pk, interviewer(), timezone.now())


STATES = {
    "list": ("/calls/", busy_list),
    "case": ("/calls/{}/", lambda case: take(case.pk, interviewer(), timezone.now())),
    "refused": ("/calls/{}/", refused),
    "nobody's": ("/calls/{}/", lambda case: None),
}


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_for_everybody(browser: Browser, live_server: LiveServer, case: CallCase, state: str) -> None:
    path, arrange = STATES[state]
    arrange(case)
    page = open_page(browser, live_server)
    for _ in in_every_window(page, live_server.url + path.format(case.pk)):
        assert_for_everybody(page, options=AXE_AND_PRACTICE)


def test_the_page_breaks_no_rule_of_the_browser(browser: Browser, live_server: LiveServer, case: CallCase) -> None:
    page = open_page(browser, live_server)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))

    press_next_call(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Maria Holm")
    page.wait_for_event("response", lambda response: "/state/" in response.url)

    assert said == []


def test_answered_on_the_web_the_screen_says_so_within_seconds_and_offers_the_next_call(
    browser: Browser, live_server: LiveServer, case: CallCase
) -> None:
    page = in_hand(browser, live_server, case)
    make_response(9, touchpoint=case.touchpoint)

    expect(page.get_by_role("alert")).to_contain_text("has just answered on the web")
    expect(page.get_by_role("link", name="Dial")).to_be_hidden()
    expect(page.get_by_role("button", name="No answer")).to_be_disabled()
    press_next_call(page)
    expect(page.get_by_text("Nobody may be called now")).to_be_visible()


def test_on_the_phone_she_can_still_say_how_it_ended(browser: Browser, live_server: LiveServer, case: CallCase) -> None:
    page = in_hand(browser, live_server, case)
    page.keyboard.press("d")
    consent.opt_out(case.customer_id, "phone", at=timezone.now(), via="link")

    expect(page.get_by_role("alert")).to_contain_text("has just opted out")
    expect(page.get_by_role("button", name="Completed")).to_be_disabled()
    page.get_by_role("button", name="Not now").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("its result came too late")
    assert CallAttempt.objects.order_by("-pk")[0].late.startswith("The rules did not allow")


def test_before_she_dials_a_rule_that_closed_meanwhile_is_told(
    browser: Browser, live_server: LiveServer, case: CallCase
) -> None:
    page = in_hand(browser, live_server, case)
    gate.log_call(case.customer_id, "busy", at=timezone.now(), by_id=interviewer("otto"))

    expect(page.get_by_role("alert")).to_contain_text("The rules do not allow the call any more")
    expect(page.get_by_role("link", name="Dial")).to_be_hidden()


def test_keys_do_nothing_while_she_writes_or_when_they_are_off(
    browser: Browser, live_server: LiveServer, case: CallCase
) -> None:
    page = in_hand(browser, live_server, case)
    page.keyboard.press("d")
    page.get_by_label("Note for whoever calls next").fill("")
    page.keyboard.type("nbvmrxw")
    expect(page.get_by_label("Note for whoever calls next")).to_have_value("nbvmrxw")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Note for whoever calls next")).not_to_be_focused()
    page.get_by_label("One key logs an outcome").uncheck()
    page.keyboard.press("n")
    page.reload()
    expect(page.get_by_label("One key logs an outcome")).not_to_be_checked()
    assert CallAttempt.objects.count() == 1, "only the call of last week"


@pytest.mark.parametrize(
    ("key", "outcome"),
    [("n", "no_answer"), ("b", "busy"), ("v", "voicemail"), ("m", "not_now"), ("r", "soft_refusal"), ("x", "refused")],
)
def test_one_key_logs_the_outcome_with_the_talk_time(
    browser: Browser, live_server: LiveServer, case: CallCase, key: str, outcome: str
) -> None:
    page, began = in_hand(browser, live_server, case), time.monotonic()
    page.keyboard.press("d")
    expect(page.get_by_text(re.compile(r"On the phone for 0:(0[1-9]|[1-5])"))).to_be_visible()
    page.keyboard.press(key)

    expect(page.get_by_role("status")).to_contain_text("The call is logged and counts.")
    last = CallAttempt.objects.order_by("-pk")[0]
    assert (last.outcome, last.late) == (outcome, "")
    assert 1 <= last.seconds <= time.monotonic() - began + 1


def test_a_time_is_named_by_keys(browser: Browser, live_server: LiveServer, case: CallCase) -> None:
    page = in_hand(browser, live_server, case)
    page.keyboard.press("d")
    page.keyboard.press("t")
    expect(page.get_by_label("Day")).to_be_focused()
    page.get_by_label("Day").fill(str((timezone.now() + 2 * DAY).date()))
    page.get_by_label("From").fill("15:00")
    page.get_by_label("Until").fill("16:00")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Maria Holm")  # Enter in a field logs nothing
    page.get_by_role("button", name="Not now").click()

    expect(page.get_by_text("15:00 (Europe/Oslo)")).to_be_visible()


def test_a_resumed_interview_starts_at_the_first_open_question(
    browser: Browser, live_server: LiveServer, case: CallCase
) -> None:
    page = in_hand(browser, live_server, case)
    page.keyboard.press("d")
    page.keyboard.press("q")
    expect(page.get_by_role("textbox", name="What is the main reason")).to_be_focused()
    page.keyboard.type("Kind people")
    page.get_by_role("button", name="Completed").click()
    expect(page.get_by_role("status")).to_contain_text("completed")
    case.refresh_from_db()
    assert case.response
    assert {str(answer) for answer in case.response.answers.all()} == {"9", "Kind people"}


def test_without_script_everything_but_the_keys_works(
    browser: Browser, live_server: LiveServer, case: CallCase
) -> None:
    page = open_page(browser, live_server, java_script_enabled=False)
    page.get_by_role("button", name="Next call").click()
    page.get_by_role("button", name="No answer").click()

    expect(page.get_by_role("status")).to_contain_text("no answer")


def test_a_script_of_every_kind_is_for_everybody(browser: Browser, live_server: LiveServer) -> None:
    put_in_force()
    now = timezone.now()
    visit = make_touchpoint(make_customer(phone="+4740612345", time_zone="Europe/Oslo"), occurred_at=now - DAY)
    program = make_program(make_asked(*every_kind()), contact_channels=["phone"])
    case = make_case(visit, program=program, opened_at=now, next_at=now)
    page = in_hand(browser, live_server, case)
    for width, theme in WINDOWS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=theme)
        assert_for_everybody(page, options=AXE_AND_PRACTICE)
