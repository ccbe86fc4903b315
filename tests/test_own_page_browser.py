"""The customer's own page, open links and looks in a real browser: for everybody, on any width, in both themes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from contacts import consent
from contacts.models import Customer, Wish
from recovery.followups import close, open_due
from recovery.models import FollowUp
from surveys.links import token
from surveys.looks import set_logo
from surveys.models import Answer, Invitation, Look, OpenLink, Response
from surveys.open_tokens import open_token
from tests.browsing import AXE_AND_PRACTICE, WINDOWS, assert_for_everybody
from tests.surveys.answered import make_response
from tests.surveys.asked import ask, make_asked
from tests.surveys.makers import (
    make_customer,
    make_invitation,
    make_open_link,
    make_program,
    make_touchpoint,
    make_version,
)
from tests.surveys.pictures import png

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


def invite(language: str = "en", languages: tuple[str, ...] = ("en",)) -> Invitation:
    """Return an invitation of a customer about whom there is something to say, of a brand with a look."""
    sent_at = timezone.now() - DAY
    version = (
        make_version() if language == "en" else make_asked(ask("score"), ask("reason", "text"), languages=languages)
    )
    look = Look(brand=version.survey.brand, colour="#8a1538")
    set_logo(look, png(400, 100))
    look.save()
    customer = make_customer(phone="+15550107788", language=language)
    program = make_program(version, name="After a purchase", share=0.5)
    invitation = make_invitation(
        version,
        program=program,
        touchpoint=make_touchpoint(customer),
        sent_at=sent_at,
        due_at=sent_at,
        state="sent",
        language=language,
    )
    if language == "en":
        answered(invitation)
        consent.ask_less(customer.pk, 90, at=timezone.now(), via="link")
    return invitation


def answered(invitation: Invitation) -> None:
    make_response(
        2,
        "Too slow",
        version=invitation.version,
        invitation=invitation,
        touchpoint=invitation.touchpoint,
        answered_at=timezone.now() - DAY,
        updated_at=timezone.now(),
        finished_at=timezone.now() - DAY,
    )
    open_due(timezone.now())
    close(FollowUp.objects.get(), action="We sent a new pair.", no_action_reason="", by_id=None, at=timezone.now())


def show_data(page: Page) -> None:
    page.get_by_role("button", name="Show me my data").click()
    expect(page.get_by_role("heading", name="Your addresses")).to_be_visible()


def untouched_tick(page: Page) -> None:
    page.get_by_role("button", name="Erase it now").click()
    expect(page.locator(".problem")).to_contain_text("Please tick the box first")


def wrong_day(page: Page) -> None:
    page.get_by_role("button", name="Until this day").click()
    expect(page.locator(".problem")).to_contain_text("Please choose a day from")


def place() -> str:
    return f"o/{open_token(make_open_link())}"


def full_place() -> str:
    link = make_open_link(per_hour=1)
    version = link.survey.versions.get()
    now = timezone.now()
    Response.objects.create(source="cxsurvey", open_link=link, version=version, answered_at=now, updated_at=now)
    return f"o/{open_token(link)}"


STATES: dict[str, tuple[Callable[[], str], Callable[[Page], None] | None]] = {
    "own page": (lambda: f"{token(invite())}/you", None),
    "own page in Arabic": (lambda: f"{token(invite('ar', ('en', 'ar')))}/you", None),
    "wrong day": (lambda: f"{token(invite())}/you", wrong_day),
    "data": (lambda: f"{token(invite())}/you", show_data),
    "erase": (lambda: f"{token(invite())}/you/erase", untouched_tick),
    "place": (place, None),
    "full place": (full_place, None),
}


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_for_everybody(page: Page, live_server: LiveServer, state: str) -> None:
    make, act = STATES[state]
    page.goto(f"{live_server.url}/s/{make()}")
    if act:
        act(page)
    for width, theme in [*WINDOWS, (320, "light")]:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 800})
        assert_for_everybody(page, options=AXE_AND_PRACTICE)
    expected = "rtl" if "Arabic" in state else "ltr"
    assert page.evaluate("document.documentElement.dir") == expected


def test_without_script_and_by_keyboard_she_pauses_and_takes_it_back(browser: Browser, live_server: LiveServer) -> None:
    invitation = invite()
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/s/{token(invitation)}/you")
        day = (timezone.now() + 30 * DAY).date()
        page.get_by_label("Until which day?").fill(day.isoformat())
        page.get_by_role("button", name="Until this day").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("main")).to_contain_text("you will not hear from us")
        page.get_by_role("button", name="Take all of this back").press("Enter")
        expect(page.get_by_role("main")).not_to_contain_text("you will not hear from us")
    assert not Wish.objects.filter(withdrawn_at=None).exists()


def test_she_erases_everything_in_two_steps_from_the_survey_page(page: Page, live_server: LiveServer) -> None:
    invitation = invite()
    page.goto(f"{live_server.url}/s/{token(invitation)}")
    page.get_by_role("link", name="Why you were asked").click()
    page.get_by_role("link", name="Erase my data").click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Erase it now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Everything about you is erased")
    assert Customer.objects.get(pk=invitation.customer_id).name == ""


def test_a_passer_by_answers_in_two_taps_and_the_next_one_starts_anew(page: Page, live_server: LiveServer) -> None:
    address = f"{live_server.url}/s/{place()}"
    for score in ("9", "3"):
        page.goto(address)
        expect(page.get_by_role("radio", checked=True)).to_have_count(0)
        page.get_by_role("radio", name=score, exact=True).click()
        page.get_by_role("button", name="Send my answer").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    assert [answer.number for answer in Answer.objects.order_by("pk")] == [9, 3]
    assert not page.context.cookies()
    assert OpenLink.objects.get().responses.count() == 2


LOADED = """() => {
  const logo = document.querySelector('.brand img'), button = document.querySelector('.send');
  return [logo.complete && logo.naturalWidth, logo.getBoundingClientRect().width, logo.getBoundingClientRect().height,
    getComputedStyle(button).backgroundColor];
}"""


def test_the_brand_is_seen_and_nothing_jumps(page: Page, live_server: LiveServer) -> None:
    invitation = invite("de", ("en", "de"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live_server.url}/s/{token(invitation)}")
    page.wait_for_load_state("networkidle")
    assert page.evaluate(LOADED) == [400, 224, 56, "rgb(138, 21, 56)"]
    assert all(url.startswith((live_server.url, "data:")) for url in asked)
    page.emulate_media(color_scheme="dark")
    lead = page.evaluate("getComputedStyle(document.querySelector('.send')).backgroundColor")
    assert lead != "rgb(138, 21, 56)"
