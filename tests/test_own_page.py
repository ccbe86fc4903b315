"""The customer's own page, as HTTP: what it tells, what it does, and that looking stores nothing."""

import json
import re
from datetime import timedelta
from html import unescape
from string import Formatter
from typing import Any

import pytest
from django.db.models import TextChoices
from django.test import Client
from django.utils import timezone

from analytics.own_data import RISK_COLUMNS, THEME_COLUMNS
from contacts import consent
from contacts import own_data as contacts_data
from contacts.models import (
    Appointment,
    ConsentEvent,
    Contact,
    Customer,
    Decision,
    Identifier,
    OptOut,
    Proposal,
    Touchpoint,
    Wish,
)
from contacts.models.words import Channel, Outcome, Purpose, Via
from recovery.followups import close, open_due
from recovery.models import FollowUp
from recovery.own_data import FOLLOW_UP_COLUMNS, TOLD_COLUMNS
from surveys import own_data as surveys_data
from surveys.links import token
from surveys.models import Attempt, CallCase, CallOutcome, IncomingSms, Invitation, Response
from surveys.own_page_words import OWN_LANGUAGES
from surveys.own_page_words.shape import CODED
from surveys.page_words import LANGUAGES
from surveys.publishing import publish
from surveys.survey_making import make_survey
from surveys.survey_templates import NPS
from tests.contacts.events.senders import make_source, take_in, track
from tests.surveys.answer_links import everything_stored, seen
from tests.surveys.answered import make_response
from tests.surveys.makers import make_brand, make_customer, make_invitation, make_program, make_touchpoint, make_version

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def invite(customer: Customer | None = None, **fields: Any) -> Invitation:
    """Return an invitation that was sent yesterday, about a purchase of the day before."""
    sent_at = timezone.now() - DAY
    customer = customer or make_customer(phone="+15550107788")
    visit = make_touchpoint(customer, occurred_at=sent_at - DAY)
    version = fields.pop("version", None) or make_version()
    invitation = make_invitation(version, touchpoint=visit, due_at=sent_at, state="sent", sent_at=sent_at, **fields)
    Contact.objects.filter(pk=invitation.contact_id).update(outcome="delivered")
    return invitation


def answer(invitation: Invitation, score: int, text: str = "") -> Response:
    return make_response(
        score, text, version=invitation.version, invitation=invitation, touchpoint=invitation.touchpoint,
        answered_at=invitation.sent_at, updated_at=invitation.sent_at, finished_at=invitation.sent_at,
    )  # fmt: skip


def at(invitation: Invitation, step: str = "") -> str:
    return f"/s/{token(invitation)}/you{step}"


def test_it_says_which_visit_which_program_how_often_and_when_next(client: Client) -> None:
    version = make_version()
    invitation = invite(version=version, program=make_program(version, name="After a purchase", share=0.25))
    page = seen(client.get(at(invitation)))
    assert "Northwind Outfitters asked you about your purchase on" in page
    assert "The question belongs to “After a purchase”" in page
    assert "About 25 in 100 of them are asked." in page
    assert "we have contacted you once" in page
    assert "you again" in page


def test_contacts_are_those_of_90_days_on_all_records_of_the_person(client: Client) -> None:
    head = make_customer()
    invitation = invite(head)
    merged = make_customer(merged_into=head)
    values = {"channel": "email", "purpose": "other", "outcome": "delivered", "source": "crm"}
    for customer, days in ((merged, 5), (head, 89), (head, 91)):
        when = timezone.now() - days * DAY
        Contact.objects.create(customer=customer, at=when, recorded_at=when, updated_at=when, **values)
    assert "we have contacted you 3 times" in seen(client.get(at(invitation)))


def test_it_says_when_she_is_asked_again_at_the_earliest(client: Client) -> None:
    invitation = invite()
    consent.pause(invitation.customer_id, timezone.now() + 40 * DAY, at=timezone.now(), via="link")
    page = seen(client.get(at(invitation)))
    until = timezone.now() + 40 * DAY
    assert f"We do not ask you again before {until:%A, %B} {until.day}, {until.year}." in page
    consent.opt_out(invitation.customer_id, "", at=timezone.now(), via="link")
    assert "We do not ask you again: you have asked us to stop" in seen(client.get(at(invitation)))


