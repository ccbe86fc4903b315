"""In which language a link speaks, and what its thanks offer."""

import re
from typing import Any

import pytest
from django.test import Client

from contacts.models import Customer
from recovery.followups import open_due
from recovery.models import FollowUp
from surveys.models import Answer, Invitation, Response
from surveys.page_words import ENGLISH, LANGUAGES
from tests.surveys.answer_links import address, invite, seen
from tests.surveys.asked import ask, make_asked, page
from tests.surveys.makers import NOON, make_customer
from tests.surveys.sent_forms import form_of

pytestmark = pytest.mark.django_db
ALL = ("en", "de", "fr", "es", "ar")


def in_languages(*languages: str, customer: Customer | None = None, **fields: Any) -> Invitation:
    version = make_asked(page("score", required=True), page("reason", "text"), languages=languages)
    more = {"customer": customer, "touchpoint": None} if customer else {}
    return invite(version, **more, **fields)


def language(response: Any) -> str:
    return str(re.findall(r'<html lang="([^"]+)"', response.content.decode())[0])


# --- Languages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", ALL)
def test_a_page_speaks_every_language_that_we_do(client: Client, tag: str) -> None:
    response = client.get(address(in_languages(*ALL, customer=make_customer(language=tag))))
    assert (language(response), response["Content-Language"]) == (tag, tag)
    assert f'dir="{LANGUAGES[tag].direction}"' in response.content.decode()
    assert LANGUAGES[tag].next in seen(response)
    assert "{" not in seen(response)


@pytest.mark.parametrize(
    ("customers", "query", "browser", "spoken"),
    [
        ("de", "", "fr", "de"),
        ("de-AT", "", "fr", "de"),
        ("", "", "tlh, fr;q=0.8", "fr"),
        ("", "", "", "en"),
        ("", "?lang=ar", "fr", "ar"),
        ("de", "?lang=ar", "fr", "ar"),
        ("de", "?lang=tlh", "fr", "de"),
        ("tlh", "", "ja", "en"),
        ("de", '?lang="><script>', "fr", "de"),
    ],
)
def test_the_language_is_the_chosen_one_the_customers_or_the_browsers(
    client: Client, customers: str, query: str, browser: str, spoken: str
) -> None:
    invitation = in_languages(*ALL, customer=make_customer(language=customers))
    response = client.get(f"{address(invitation)}{query}", headers={"accept-language": browser})
    assert language(response) == spoken
    assert b"<script" not in response.content


def test_a_language_that_was_chosen_is_kept_on_every_page_and_device(client: Client) -> None:
    invitation = in_languages("en", "de")
    form = client.get(f"{address(invitation)}?lang=de")
    actions = re.findall(r'action="([^"]+)"', form.content.decode())
    assert {action.rpartition("?")[2] for action in actions} == {"lang=de"}
    led = client.post(actions[0], {"score": "9"})["Location"]
    assert led == address(invitation, "/2?lang=de")
    assert language(client.get(led)) == "de"
    assert Response.objects.get().language == "de"
    assert language(Client(headers={"accept-language": "en"}).get(address(invitation))) == "de"


def test_other_languages_are_offered_by_their_own_names(client: Client) -> None:
    invitation = in_languages("en", "de", "ar")
    shown = client.get(address(invitation)).content.decode()
    offered = re.findall(r'<a href="([^"]+)" lang="(\w+)" hreflang="\w+" dir="(\w+)">([^<]+)</a>', shown)
    assert offered == [
        (address(invitation, "?lang=ar"), "ar", "rtl", "العربيّة"),
        (address(invitation, "?lang=de"), "de", "ltr", "Deutsch"),
    ]


def test_a_language_in_which_a_question_is_missing_is_not_offered(client: Client) -> None:
    invitation = in_languages("en", "de")
    invitation.version.questions.get(key="reason").translations.filter(language="de").delete()
    response = client.get(f"{address(invitation)}?lang=de")
    assert (language(response), b"hreflang" in response.content) == ("en", False)


def test_thanks_switch_the_language_and_stay_thanks(client: Client) -> None:
    invitation = in_languages("en", "de")
    for path, given in (("", {"score": "9"}), ("/2", {"reason": "x"})):
        client.post(address(invitation, path), given)
    assert (
        f'href="{address(invitation, "/thanks?lang=de")}"'
        in client.get(address(invitation, "/thanks")).content.decode()
    )
    assert LANGUAGES["de"].change in seen(client.get(address(invitation, "/thanks?lang=de")))


