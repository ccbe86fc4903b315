"""Answers at open links as HTTP: taken without cookie or account, counted apart, held against stuffing."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from contacts.models import Contact
from recovery.followups import open_due
from recovery.models import FollowUp, Improvement
from surveys.models import Answer, OpenLink, OpenMark, OpenSecret, Response, SurveyVersion
from surveys.open_marks import Browser, forget_marks, has_answered
from surveys.open_tokens import open_token, receipt_token
from tests.clock import set_clock
from tests.surveys.answer_links import everything_stored, seen
from tests.surveys.asked import ask, make_asked, page
from tests.surveys.makers import NOON, make_brand, make_open_link, make_touchpoint, make_version

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def client() -> Client:
    """A browser that is strict about forged requests, as a real server is."""
    return Client(enforce_csrf_checks=True)


def address(link: OpenLink, key: str = "") -> str:
    return f"/s/o/{open_token(link)}" + (f"/{key}" if key else "")


def form_of(response: Any) -> tuple[str, dict[str, str]]:
    """Return where a page's form is sent, and its hidden fields."""
    html = response.content.decode()
    action = re.search(r'<form method="post" action="([^"]+)"', html)
    assert action
    return action[1], dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html))


def answer(client: Client, link: OpenLink, headers: dict[str, str] | None = None, key: str = "", **given: str) -> Any:
    action, hidden = form_of(client.get(address(link, key)))
    return client.post(action, hidden | (given or {"score": "9"}), headers=headers or {})


def test_whoever_passes_by_answers_without_name_cookie_or_account(client: Client) -> None:
    link = make_open_link()
    shown = client.get(address(link))
    assert "How was your visit?" in seen(shown), "a place asks about now, so it names no day"
    assert "Northwind Outfitters has a few questions for you." in seen(shown)
    done = answer(client, link, score="3", reason="Too cold")
    assert done.status_code == 303
    thanks = client.get(done["Location"])
    assert "Thank you. Your answer has reached Northwind Outfitters." in seen(thanks)
    assert not client.cookies
    response = Response.objects.get()
    assert (response.open_link, response.customer, response.touchpoint, response.channel) == (
        link,
        None,
        None,
        "open link",
    )
    assert response.finished_at
    assert {str(one) for one in Answer.objects.all()} == {"3", "Too cold"}


def test_looking_stores_nothing(client: Client) -> None:
    link = make_open_link()
    receipt = receipt_token(link, make_touchpoint().pk)
    before = everything_stored()
    for key in ("", "A" * 22, receipt):
        for method in (client.get, client.head):
            assert method(address(link, key)).status_code == 200
    assert everything_stored() == before


def test_it_offers_nothing_that_is_for_customers_only(client: Client) -> None:
    html = client.get(address(make_open_link())).content.decode()
    for other in ("/later", "/less", "/unsubscribe", "/you"):
        assert other not in html
    assert "May we call you" not in html, "we would not know whom"


def test_it_counts_apart_starts_no_clock_and_opens_no_follow_up(client: Client) -> None:
    answer(client, make_open_link(), score="0")
    assert Response.objects.counted().count() == 0
    assert open_due(timezone.now()) == 0
    assert not FollowUp.objects.exists()
    assert not Contact.objects.exists()


def test_pages_are_kept_one_by_one_and_found_again_by_their_address(client: Client) -> None:
    link = make_open_link(make_asked(ask("score", required=True), page("why", "text"), page("again", "yes_no")))
    first = answer(client, link, score="4")
    assert first["Location"].endswith("/2")
    elsewhere = Client()
    action, hidden = form_of(elsewhere.get(first["Location"]))
    third = elsewhere.post(action, hidden | {"why": "Rain"})
    action, hidden = form_of(client.get(third["Location"]))
    assert client.post(action, hidden | {"again": "1"})["Location"].endswith("/thanks")
    response = Response.objects.get()
    assert [str(one) for one in response.answers.order_by("question__position")] == ["4", "Rain", "1"]


def test_what_is_wrong_is_told_and_nothing_is_stored(client: Client) -> None:
    link = make_open_link()
    response = answer(client, link, score="", reason="Kept")
    assert response.status_code == 422
    assert "Please choose an answer." in seen(response)
    assert "Kept" in response.content.decode()
    assert answer(client, link, nonsense="1").status_code == 400
    assert not Response.objects.exists()
    assert not OpenMark.objects.exists()


def test_the_page_speaks_the_browsers_language_and_the_chosen_one(client: Client) -> None:
    link = make_open_link()
    assert "Wie zufrieden waren Sie mit Ihrem Besuch?" in seen(
        client.get(address(link), headers={"accept-language": "de"})
    )
    assert "How was your visit?" in seen(client.get(f"{address(link)}?lang=en", headers={"accept-language": "de"}))