def test_it_says_what_became_of_the_last_answer(client: Client) -> None:
    invitation = invite()
    assert "We have no answer from you yet." in seen(client.get(at(invitation)))
    answer(invitation, 2)
    open_due(timezone.now())
    assert "is seeing to your last answer, by" in seen(client.get(at(invitation)))
    follow_up = FollowUp.objects.get()
    close(follow_up, action="We sent a new pair.", no_action_reason="", by_id=None, at=timezone.now())
    assert "because of your answer: We sent a new pair." in seen(client.get(at(invitation)))


def test_a_reason_that_is_for_colleagues_is_not_shown(client: Client) -> None:
    invitation = invite()
    answer(invitation, 2)
    open_due(timezone.now())
    close(FollowUp.objects.get(), action="", no_action_reason="Always complains", by_id=None, at=timezone.now())
    page = seen(client.get(at(invitation)))
    assert "looked into your answer" in page
    assert "complains" not in page


@pytest.mark.parametrize("step", ["", "/erase"])
def test_looking_stores_nothing_and_shows_no_name_or_address(client: Client, step: str) -> None:
    invitation = invite(make_customer(name="Zerlina", email="zerlina@home.example", phone="+15550107788"))
    answer(invitation, 3, "My secret words")
    before = everything_stored()
    for method in (client.get, client.head):
        response = method(at(invitation, step))
        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store"
        text = response.content.decode()
        assert not any(word in text for word in ("Zerlina", "zerlina@", "5550107788", "secret"))
    assert everything_stored() == before


@pytest.mark.parametrize("step", ["/data", "/prefer", "/pause", "/resume"])
def test_what_does_something_is_no_page_to_look_at(client: Client, step: str) -> None:
    invitation = invite()
    before = everything_stored()
    assert client.get(at(invitation, step)).status_code == 405
    assert everything_stored() == before


def test_another_channel_is_one_tap_and_is_told(client: Client) -> None:
    invitation = invite()
    page = client.get(at(invitation)).content.decode()
    assert [f'value="{channel}"' in page for channel in ("email", "sms", "phone")] == [True, True, True]
    response = client.post(at(invitation, "/prefer"), {"channel": "sms"})
    assert response.status_code == 303
    page = seen(client.get(response["Location"]))
    assert "We ask you by SMS wherever we can." in page
    assert "Ask me by SMS" not in page
    assert Wish.objects.get().channel == "sms"


def test_a_channel_without_an_address_or_that_was_stopped_is_not_offered(client: Client) -> None:
    invitation = invite()
    consent.opt_out(invitation.customer_id, "phone", at=timezone.now(), via="link")
    assert "Call me instead" not in seen(client.get(at(invitation)))
    assert client.post(at(invitation, "/prefer"), {"channel": "phone"}).status_code == 400
    only_email = invite(make_customer())
    assert "Ask me by email" not in seen(client.get(at(only_email))), "nothing to choose between"
    assert not Wish.objects.exists()


def test_a_pause_ends_when_the_day_begins_by_her_clock(client: Client) -> None:
    invitation = invite(make_customer(time_zone="Asia/Tokyo"))
    day = (timezone.now() + 30 * DAY).date()
    assert client.post(at(invitation, "/pause"), {"until": day.isoformat()}).status_code == 303
    until = Wish.objects.get().pause_until
    assert until
    assert until.isoformat() == f"{day - DAY}T15:00:00+00:00"
    assert f"{day.day}, {day.year} you will not hear from us" in seen(client.get(at(invitation)))


@pytest.mark.parametrize("until", ["", "soon", "2020-01-01", "9999-12-31", "2026-02-30", "\0", "\u0662027-01-01"])
def test_a_day_that_cannot_be_is_refused_with_those_that_can(client: Client, until: str) -> None:
    response = client.post(at(invite(), "/pause"), {"until": until})
    assert response.status_code == 422
    assert "Please choose a day from" in seen(response)
    assert not Wish.objects.exists()