# --- The next step --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("score", range(11))
def test_everybody_is_led_to_the_same_place_of_reviews(client: Client, score: int) -> None:
    invitation = invite(make_asked(ask("score"), review_url="https://reviews.example/northwind"))
    client.post(address(invitation), {"score": str(score)})
    page = client.get(address(invitation, "/thanks")).content.decode()
    [link] = re.findall(r"<p>[^<]*<a href=\"https://reviews.example/northwind\" rel=\"noreferrer\">[^<]*</a></p>", page)
    assert ENGLISH.review in link
    assert ENGLISH.review_link in link


def test_without_such_a_place_nobody_is(client: Client) -> None:
    invitation = invite(make_asked(ask("score")))
    client.post(address(invitation), {"score": "9"})
    assert ENGLISH.review not in seen(client.get(address(invitation, "/thanks")))


SCALES = [("nps", 6, 7), ("csat", 2, 3), ("stars", 2, 3), ("ces", 3, 4)]


@pytest.mark.parametrize(("kind", "low", "fair"), SCALES)
def test_after_a_low_score_without_a_page_a_call_is_offered_and_one_tap_asks_for_it(
    client: Client, kind: str, low: int, fair: int
) -> None:
    version = make_asked(ask("score", kind), ask("call_me", "contact_wish"))
    calm, unhappy = invite(version), invite(version)
    for invitation, score in ((calm, fair), (unhappy, low)):
        client.post(address(invitation), {"score": str(score)})
    assert ENGLISH.call_offer not in seen(client.get(address(calm, "/thanks")))
    thanks = seen(client.get(address(unhappy, "/thanks")))
    assert "reads this by" in thanks
    assert ENGLISH.call_offer in thanks
    assert client.post(address(unhappy, "/call"))["Location"] == address(unhappy, "/thanks")
    assert Answer.objects.get(question__kind="contact_wish").response.invitation == unhappy
    again = seen(client.get(address(unhappy, "/thanks")))
    assert ENGLISH.call_offer not in again
    assert "You asked us to call" in again


def test_whoever_left_the_wish_open_on_the_page_is_not_asked_again(client: Client) -> None:
    invitation = invite(make_asked(ask("score"), ask("call_me", "contact_wish")))
    form = form_of(client.get(address(invitation)).content.decode(), address(invitation))
    assert "call_me" not in form
    client.post(address(invitation), form | {"score": "2"})
    thanks = seen(client.get(address(invitation, "/thanks")))
    assert "reads this by" in thanks
    assert ENGLISH.call_offer not in thanks


def test_no_call_is_offered_that_the_survey_does_not_ask_about_or_that_comes_too_late(client: Client) -> None:
    plain, late = invite(make_asked(ask("score"))), invite(make_asked(ask("score"), ask("call_me", "contact_wish")))
    for invitation in (plain, late):
        client.post(address(invitation), {"score": "0"})
    Response.objects.filter(invitation=late).update(finished_at=NOON)
    for invitation in (plain, late):
        assert ENGLISH.call_offer not in seen(client.get(address(invitation, "/thanks")))
        assert client.post(address(invitation, "/call")).status_code == 303
    assert not Answer.objects.filter(question__kind="contact_wish").exists()


def test_a_wish_on_the_second_page_reaches_the_follow_up_of_the_first(client: Client) -> None:
    invitation = invite(make_asked(page("score"), page("call_me", "contact_wish")))
    client.post(address(invitation), {"score": "2"})
    at = Response.objects.get().updated_at
    assert open_due(at) == 1
    assert FollowUp.objects.get().trigger == "low_score"
    client.post(address(invitation, "/2"), {"call_me": "1"})
    later = Response.objects.get().updated_at
    assert open_due(later) == 0
    follow_up = FollowUp.objects.get()
    assert follow_up.trigger == "contact_wish"
    assert [note.text for note in follow_up.notes.all()] == ["The customer asked to be called."]
    assert open_due(later) == 0
    assert follow_up.notes.count() == 1


def test_a_change_of_mind_for_the_worse_opens_a_follow_up(client: Client) -> None:
    invitation = invite(make_asked(ask("score")))
    client.post(address(invitation), {"score": "9"})
    assert open_due(Response.objects.get().updated_at) == 0
    client.post(address(invitation), {"score": "1"})
    assert open_due(Response.objects.get().updated_at) == 1


def test_thanks_wait_for_the_last_page(client: Client) -> None:
    invitation = in_languages("en")
    client.post(address(invitation), {"score": "9"})
    assert client.get(address(invitation, "/thanks"))["Location"] == address(invitation)