def test_sending_twice_answers_once(client: Client) -> None:
    link = make_open_link()
    action, hidden = form_of(client.get(address(link)))
    locations = [client.post(action, hidden | {"score": score})["Location"] for score in ("9", "2")]
    assert locations[0] == locations[1]
    assert [answer.number for answer in Answer.objects.all()] == [9]


def test_thanks_come_only_after_an_answer_and_tell_what_was_changed(client: Client) -> None:
    link = make_open_link()
    assert client.get(f"{address(link, 'A' * 22)}/thanks").status_code == 303
    Improvement.objects.create(kind="visit", text="We opened a second till.", since="2026-03-01")
    thanks = seen(client.get(answer(client, link, score="2")["Location"]))
    assert "We opened a second till." in thanks
    assert "reads this by" not in thanks


@pytest.mark.parametrize("bad", ["x", "1-1" + "x" * 22, "é" * 30])
def test_what_we_never_made_shows_one_calm_page(client: Client, bad: str) -> None:
    link = make_open_link()
    for path in (f"/s/o/{bad}", f"/s/o/{open_token(link)}/{bad}", f"/s/{open_token(link)}"):
        response = client.get(path)
        assert response.status_code == 404
        assert "This link does not work" in seen(response)


@pytest.mark.parametrize("why", ["link", "survey"])
def test_a_closed_place_says_so(client: Client, why: str) -> None:
    link = make_open_link()
    if why == "link":
        OpenLink.objects.update(closed_at=timezone.now() - HOUR)
    else:
        SurveyVersion.objects.update(state="closed")
    response = client.get(address(link), headers={"accept-language": "de"})
    assert response.status_code == 410
    assert "Diese Umfrage ist geschlossen" in seen(response)
    assert client.post(address(link), {"score": "9"}).status_code == 410
    assert not Response.objects.exists()


# --- Receipts -----------------------------------------------------------------------------------------------------


def test_a_receipt_asks_about_its_own_experience_and_takes_one_answer(client: Client) -> None:
    link, bought = make_open_link(), make_touchpoint(occurred_at=NOON)
    key = receipt_token(link, bought.pk)
    assert "How was your purchase on Tuesday, May 5, 2026?" in seen(client.get(address(link, key)))
    assert answer(client, link, key=key, score="8").status_code == 303
    response = Response.objects.get()
    assert (response.touchpoint, response.customer, response.open_link) == (bought, None, link)
    again = Client().get(address(link, key))
    assert "You have already answered" in seen(again)
    assert client.post(address(link, key), {"score": "1"}).status_code == 303
    assert [one.number for one in Answer.objects.all()] == [8]


def test_a_receipt_is_answered_once_whichever_link_is_printed_on_it(client: Client) -> None:
    bought = make_touchpoint()
    version = make_version()
    for score in ("8", "1"):
        link = make_open_link(version)
        path = address(link, receipt_token(link, bought.pk))
        client.post(path, {"score": score})
    assert [one.number for one in Answer.objects.all()] == [8]


def test_what_the_company_knows_of_the_purchase_is_not_asked_but_kept(client: Client) -> None:
    version = make_asked(ask("score"), ask("team", "short_text", fact="touchpoint.team"), hidden_fields=["till"])
    link, bought = make_open_link(version), make_touchpoint(team="North", attributes={"till": 4})
    html = client.get(address(link, receipt_token(link, bought.pk))).content.decode()
    assert "About team?" not in html
    answer(client, link, key=receipt_token(link, bought.pk), score="9")
    response = Response.objects.get()
    assert response.attributes["hidden"] == {"till": 4}
    assert response.answers.get(known=True).text == "North"


def test_a_receipt_of_a_touchpoint_that_is_gone_shows_nothing(client: Client) -> None:
    link, bought = make_open_link(), make_touchpoint()
    key = receipt_token(link, bought.pk)
    bought.delete()
    assert client.get(address(link, key)).status_code == 404


# --- Stuffing -----------------------------------------------------------------------------------------------------


