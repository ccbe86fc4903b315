"""The pages behind a customer's link, as HTTP."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from contacts.models import Contact, OptOut, Wish
from recovery.models import Improvement
from surveys.answering import open_link, submit
from surveys.defaults import ensure_fixed_survey
from surveys.links import token
from surveys.models import Answer, Invitation, Response, Survey, SurveyVersion, Translation
from surveys.page_words import ENGLISH, GERMAN, LANGUAGES
from tests.surveys.answer_links import HOUR, address, everything_stored, invite, seen
from tests.surveys.asked import ask, make_asked
from tests.surveys.makers import make_brand, make_customer, make_program, make_touchpoint, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    """A browser that is strict about forged requests, as a real server is."""
    return Client(enforce_csrf_checks=True)


def answer(invitation: Invitation, **answers: str) -> Response:
    found = open_link(token(invitation), timezone.now()).invitation
    assert found
    return submit(found, answers, at=timezone.now())


# --- The page ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_page_says_in_every_language_whether_there_are_several_questions(
    client: Client, tag: str, *, several: bool
) -> None:
    more = [ask("why", "text")] if several else [ask("hello", "statement")]
    invitation = invite(make_asked(ask("score"), *more, languages=(tag,)), language=tag)
    page = seen(client.get(address(invitation) + f"?lang={tag}"))
    asks = {one: LANGUAGES[tag].asks[one].format(brand="Northwind Outfitters") for one in (True, False)}
    assert asks[several] in page
    assert asks[not several] not in page


def test_the_page_says_who_asks_about_what_and_for_how_long(client: Client) -> None:
    customer = make_customer(time_zone="Asia/Tokyo")
    visit = make_touchpoint(customer, kind="service_call", occurred_at=datetime.fromisoformat("2026-05-04T22:00:00Z"))
    page = seen(client.get(address(invite(touchpoint=visit))))
    assert "Northwind Outfitters has a few questions for you." in page
    assert "How was your call to our service on Tuesday, May 5, 2026?" in page
    assert "It takes about 20 seconds." in page


def test_a_title_without_the_visit_gets_it_in_the_first_line(client: Client) -> None:
    version = ensure_fixed_survey(timezone.now(), make_brand())
    page = seen(client.get(address(invite(version))))
    assert "Northwind Outfitters has a question about your purchase on Monday, May 4, 2026." in page


def test_an_invitation_without_a_touchpoint_names_no_visit(client: Client) -> None:
    page = seen(client.get(address(invite(customer=make_customer(), touchpoint=None))))
    assert "How was your contact with us?" in page
    assert "None" not in page


def test_the_page_follows_the_customers_language_and_not_the_browsers(client: Client) -> None:
    ada = make_customer(language="de")
    response = client.get(address(invite(language="de", customer=ada)), headers={"accept-language": "en"})
    assert b'<html lang="de" dir="ltr">' in response.content
    assert GERMAN.send in seen(response)
    assert "am Montag, 4. Mai 2026" in seen(response)


def test_a_language_that_the_survey_lacks_is_answered_in_the_brands(client: Client) -> None:
    response = client.get(address(invite(make_version(default_language="de"), language="fr")))
    assert b'<html lang="de" dir="ltr">' in response.content
    assert GERMAN.send in seen(response)


def test_the_page_is_small_and_asks_for_nothing_else(client: Client) -> None:
    response = client.get(address(invite(make_version(legal_lines="Northwind Ltd, 1 Example Street"))))
    assert len(response.content) < 15_000
    assert "<script" not in response.content.decode()
    addresses = re.findall(r'(?:src|href)="([^"]*)"|url\(', response.content.decode())
    assert [one for one in addresses if not one.startswith("/s/")] == ["data:,"]


def test_the_page_takes_one_statement_and_no_session(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    invitation = invite()
    client.cookies[settings.SESSION_COOKIE_NAME] = "somebody-logged-in"
    client.get(address(invitation))
    with django_assert_num_queries(1):
        response = client.get(address(invitation, "?score=9"))
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")


def test_nothing_leaks_the_link(client: Client) -> None:
    for page in ("", "/thanks", "/noted", "/unsubscribe"):
        headers = client.get(address(invite(), page)).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Robots-Tag"] == "noindex"


def test_the_style_is_allowed_by_its_nonce_alone(client: Client) -> None:
    response = client.get(address(invite()))
    [nonce] = re.findall(r'<style nonce="([^"]+)">', response.content.decode())
    policy = response.headers["Content-Security-Policy"]
    assert f"style-src 'self' 'nonce-{nonce}'" in policy
    assert "unsafe-inline" not in policy


def test_get_and_head_write_nothing(client: Client) -> None:
    invitations = [invite(), invite(), invite(closes_at=timezone.now() - HOUR)]
    answer(invitations[1], score="3")
    before = everything_stored()
    for invitation in invitations:
        for page in ("", "?score=9", "/thanks", "/noted", "/unsubscribe", "/later?days=1", "/less", "/later"):
            client.get(address(invitation, page))
            client.head(address(invitation, page))
    assert everything_stored() == before


def test_a_score_in_the_link_is_only_chosen_in_advance(client: Client) -> None:
    invitation = invite()
    page = client.get(address(invitation, "?score=9")).content.decode()
    assert re.findall(r'value="(\d+)" required checked', page) == ["9"]
    for strange in ("11", "\uff19", "9.5", "%3Cscript%3E", ""):
        assert b" checked>" not in client.get(address(invitation, f"?score={strange}")).content


def test_a_link_puts_no_words_into_a_mouth(client: Client) -> None:
    page = client.get(address(invite(), "?reason=awful&call_me=1&score=0")).content
    assert b"awful" not in page
    assert page.count(b" checked") == 1


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "{{ settings.SECRET_KEY }}", "{brand.slug}", "%s"])
def test_what_a_manager_writes_is_only_text(client: Client, text: str) -> None:
    version = make_version(name=text, legal_lines=text)
    Translation.objects.filter(version=version, language="en").update(text=f"{text} {{name}}")
    customer = make_customer(name="<b>{visit}</b>")
    response = client.get(address(invite(version, customer=customer, touchpoint=make_touchpoint(customer))))
    assert f"{text} <b>{{visit}}</b>" in seen(response)
    assert b"<script>alert" not in response.content
    assert settings.SECRET_KEY.encode() not in response.content


def test_what_is_kept_in_memory_is_nobodys(client: Client) -> None:
    version = make_version()
    Translation.objects.filter(question__key="score", language="en", field="text").update(text="{name}, and you?")
    for name in ("Ada", "Grace"):
        customer = make_customer(name=name)
        invitation = invite(version, customer=customer, touchpoint=make_touchpoint(customer))
        again = client.post(address(invitation), {"score": "11", "reason": f"Only {name} knows"})
        assert f"Only {name} knows" in seen(again)
        page = seen(client.get(address(invitation)))
        assert f"{name}, and you?" in page
        assert "knows" not in page


# --- Answering --------------------------------------------------------------------------------------------------


def test_an_answer_is_stored_and_thanked_for(client: Client) -> None:
    invitation = invite()
    response = client.post(address(invitation), {"score": "9", "reason": "Friendly", "home.page": ""})
    assert (response.status_code, response.headers["Location"]) == (303, address(invitation, "/thanks"))
    assert {answer.question.key: str(answer) for answer in Answer.objects.all()} == {"score": "9", "reason": "Friendly"}
    assert "Thank you. Your answer has reached Northwind Outfitters." in seen(client.get(response.headers["Location"]))


def test_a_yes_or_no_is_asked_and_answered_alike(client: Client) -> None:
    invitation = invite(ensure_fixed_survey(timezone.now(), make_brand()))
    page = seen(client.get(address(invitation)))
    assert "Is it fixed? Yes No" in page
    assert client.post(address(invitation), {"fixed": "0"}).status_code == 303
    assert Answer.objects.get().number == 0


@pytest.mark.parametrize("score", ["11", "-1", "9.5", "NaN", "\uff19", "²"])
def test_a_score_off_the_scale_is_asked_again_with_the_comment_kept(client: Client, score: str) -> None:
    response = client.post(address(invite()), {"score": score, "reason": "Kept <b>", "call_me": "1"})
    assert response.status_code == 422
    assert "Please choose one of these answers." in seen(response)
    assert ">\nKept &lt;b&gt;</textarea>" in response.content.decode()
    assert re.search(r'name="call_me" value="1" checked', response.content.decode())
    assert not Response.objects.exists()


def test_a_missing_score_is_said_next_to_the_question(client: Client) -> None:
    body = client.post(address(invite(language="de")), {"reason": "gut"}).content.decode()
    [described] = re.findall(r'<fieldset aria-describedby="(score-problem score-ends)">', body)
    assert f'<p class="problem" id="{described.split()[0]}">Bitte wählen Sie eine Antwort.</p>' in body
    assert f"<title>{GERMAN.check}:" in body


def test_a_comment_is_refused_whole_and_shown_whole(client: Client) -> None:
    response = client.post(address(invite()), {"score": "9", "reason": "😀" * 5001})
    assert response.status_code == 422
    assert "longer than the 5000 characters" in seen(response)
    assert response.content.decode().count("😀") == 5001


@pytest.mark.parametrize(
    "given",
    [{"score": "9", "is_staff": "1"}, {"score": ["9", "1"]}, {"score": "9", "reason": "x" * 3_000_000}],
    ids=["unknown question", "two answers", "three megabytes"],
)
def test_what_no_form_of_ours_sends_stores_nothing(client: Client, given: dict[str, Any]) -> None:
    assert client.post(address(invite()), given).status_code in (400, 422)
    assert not Response.objects.exists()
    assert not Contact.objects.filter(purpose="response").exists()


def test_the_trap_flags_an_answer_and_keeps_it(client: Client) -> None:
    assert client.post(address(invite()), {"score": "9", "home.page": "https://spam.example"}).status_code == 303
    assert Response.objects.get().attributes == {"flags": ["trap", "unseen"]}


def test_where_nothing_may_be_changed_a_second_submit_is_told_calmly_that_the_first_counts(client: Client) -> None:
    invitation = invite()
    Survey.objects.update(change_for=timedelta())
    client.post(address(invitation), {"score": "9"})
    response = client.post(address(invitation), {"score": "1"})
    assert response.status_code == 409
    assert ENGLISH.answered in seen(response)
    assert Answer.objects.get().number == 9


# --- Links that take no answer ----------------------------------------------------------------------------------


def test_an_answered_link_says_so_in_one_page(client: Client) -> None:
    invitation = invite(language="de")
    answer(invitation, score="9")
    response = client.get(address(invitation))
    assert response.status_code == 200
    assert GERMAN.answered in seen(response)
    assert b"<form" not in response.content


def test_an_expired_link_says_until_when_it_worked(client: Client) -> None:
    invitation = invite(closes_at=datetime.fromisoformat("2026-05-06T23:30:00Z"))
    for response in (client.get(address(invitation)), client.post(address(invitation), {"score": "9"})):
        assert response.status_code == 410
        assert "It worked until Wednesday, May 6, 2026." in seen(response)
    assert not Response.objects.exists()


def test_a_closed_survey_takes_no_answer(client: Client) -> None:
    invitation = invite()
    SurveyVersion.objects.update(state="closed")
    for response in (client.get(address(invitation)), client.post(address(invitation), {"score": "9"})):
        assert response.status_code == 410
        assert ENGLISH.closed in seen(response)
    assert not Response.objects.exists()


def test_unknown_and_tampered_links_are_the_same_page_for_the_same_work(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    genuine = token(invite())
    other_signature, cut = genuine[:-1] + ("A" if genuine[-1] != "A" else "B"), genuine[:-1]
    unknown = genuine.replace("-", "-Zz9", 1)
    bodies = set()
    for link in (other_signature, cut, unknown, "nope", "9" + genuine[1:]):
        for send in (client.get, client.post):
            with django_assert_num_queries(0):
                response = send(f"/s/{link}")
            assert response.status_code == 404
            bodies.add(re.sub(rb'nonce="[^"]+"', b"", response.content))
    assert len(bodies) == 1


def test_an_unknown_link_speaks_the_browsers_language(client: Client) -> None:
    assert GERMAN.unknown in seen(client.get("/s/nope", headers={"accept-language": "de-AT,de;q=0.9"}))
    assert ENGLISH.unknown in seen(client.get("/s/nope", headers={"accept-language": "tlh"}))


# --- Thanks -----------------------------------------------------------------------------------------------------


def test_thanks_for_an_open_link_lead_to_the_question(client: Client) -> None:
    invitation = invite()
    assert client.get(address(invitation, "/thanks")).headers["Location"] == address(invitation)


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"score": "6"}, "Somebody at Northwind Outfitters reads this by "),
        ({"score": "2", "call_me": "1"}, "You asked us to call: we do so by "),
        ({"score": "10", "call_me": "1"}, "You asked us to call: we do so by "),
    ],
)
def test_an_unhappy_answer_is_told_what_happens_next(client: Client, answers: dict[str, str], sentence: str) -> None:
    invitation = invite()
    response = answer(invitation, **answers)
    due = response.answered_at + timedelta(hours=settings.FOLLOW_UP_WITHIN_HOURS)
    assert f"{sentence}{due:%A, %B} {due.day}, {due.year}." in seen(client.get(address(invitation, "/thanks")))


def test_a_happy_answer_is_promised_nothing(client: Client) -> None:
    invitation = invite()
    answer(invitation, score="7")
    assert " by " not in seen(client.get(address(invitation, "/thanks")))


def test_thanks_show_what_was_done_about_this_kind_of_visit(client: Client) -> None:
    Improvement.objects.create(kind="purchase", text="We ship <b>sooner</b>.", since="2026-03-01")
    Improvement.objects.create(kind="delivery", text="We ring twice.", since="2026-03-01")
    invitation = invite()
    answer(invitation, score="9")
    page = client.get(address(invitation, "/thanks"))
    assert "You said, we did We ship <b>sooner</b>." in seen(page)
    assert b"<b>sooner" not in page.content
    assert "ring twice" not in seen(page)


# --- Another time, less often, stop -----------------------------------------------------------------------------


def test_another_time_pauses_and_plans_a_reminder(client: Client) -> None:
    program = make_program()
    invitation = invite(program.survey.versions.get(), program=program)
    response = client.post(address(invitation, "/later"), {"days": "7"})
    assert (response.status_code, response.headers["Location"]) == (303, address(invitation, "/noted"))
    wish = Wish.objects.get()
    assert (wish.kind, wish.customer, wish.via) == ("pause", invitation.customer, "link")
    assert wish.pause_until
    assert timedelta(days=7) - HOUR < wish.pause_until - timezone.now() < timedelta(days=7)
    reminder = invitation.reminders.get()
    assert (reminder.purpose, reminder.state, reminder.program) == ("reminder", "planned", program)
    assert wish.pause_until <= reminder.due_at < wish.pause_until + timedelta(days=1)
    assert f"We will ask you again on {reminder.due_at:%A, %B}" in seen(client.get(response.headers["Location"]))


def test_changing_ones_mind_about_the_time_plans_one_reminder(client: Client) -> None:
    invitation = invite()
    for days in ("1", "7", "1"):
        assert client.post(address(invitation, "/later"), {"days": days}).status_code == 303
    assert invitation.reminders.count() == 1
    assert Wish.objects.filter(withdrawn_at=None).count() == 1


def test_a_pause_that_outlasts_the_link_plans_no_reminder(client: Client) -> None:
    invitation = invite(closes_at=timezone.now() + timedelta(days=3))
    page = seen(client.get(address(invitation)))
    assert "Ask me tomorrow" in page
    assert "Ask me next week" not in page
    noted = client.get(client.post(address(invitation, "/later"), {"days": "7"}).headers["Location"])
    assert Wish.objects.get().kind == "pause"
    assert not invitation.reminders.exists()
    assert "you will not hear from us. If you want to answer, this link works until" in seen(noted)


@pytest.mark.parametrize("days", [90, 180])
def test_less_often_is_one_tap(client: Client, days: int) -> None:
    invitation = invite(language="de")
    response = client.post(address(invitation, "/less"), {"days": str(days)})
    assert Wish.objects.get().once_in_days == days
    assert f"höchstens einmal in {days} Tagen" in seen(client.get(response.headers["Location"]))


@pytest.mark.parametrize(
    ("channel", "sentence"), [("sms", "We send you no more SMS."), ("", "You will not hear from us again.")]
)
def test_stop_is_one_tap(client: Client, channel: str, sentence: str) -> None:
    invitation = invite(channel="sms")
    response = client.post(address(invitation, "/unsubscribe"), {"channel": channel})
    stopped = OptOut.objects.get()
    assert (stopped.channel, stopped.customer, stopped.via) == (channel, invitation.customer, "link")
    assert sentence in seen(client.get(response.headers["Location"]))


def test_a_mail_program_stops_the_mails_in_one_post_without_redirect(client: Client) -> None:
    invitation = invite()
    response = client.post(address(invitation, "/unsubscribe"), {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert OptOut.objects.get().channel == "email"


def test_stop_works_long_after_the_link_has_closed(client: Client) -> None:
    invitation = invite(closes_at=timezone.now() - timedelta(days=60))
    page = client.get(address(invitation))
    assert address(invitation, "/unsubscribe") in page.content.decode()
    client.post(address(invitation, "/unsubscribe"), {"channel": ""})
    assert OptOut.objects.get().channel == ""


def test_noted_is_what_the_tables_say_and_nothing_else(client: Client) -> None:
    invitation = invite()
    assert ENGLISH.noted_nothing in seen(client.get(address(invitation, "/noted?days=90")))
    past = timezone.now() - HOUR
    Wish.objects.create(customer=invitation.customer, kind="pause", pause_until=past, at=past - HOUR, via="staff")
    assert ENGLISH.noted_nothing in seen(client.get(address(invitation, "/noted")))


def test_what_was_stopped_elsewhere_is_said_too(client: Client) -> None:
    invitation = invite()
    OptOut.objects.create(customer=invitation.customer, channel="phone", at=timezone.now(), via="call")
    assert "We do not call you any more." in seen(client.get(address(invitation, "/noted")))


@pytest.mark.parametrize(
    ("page", "given"),
    [
        ("/later", {"days": "2"}),
        ("/later", {}),
        ("/less", {"days": "0"}),
        ("/less", {"days": "\uff19\uff10"}),
        ("/unsubscribe", {"channel": "phone"}),
    ],
)
def test_wishes_that_nobody_offered_are_refused(client: Client, page: str, given: dict[str, str]) -> None:
    assert client.post(address(invite(), page), given).status_code == 400
    assert not Wish.objects.exists()
    assert not OptOut.objects.exists()


@pytest.mark.parametrize("page", ["/later", "/less", "/unsubscribe", "/noted", "/thanks"])
def test_every_page_of_an_unknown_link_is_the_same(client: Client, page: str) -> None:
    send = client.get if page in ("/noted", "/thanks") else client.post
    response = send(f"/s/nope{page}", {"days": "90"})
    assert response.status_code == 404
    assert ENGLISH.unknown in seen(response)