def test_everything_can_be_taken_back(client: Client) -> None:
    invitation = invite()
    consent.opt_out(invitation.customer_id, "email", at=timezone.now(), via="link")
    consent.ask_less(invitation.customer_id, 90, at=timezone.now(), via="link")
    page = seen(client.get(at(invitation)))
    assert "We send you no more emails." in page
    assert "at most once in 90 days" in page
    response = client.post(at(invitation, "/resume"))
    assert "What you have asked for" not in seen(client.get(response["Location"]))
    assert not OptOut.objects.filter(reopened_at=None).exists()
    assert not Wish.objects.filter(withdrawn_at=None).exists()


def test_her_data_come_as_a_page_and_as_a_file(client: Client) -> None:
    invitation = invite(make_customer(name="Zerlina <b>", email="zerlina@home.example", phone="+15550107788"))
    answer(invitation, 3, "Too slow")
    page = client.post(at(invitation, "/data"), {"as": "page"})
    text = page.content.decode()
    for told in ("Zerlina &lt;b&gt;", "zerlina@home.example", "+15550107788", "Too slow", "purchase"):
        assert told in text
    assert page["Cache-Control"] == "no-store"
    file = client.post(at(invitation, "/data"), {"as": "file"})
    assert file["Content-Disposition"] == 'attachment; filename="my-data.json"'
    data = json.loads(file.content)
    assert data["legend"]["person"] == {
        "": "You",
        "name": "Name",
        "source": "Comes from",
        "external_id": "Number there",
        "time_zone": "Time zone",
    }
    assert data["legend"]["answers"]["answer"] == "Answer"
    assert data["person"][0]["name"] == "Zerlina <b>"
    assert {row["value"] for row in data["addresses"]} == {"zerlina@home.example", "+15550107788"}
    assert data["answers"][0]["answers"] == [
        {"question": "score", "answer": "3"},
        {"question": "reason", "answer": "Too slow"},
    ]
    assert [row["kind"] for row in data["experiences"]] == ["purchase"]


def test_her_data_are_told_in_her_language_and_the_file_has_the_same_keys(client: Client) -> None:
    version = make_survey(NPS, make_brand())
    publish(version, at=timezone.now())
    invitation = invite(make_customer(name="Zerlina", attributes={"shoe size": 38}), version=version)
    Response.objects.filter(pk=answer(invitation, 3, "Zu langsam").pk).update(attributes={"branch": "Oslo"})
    page = client.post(at(invitation, "/data?lang=de"), {"as": "page"}).content.decode()
    columns = re.findall("<dt>(.*?)</dt>", page)
    assert {"Zeitzone", "Bekannt seit", "Was es war", "Gesendet am", "Was Sie sagten"} <= set(columns)
    assert not [name for name in columns if "_" in name]
    assert "Frage: score, Antwort: 3" in page
    assert "shoe size: 38" in page
    assert "branch: Oslo" in page
    data = json.loads(client.post(at(invitation, "/data?lang=de"), {"as": "file"}).content)
    assert data["messages"][0].keys() == data["legend"]["messages"].keys() - {""}
    assert data["legend"]["experiences"]["kind"] == "Was es war"


KEPT = {
    "person": contacts_data.PERSON_COLUMNS,
    "addresses": contacts_data.ADDRESS_COLUMNS,
    "experiences": contacts_data.VISIT_COLUMNS,
    "events": contacts_data.EVENT_COLUMNS,
    "contacts": contacts_data.CONTACT_COLUMNS,
    "refusals": contacts_data.REFUSAL_COLUMNS,
    "wishes": contacts_data.WISH_COLUMNS,
    "consents": contacts_data.CONSENT_COLUMNS,
    "overrides": contacts_data.OVERRIDE_COLUMNS,
    "appointments": contacts_data.APPOINTMENT_COLUMNS,
    "compared": contacts_data.PAIR_COLUMNS,
    "decisions": ("decided_at", "purpose", "channel", "decision", "why"),
    "messages": surveys_data.INVITATION_COLUMNS,
    "handed_over": surveys_data.ATTEMPT_COLUMNS,
    "written": surveys_data.WRITTEN_COLUMNS,
    "answers": (
        *("answered_at", "survey", "channel", "seconds", "device", "noted", "answers"),
        *surveys_data.ANSWER_COLUMNS,
    ),
    "texts": surveys_data.TEXT_COLUMNS,
    "call_cases": surveys_data.CASE_COLUMNS,
    "calls": surveys_data.CALL_COLUMNS,
    "follow_ups": FOLLOW_UP_COLUMNS,
    "notes": ("at", "text"),
    "told_to_other_systems": TOLD_COLUMNS,
    "risks": RISK_COLUMNS,
    "themes": THEME_COLUMNS,
}


