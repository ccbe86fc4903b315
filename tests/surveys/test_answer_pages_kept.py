"""A survey of several pages: each is kept as it is sent, and the link goes on where one stopped."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from contacts.models import Contact
from surveys.answering import LinkState, amend, open_link, submit
from surveys.keeping import Seen, keep_page, sitting_of
from surveys.links import token
from surveys.models import Answer, Invitation, Response, Survey, SurveyVersion
from surveys.page_words import ENGLISH
from surveys.questionnaires import questionnaire
from surveys.questions.reading import Problem
from tests.surveys.answer_links import address, everything_stored, invite, seen
from tests.surveys.asked import ask, every_kind, make_asked, page
from tests.surveys.makers import make_customer, make_touchpoint

pytestmark = pytest.mark.django_db
LOW = {"all": [{"question": "score", "is": "at_most", "value": 6}]}
PHONE = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Mobile/15E148"}


def make_branched(**fields: Any) -> SurveyVersion:
    """Return a survey that asks the unhappy why, on a page of its own, before the last one."""
    return make_asked(
        page("score", required=True),
        page("why", "text", required=True, show_if=LOW),
        ask("call_me", "contact_wish", show_if=LOW),
        page("last", "choice", options="shop web"),
        **fields,
    )


def send(client: Client, invitation: Invitation, number: int | str = "", **given: Any) -> str:
    """Load a page, send it, and return where it leads to, without the link."""
    link = address(invitation, f"/{number}" if number else "")
    form = client.get(link).content.decode()
    loaded = re.findall(r'name="home.at" value="([^"]+)"', form)
    response = client.post(link, given | {"home.at": loaded or [""]}, headers=PHONE)
    assert response.status_code == 303, seen(response)
    return str(response["Location"]).removeprefix(address(invitation))


def said() -> dict[str, str]:
    answers = Answer.objects.select_related("question")
    return {answer.question.key: answer.text or answer.part or str(answer.number) for answer in answers}


def asked(response: Any) -> list[str]:
    """Return the keys of the questions on a page."""
    names = re.findall(r' name="([a-z0-9_]+)[".]', response.content.decode())
    return [name for name in dict.fromkeys(names) if name not in ("home", "days", "channel", "viewport", "robots")]


# --- Kept at once -----------------------------------------------------------------------------------------------


def test_the_first_page_is_an_answer_already(client: Client) -> None:
    invitation = invite(make_branched())
    assert send(client, invitation, score="3") == "/2"
    response = Response.objects.get()
    assert (response.invitation, response.finished_at, response.page) == (invitation, None, 1)
    assert (response.device, response.language, response.attributes) == ("phone", "en", {})
    assert response.started_at
    assert timedelta() <= response.answered_at - response.started_at < timedelta(minutes=1)
    assert response.seconds is not None
    assert said() == {"score": "3"}
    assert Contact.objects.filter(purpose="response").count() == 1


def test_the_last_page_finishes_it(client: Client) -> None:
    invitation = invite(make_branched())
    ways = [send(client, invitation, score="3"), send(client, invitation, 2, why="Late", call_me="1")]
    ways.append(send(client, invitation, 3, last="web"))
    assert ways == ["/2", "/3", "/thanks"]
    response = Response.objects.get()
    assert response.finished_at
    assert response.finished_at >= response.answered_at
    assert response.page == 4
    assert said() == {"score": "3", "why": "Late", "call_me": "1", "last": "web"}
    assert Contact.objects.filter(purpose="response").count() == 1


def test_answers_lead_past_pages(client: Client) -> None:
    invitation = invite(make_branched())
    assert send(client, invitation, score="9") == "/3"
    assert send(client, invitation, 3) == "/thanks"
    assert said() == {"score": "9"}


def test_on_another_device_it_goes_on_where_one_stopped(client: Client) -> None:
    invitation = invite(make_branched())
    send(client, invitation, score="3")
    elsewhere = Client().get(address(invitation))
    assert asked(elsewhere) == ["why", "call_me"]
    assert "What you have sent is kept." in seen(elsewhere)
    assert "questions" not in seen(elsewhere)
    assert open_link(token(invitation), timezone.now()).state == LinkState.BEGUN


def test_a_page_that_cannot_be_kept_is_shown_again_and_nothing_of_it_stored(client: Client) -> None:
    invitation = invite(make_branched())
    send(client, invitation, score="3")
    response = client.post(address(invitation, "/2"), {"call_me": "1"})
    assert response.status_code == 422
    assert f'action="{address(invitation, "/2")}"' in response.content.decode()
    assert ENGLISH.missing_text in seen(response)
    assert said() == {"score": "3"}


def test_pages_further_on_open_only_when_it_is_their_turn(client: Client) -> None:
    invitation = invite(make_branched())
    for number in (2, 3, 4, 99):
        assert client.get(address(invitation, f"/{number}"))["Location"] == address(invitation)
    send(client, invitation, score="9")
    assert client.get(address(invitation, "/2"))["Location"] == address(invitation)
    assert asked(client.get(address(invitation, "/3"))) == ["last"]


def test_whoever_skips_what_must_be_answered_is_led_back_to_it(client: Client) -> None:
    invitation = invite(make_branched())
    assert client.post(address(invitation, "/3"), {"last": "web"})["Location"] == address(invitation, "/1")
    assert Response.objects.get().finished_at is None
    assert send(client, invitation, 1, score="9") == "/3"
    assert send(client, invitation, 3, last="web") == "/thanks"


def test_seconds_add_up_over_the_pages_and_no_get_writes_them(client: Client) -> None:
    invitation = invite(make_branched())
    before = everything_stored()
    client.get(address(invitation))
    assert everything_stored() == before
    at, asked_in = timezone.now(), questionnaire(invitation.version, "en")
    found = open_link(token(invitation), at).invitation
    assert found
    sitting = sitting_of(found, asked_in, at)
    keep_page(sitting, 1, {"score": "9"}, at=at + timedelta(seconds=8), seen=Seen(at, "phone"))
    late = at + timedelta(hours=9)
    keep_page(sitting, 3, {}, at=late, seen=Seen(late - timedelta(seconds=5), "computer"))
    response = Response.objects.get()
    assert (response.seconds, response.device, response.started_at) == (13, "computer", at)


def test_flags_of_all_pages_are_kept_together(client: Client) -> None:
    invitation = invite(make_branched())
    client.post(address(invitation), {"score": "9", "home.page": "spam"})
    send(client, invitation, 3, last="web")
    assert Response.objects.get().attributes["flags"] == ["speeder", "trap", "unseen"]


# --- Back, twice, two tabs --------------------------------------------------------------------------------------


def test_back_keeps_what_is_on_the_page_and_shows_the_one_before(client: Client) -> None:
    invitation = invite(make_branched())
    send(client, invitation, score="3")
    assert send(client, invitation, 2, call_me="1", **{"home.back": "1"}) == "/1"
    assert said() == {"score": "3", "call_me": "1"}
    assert re.search(r'value="3" required checked', client.get(address(invitation, "/1")).content.decode())
    assert asked(client.get(address(invitation))) == ["why", "call_me"]
    assert 'value="1" checked' in client.get(address(invitation)).content.decode()


def test_the_first_page_has_no_way_back_and_the_others_do(client: Client) -> None:
    invitation = invite(make_branched())
    assert "home.back" not in client.get(address(invitation)).content.decode()
    send(client, invitation, score="3")
    shown = client.get(address(invitation)).content.decode()
    assert shown.index('class="send"') < shown.index('name="home.back"')  # Enter sends


@pytest.mark.parametrize("number", [1, 3])
def test_the_same_page_sent_twice_is_the_same_end(client: Client, number: int) -> None:
    invitation = invite(make_branched())
    given = {1: {"score": "9"}, 3: {"last": "web"}}
    for place in (1, 3):
        ways = {send(client, invitation, place, **given[place]) for _ in range(2 if place == number else 1)}
        assert len(ways) == 1
    assert said() == {"score": "9", "last": "web"}
    assert Response.objects.get().finished_at
    assert Contact.objects.filter(purpose="response").count() == 1


def test_a_page_that_another_tab_has_led_past_changes_nothing(client: Client) -> None:
    invitation = invite(make_branched())
    send(client, invitation, score="3")
    send(client, invitation, 1, score="9")
    assert client.post(address(invitation, "/2"), {"why": "Late"})["Location"] == address(invitation, "/3")
    assert said() == {"score": "9"}


def test_what_is_not_on_the_way_any_more_is_gone_when_it_is_finished(client: Client) -> None:
    invitation = invite(make_branched())
    send(client, invitation, score="3")
    send(client, invitation, 2, why="Late", call_me="1")
    send(client, invitation, 1, score="9")
    assert said() == {"score": "9", "why": "Late", "call_me": "1"}
    send(client, invitation, 3, last="web")
    assert said() == {"score": "9", "last": "web"}


@pytest.mark.django_db(transaction=True)
def test_of_many_first_pages_at_once_one_response_is_made() -> None:
    invitation, clicks = invite(make_branched()), 6
    barrier = Barrier(clicks)

    def click(score: int) -> int:
        barrier.wait()
        try:
            return Client().post(address(invitation), {"score": str(score)}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(clicks) as threads:
        assert set(threads.map(click, range(clicks))) == {303}
    assert Response.objects.count() == Answer.objects.count() == 1
    assert Contact.objects.filter(purpose="response").count() == 1


# --- Ended in the middle ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ended", ["expired", "closed"])
def test_what_was_sent_before_the_end_stays_and_is_said(client: Client, ended: str) -> None:
    invitation = invite(make_branched())
    send(client, invitation, score="3")
    if ended == "expired":
        Invitation.objects.update(closes_at=timezone.now() - timedelta(seconds=1))
    else:
        SurveyVersion.objects.update(state="closed")
    for response in (client.get(address(invitation)), client.post(address(invitation, "/2"), {"why": "Late"})):
        assert response.status_code == 410
        assert getattr(ENGLISH, ended) in seen(response)
        assert ENGLISH.begun_kept in seen(response)
    assert said() == {"score": "3"}


# --- Nothing to say ---------------------------------------------------------------------------------------------


def test_a_page_without_an_answer_goes_on_and_is_no_response(client: Client) -> None:
    invitation = invite(make_asked(page("hello", "statement"), page("score"), page("reason", "text")))
    assert send(client, invitation) == "/2"
    assert not Response.objects.exists()
    assert send(client, invitation, 2) == "/3"
    response = client.post(address(invitation, "/3"), {})
    assert response.status_code == 422
    assert ENGLISH.missing_text in seen(response)
    assert send(client, invitation, 3, reason="Only this") == "/thanks"
    assert said() == {"reason": "Only this"}


def test_who_says_nothing_until_a_last_page_that_asks_nothing_begins_anew(client: Client) -> None:
    invitation = invite(make_asked(page("score"), page("bye", "statement")))
    assert [send(client, invitation), send(client, invitation, 2)] == ["/2", "/1"]
    assert not Response.objects.exists()


# --- Change of mind ---------------------------------------------------------------------------------------------


def answered(client: Client, **fields: Any) -> Invitation:
    invitation = invite(make_branched(**fields))
    send(client, invitation, score="9")
    send(client, invitation, 3, last="web")
    return invitation


def test_a_finished_answer_can_be_seen_and_changed(client: Client) -> None:
    invitation = answered(client)
    finished = Response.objects.get()
    before = everything_stored()
    told = client.get(address(invitation))
    assert ENGLISH.change in seen(told)
    form = client.get(address(invitation, "/change"))
    assert ENGLISH.changing in seen(form)
    assert ENGLISH.not_now not in seen(form)
    assert re.search(r'value="9" required checked', form.content.decode())
    assert everything_stored() == before
    assert send(client, invitation, score="8") == "/3"
    assert send(client, invitation, 3, last="shop") == "/thanks"
    changed = Response.objects.get()
    assert changed.finished_at == finished.finished_at
    assert changed.answered_at > finished.answered_at
    assert said() == {"score": "8", "last": "shop"}
    assert Contact.objects.filter(purpose="response").count() == 1


def test_a_change_that_leads_elsewhere_leaves_nothing_stale(client: Client) -> None:
    invitation = answered(client)
    assert send(client, invitation, score="3") == "/2"
    send(client, invitation, 2, why="Late")
    assert send(client, invitation, 1, score="10") == "/3"
    assert said() == {"score": "10", "last": "web"}


def test_after_its_time_a_finished_answer_stays(client: Client) -> None:
    invitation = answered(client)
    Response.objects.update(finished_at=timezone.now() - timedelta(days=1))
    assert ENGLISH.change not in seen(client.get(address(invitation)))
    assert client.get(address(invitation, "/change"))["Location"] == address(invitation)
    assert client.post(address(invitation), {"score": "1"}).status_code == 409
    assert said() == {"score": "9", "last": "web"}
    Survey.objects.update(change_for=timedelta(days=2))
    assert ENGLISH.change in seen(client.get(address(invitation)))


def test_a_closed_survey_takes_no_second_thoughts(client: Client) -> None:
    invitation = answered(client)
    SurveyVersion.objects.update(state="closed")
    assert open_link(token(invitation), timezone.now()).state == LinkState.ANSWERED


# --- Known, drawn, hidden ---------------------------------------------------------------------------------------


def test_what_is_known_is_not_asked_and_leads_the_way(client: Client) -> None:
    version = make_asked(
        page("team", "short_text", fact="touchpoint.team"),
        ask("score"),
        page("north", "text", show_if={"all": [{"question": "team", "is": "is", "value": "North"}]}),
    )
    visit = make_touchpoint(make_customer(), team="North")
    invitation = invite(version, touchpoint=visit)
    assert asked(client.get(address(invitation))) == ["score"]
    assert send(client, invitation, score="9") == "/2"
    visit.__class__.objects.update(team="South")
    assert send(client, invitation, 2, north="Cold") == "/thanks"
    stored = Answer.objects.values_list("question__key", "text", "number", "known").order_by("question__position")
    assert list(stored) == [("team", "North", None, True), ("score", "", 9, False), ("north", "Cold", None, False)]


def test_what_is_not_known_is_asked(client: Client) -> None:
    version = make_asked(ask("team", "short_text", fact="touchpoint.team"), ask("score"))
    assert asked(client.get(address(invite(version)))) == ["team", "score"]


def test_an_answer_to_what_is_known_is_not_taken(client: Client) -> None:
    version = make_asked(ask("team", "short_text", fact="touchpoint.team"), ask("score"))
    invitation = invite(version, touchpoint=make_touchpoint(make_customer(), team="North"))
    client.post(address(invitation), {"team": "South", "score": "9"})
    assert said() == {"team": "North", "score": "9"}


def test_a_survey_of_which_all_is_known_asks_nothing_and_says_so(client: Client) -> None:
    version = make_asked(ask("team", "short_text", fact="touchpoint.team"))
    invitation = invite(version, touchpoint=make_touchpoint(make_customer(), team="North"))
    for response in (client.get(address(invitation)), client.post(address(invitation), {"team": "x"})):
        assert (response.status_code, ENGLISH.closed in seen(response)) == (410, True)
    assert not Response.objects.exists()


def test_hidden_fields_are_kept_with_the_answer(client: Client) -> None:
    version = make_asked(ask("score"), hidden_fields=["bay", "absent"])
    visit = make_touchpoint(make_customer(), attributes={"bay": "7", "secret": "x"})
    send(client, invite(version, touchpoint=visit), score="9")
    assert Response.objects.get().attributes["hidden"] == {"bay": "7"}


def test_each_customer_is_asked_the_modules_drawn_for_her_on_every_page_and_device(client: Client) -> None:
    version = make_asked(ask("score"), *(page(f"m{n}", "yes_no", module=f"m{n}") for n in range(3)))
    drawn = set()
    for _ in range(8):
        invitation = invite(version)
        first = send(client, invitation, score="9")
        [key] = asked(Client().get(address(invitation)))
        assert asked(client.get(address(invitation, first))) == [key]
        assert send(client, invitation, first[1:], **{key: "1"}) == "/thanks"
        drawn.add(key)
    assert len(drawn) > 1


def test_options_stand_in_the_same_order_each_time_for_one_customer(client: Client) -> None:
    keys = "a b c d e f g h"
    version = make_asked(ask("pick", "choice", options=keys, details={"shuffle": True, "other": True}))

    def order(invitation: Invitation) -> tuple[str, ...]:
        form = client.get(address(invitation)).content.decode()
        return tuple(re.findall(r'name="pick" value="(\w+)"', form))

    orders = {order(invitation) for invitation in (invite(version) for _ in range(4)) for _ in range(2)}
    assert 1 < len(orders) <= 4
    assert {one[-1] for one in orders} == {"other"}
    assert {frozenset(one) for one in orders} == {frozenset([*keys.split(), "other"])}


# --- Every kind, cost, and other ways in ------------------------------------------------------------------------

EVERY: tuple[dict[str, Any], ...] = (
    {"score": "9", "happy": "4", "rated": "2", "easy": "7", "stars": "5", "again": "1"},
    {
        "why": "other",
        "why.other": "Parking",
        "used": ["app", "phone"],
        "order.speed": "2",
        "order.price": "1",
        "order.staff": "3",
        "parts.speed": "3",
        "parts.price": "1",
    },
    {"nickname": "Ada", "reason": "All well", "times": "12", "day": "2026-05-01", "call_me": "1"},
)


def test_every_kind_is_kept_and_shown_again_as_it_was_given(client: Client) -> None:
    invitation = invite(make_asked(*every_kind()))
    for number, given in enumerate(EVERY, start=1):
        send(client, invitation, number, **given)
    assert Answer.objects.count() == 6 + 8 + 5
    forms = [client.get(address(invitation, f"/{number}")).content.decode() for number in (1, 2, 3)]
    assert [form.count(" checked") for form in forms] == [6, 1 + 2 + 2, 1]
    assert forms[1].count(" selected") == 3
    assert 'value="Parking"' in forms[1]
    assert [part in forms[2] for part in ('value="Ada"', "All well", 'value="12"', 'value="2026-05-01"')] == [True] * 4


@pytest.mark.parametrize(
    ("number", "given", "problem"),
    [
        (2, {"used": ["app", "shop", "phone"]}, "Please choose 1 to 2."),
        (2, {"used": ["app", "none"]}, ENGLISH.problems[Problem.ONE_OR_NONE]),
        (2, {"why": "other"}, "Please write what else it is."),
        (2, {"why": ["speed", "price"]}, "Please choose 1."),
        (2, {"order.speed": "1", "order.price": "1"}, "Please give each a place of its own, from 1 on."),
        (3, {"times": "100"}, "Please write a number from 0 to 99."),
        (3, {"times": "9.5"}, "Please write this as a whole number."),
        (3, {"day": "2019-12-31"}, "Please choose a day from Wednesday, January 1, 2020 to "),
        (3, {"day": "31.12.2019"}, "Please write this as a date"),
        (3, {"nickname": "x" * 41}, "longer than the 40 characters"),
    ],
)
def test_what_is_wrong_is_said_with_its_limits(client: Client, number: int, given: Any, problem: str) -> None:
    invitation = invite(make_asked(*every_kind()))
    send(client, invitation, score="9")
    response = client.post(address(invitation, f"/{number}"), given)
    assert response.status_code == 422
    assert problem in seen(response)
    assert "{" not in seen(response)
    assert said() == {"score": "9"}


def test_facts_stand_for_placeholders_in_every_word_of_a_question(client: Client) -> None:
    version = make_asked(
        ask("score", low="Bad {name}", high="Good", help="About {visit}"),
        ask("pick", "choice", options="a b"),
        ask("times", "number", unit="for {brand}"),
    )
    version.translations.filter(field="option:a").update(text="Only {name}")
    for name in ("Ada", "Grace"):
        customer = make_customer(name=name)
        told = seen(client.get(address(invite(version, customer=customer, touchpoint=make_touchpoint(customer)))))
        for words in (f"Bad {name}", "About your purchase on Monday", f"Only {name}", "for Northwind Outfitters"):
            assert words in told


def test_an_open_page_costs_one_statement_and_a_begun_one_two(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    invitation = invite(make_asked(*every_kind(), hidden_fields=["bay"]))
    client.get(address(invitation))
    with django_assert_num_queries(1):
        client.get(address(invitation))
    send(client, invitation, score="9")
    with django_assert_num_queries(2):
        client.get(address(invitation))


def test_every_page_is_small(client: Client) -> None:
    invitation = invite(make_asked(*every_kind(), languages=("en", "de", "ar")))
    for number, given in enumerate(EVERY, start=1):
        assert len(client.get(address(invitation, f"/{number}")).content) < 15_000
        send(client, invitation, number, **given)


def test_a_reply_by_sms_answers_what_its_way_demands(client: Client) -> None:
    invitation = invite(make_branched(), channel="sms")
    found = open_link(token(invitation), timezone.now()).invitation
    assert found
    at = timezone.now()
    response = submit(found, {"score": "9"}, at=at)
    assert (response.finished_at, response.page) == (at, 4)
    assert open_link(token(invitation), timezone.now()).state == LinkState.CHANGEABLE
    amend(response, {"score": "2"}, at=at)
    amend(response, {"why": "Late"}, at=at)
    amend(response, {"score": "9"}, at=at)
    assert said() == {"score": "9"}


def test_a_page_can_be_kept_while_an_sms_amends(client: Client) -> None:
    invitation = invite(make_branched())
    send(client, invitation, score="3")
    amend(Response.objects.select_related("version__survey__brand").get(), {"score": "4"}, at=timezone.now())
    assert send(client, invitation, 2, why="Late") == "/3"
    assert said() == {"score": "4", "why": "Late"}


def test_the_clock_of_the_rules_starts_with_the_first_page(client: Client) -> None:
    invitation = invite(make_branched())
    send(client, invitation, score="3")
    first: datetime = Contact.objects.get(purpose="response").at
    send(client, invitation, 2, why="Late")
    assert Contact.objects.get(purpose="response").at == first == Response.objects.get().answered_at