def test_no_more_answers_are_taken_than_the_limit_of_an_hour(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, link = set_clock(monkeypatch, NOON), make_open_link(per_hour=2)
    begun = form_of(client.get(address(link)))
    for _ in range(2):
        assert answer(client, link).status_code == 303
        clock.pass_by(minutes=10)
    for response in (client.get(address(link)), client.post(begun[0], begun[1] | {"score": "1"})):
        assert response.status_code == 429
        assert "Please come back a little later" in seen(response)
        assert response["Retry-After"] == str(40 * 60)
    clock.pass_by(minutes=41)
    assert answer(client, link).status_code == 303
    assert Response.objects.count() == 3


def test_whoever_has_begun_may_finish_while_the_link_is_full(client: Client) -> None:
    link = make_open_link(make_asked(ask("score"), page("why", "text")), per_hour=1)
    second = answer(client, link, score="4")["Location"]
    assert client.get(address(link)).status_code == 429
    action, hidden = form_of(client.get(second))
    assert client.post(action, hidden | {"why": "Rain"})["Location"].endswith("/thanks")


def test_the_limit_is_each_links_own(client: Client) -> None:
    version = make_version()
    full, other = make_open_link(version, per_hour=1), make_open_link(version, per_hour=1)
    answer(client, full)
    assert client.get(address(full)).status_code == 429
    assert client.get(address(other)).status_code == 200


def flags() -> list[list[str]]:
    return [response.attributes.get("flags", []) for response in Response.objects.order_by("pk")]


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_second_answer_of_the_same_browser_is_flagged_and_kept(
    client: Client, settings: Settings, proxies: int
) -> None:
    settings.PROXIES_IN_FRONT = proxies
    link, by_proxy = make_open_link(), ", 198.51.100.99" if proxies else ""
    mine = {"user-agent": "Phone 1", "x-forwarded-for": f"192.0.2.1{by_proxy}"}
    lies = {"x-forwarded-for": f"203.0.113.1{by_proxy}"}
    for headers in (mine, mine | lies, mine | {"user-agent": "Phone 2"}):
        answer(client, link, headers)
    assert ["duplicate" in found for found in flags()] == [False, True, False]


def test_a_program_that_fills_in_everything_is_flagged_and_kept(client: Client) -> None:
    link = make_open_link()
    action, hidden = form_of(client.get(address(link)))
    client.post(action, hidden | {"score": "10", "home.page": "http://spam.example"})
    assert "trap" in flags()[0]


def test_a_form_that_was_never_loaded_is_flagged_and_kept(client: Client) -> None:
    link = make_open_link()
    assert client.post(address(link, "A" * 22), {"score": "10"}).status_code == 303
    assert "unseen" in flags()[0]


def test_an_answer_in_no_time_is_flagged_and_kept(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, link = set_clock(monkeypatch, NOON), make_open_link()
    action, hidden = form_of(client.get(address(link)))
    clock.pass_by(minutes=0.01)
    client.post(action, hidden | {"score": "10", "reason": "x"})
    assert "speeder" in flags()[0]


def test_no_address_and_no_browser_is_stored_and_marks_mean_nothing_the_day_after(client: Client) -> None:
    link = make_open_link()
    answer(client, link, {"user-agent": "Strange/4711", "x-forwarded-for": "203.0.113.99"})
    stored = str(everything_stored())
    assert "Strange/4711" not in stored
    assert "203.0.113" not in stored
    assert OpenMark.objects.count() == OpenSecret.objects.count() == 1
    forget_marks(timezone.now())
    assert OpenMark.objects.count() == 1
    forget_marks(timezone.now() + timedelta(days=1))
    assert not OpenMark.objects.exists()
    assert not OpenSecret.objects.exists()


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (Browser("192.0.2.1", "a"), Browser("192.0.2.254", "a"), True),
        (Browser("192.0.2.1", "a"), Browser("192.0.3.1", "a"), False),
        (Browser("2001:db8:1::1", "a"), Browser("2001:db8:1:ffff::2", "a"), True),
        (Browser("2001:db8:1::1", "a"), Browser("2001:db8:2::1", "a"), False),
        (Browser("unknown", "a"), Browser("unknown", "a"), True),
        (Browser("", "\ud800"), Browser("", "b"), False),
    ],
)
def test_browsers_are_alike_by_network_and_kind(one: Browser, other: Browser, alike: bool) -> None:
    link = make_open_link()
    assert not has_answered(link, one, at=NOON)
    assert has_answered(link, other, at=NOON) is alike


def test_marks_are_of_one_link_and_of_one_day() -> None:
    browser, link = Browser("192.0.2.1", "a"), make_open_link()
    assert not has_answered(link, browser, at=NOON)
    assert not has_answered(make_open_link(), browser, at=NOON)
    assert not has_answered(link, browser, at=NOON + timedelta(days=1)), "another secret"
    assert has_answered(link, browser, at=datetime(2026, 5, 5, 23, 59, tzinfo=NOON.tzinfo))


def test_a_brand_in_another_language_asks_in_it(client: Client) -> None:
    link = make_open_link(make_version(default_language="de"))
    assert "Wie zufrieden waren Sie" in seen(client.get(address(link)))
    assert make_brand().default_language == "en"