def test_every_column_of_her_data_has_a_name_and_every_name_a_column() -> None:
    english = OWN_LANGUAGES["en"]
    assert KEPT.keys() == english.sections.keys()
    used = {
        f"{part}.{name}" if f"{part}.{name}" in english.columns else name
        for part, columns in KEPT.items()
        for name in columns
    }
    assert used == english.columns.keys()


WORDS: dict[str, list[type[TextChoices]]] = {
    "type": [Identifier.Type],
    "direction": [Touchpoint.Direction],
    "purpose": [Purpose],
    "channel": [Channel],
    "outcome": [Outcome, CallOutcome, Attempt.Outcome],
    "via": [Via],
    "kind": [Wish.Kind],
    "state": [Appointment.State, Invitation.State, FollowUp.State, Proposal.State, CallCase.State],
    "decision": [Decision.Result],
    "device": [Response.Device],
    "meaning": [IncomingSms.Meaning],
    "trigger": [FollowUp.Trigger],
    "said": [ConsentEvent.Said],
}
"""Column of her data -> what it can hold."""


@pytest.mark.parametrize("language", OWN_LANGUAGES)
def test_every_word_of_ours_is_told_in_every_language_and_no_other(language: str) -> None:
    own = OWN_LANGUAGES[language]
    assert WORDS.keys() == CODED
    values = [(name, str(value)) for name, choices in WORDS.items() for choice in choices for value in choice]
    used = {f"{name}.{value}" if f"{name}.{value}" in own.values else value for name, value in values}
    assert used == own.values.keys()


def test_words_of_ours_are_told_in_hers_and_those_of_others_as_they_wrote_them(client: Client) -> None:
    invitation = invite(make_customer(name="Planned"))
    page = seen(client.post(at(invitation, "/data?lang=de"), {"as": "page"}))
    for told in ("E-Mail", "Einladung", "Gesendet", "Angekommen", "Planned", "purchase"):
        assert told in page
    file = json.loads(client.post(at(invitation, "/data?lang=de"), {"as": "file"}).content)
    assert (file["messages"][0]["state"], file["contacts"][0]["outcome"]) == ("sent", "delivered")


def test_what_other_systems_told_of_her_is_among_her_data(client: Client) -> None:
    ada = make_customer(source="shop", external_id="u1")
    shop, _ = make_source("shop")
    take_in(shop, track(properties={"agent": "Kim"}), track("m2", userId="u2"))
    data = json.loads(client.post(at(invite(ada), "/data"), {"as": "file"}).content)
    assert [(row["name"], row["body"]["properties"]) for row in data["events"]] == [("Chat Ended", {"agent": "Kim"})]


def test_her_data_are_hers_alone(client: Client) -> None:
    answer(invite(make_customer(name="Ben", email="ben@home.example")), 5, "Of Ben")
    text = client.post(at(invite(), "/data"), {"as": "file"}).content.decode()
    assert "Ben" not in text
    assert "ben@" not in text


def test_erasing_needs_the_tick_and_then_the_link_is_dead(client: Client) -> None:
    invitation = invite(make_customer(name="Zerlina"))
    refused = client.post(at(invitation, "/erase"))
    assert refused.status_code == 422
    assert "Please tick the box first" in seen(refused)
    assert Customer.objects.get(pk=invitation.customer_id).name == "Zerlina"
    done = client.post(at(invitation, "/erase"), {"sure": "yes"})
    assert "Everything about you is erased" in seen(done)
    assert Customer.objects.get(pk=invitation.customer_id).name == ""
    for page in ("", "/you", "/unsubscribe"):
        assert client.get(f"/s/{token(invitation)}{page}").status_code == 404


def test_a_second_click_on_erase_is_told_that_it_is_done(client: Client) -> None:
    invitation = invite(make_customer(name="Zerlina"))
    for _ in range(2):
        done = client.post(at(invitation, "/erase"), {"sure": "yes"})
        assert done.status_code == 200
        assert "Everything about you is erased" in seen(done)
        assert "This link does not work any more" in seen(done)
        assert (done["Cache-Control"], done["Referrer-Policy"]) == ("no-store", "no-referrer")
    german = client.post(at(invitation, "/erase"), {"sure": "yes"}, headers={"Accept-Language": "de-AT"})
    assert OWN_LANGUAGES["de"].erased in seen(german)
    assert "Zerlina" not in german.content.decode()
    assert client.post(f"/s/1-1{'x' * 22}/you/erase", {"sure": "yes"}).status_code == 404
    assert client.get(at(invitation, "/erase")).status_code == 404


def test_erasing_says_what_stays_and_what_it_does_not_reach(client: Client) -> None:
    page = seen(client.get(at(invite(), "/erase")))
    assert "What stays:" in page
    assert "a code made from your addresses" in page
    assert "Northwind Outfitters may keep data about you in other places" in page


@pytest.mark.parametrize("page", ["", "/unsubscribe", "/noted"])
def test_every_page_behind_the_link_leads_there(client: Client, page: str) -> None:
    invitation = invite()
    html = client.get(f"/s/{token(invitation)}{page}").content.decode()
    assert (f'href="{at(invitation)}"' in html) == (page != "/unsubscribe")


@pytest.mark.parametrize("state", ["answered", "expired"])
def test_it_works_after_the_answer_and_after_the_link_has_expired(client: Client, state: str) -> None:
    invitation = invite()
    if state == "answered":
        answer(invitation, 9)
    else:
        Invitation.objects.filter(pk=invitation.pk).update(closes_at=timezone.now() - DAY)
    assert client.get(at(invitation)).status_code == 200
    assert f'href="{at(invitation)}"' in client.get(f"/s/{token(invitation)}").content.decode()


def test_a_forged_link_shows_nothing(client: Client) -> None:
    for step in ("", "/erase"):
        assert client.get(f"/s/1-1{'x' * 22}/you{step}").status_code == 404
    assert client.post(f"/s/1-1{'x' * 22}/you/data").status_code == 404


def test_a_program_with_markup_in_its_name_is_shown_as_text(client: Client) -> None:
    version = make_version()
    invitation = invite(version=version, program=make_program(version, name="<script>alert(1)</script>"))
    html = client.get(at(invitation)).content.decode()
    assert "<script" not in html
    assert "<script>alert(1)</script>" in unescape(html)


def test_the_page_speaks_every_language_of_the_customers_pages() -> None:
    assert OWN_LANGUAGES.keys() == LANGUAGES.keys()


@pytest.mark.parametrize("language", OWN_LANGUAGES)
def test_every_language_has_the_same_places_for_facts(language: str) -> None:
    english, own = OWN_LANGUAGES["en"], OWN_LANGUAGES[language]
    for name in english.__slots__:
        mine, theirs = (getattr(words, name) for words in (own, english))
        pairs = [(mine[key], theirs[key]) for key in theirs] if isinstance(theirs, dict) else [(mine, theirs)]
        assert not isinstance(theirs, dict) or mine.keys() == theirs.keys(), name
        for one, other in pairs:
            assert places(one) == places(other), name
            assert one.strip() == one, name
            assert one, name


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_the_page_is_right_to_left_in_arabic(client: Client) -> None:
    html = client.get(f"{at(invite())}?lang=ar").content.decode()
    assert 'dir="ltr"' in html, "the survey is not written in Arabic, so its page is not either"
