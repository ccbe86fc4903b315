"""The work list and the page of a case, as an interviewer meets them."""

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from contacts import consent, gate
from contacts.models import Appointment, Contact, Touchpoint
from surveys.calls.claiming import take
from surveys.models import CallAttempt, CallCase
from tests.contacts.makers import cap, put_in_force
from tests.surveys.answered import make_response
from tests.surveys.desk import appoint, interviewer
from tests.surveys.makers import make_case, make_customer, make_touchpoint, numbers

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def login(name: str, role: str = "Interviewer") -> Client:
    user, _ = User.objects.get_or_create(username=name, first_name=name.title(), is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def desk() -> Client:
    put_in_force()
    return login("ines")


def fresh_case(**fields: Any) -> CallCase:
    """Return a case of yesterday's visit, of a customer in Oslo, that may be called about now."""
    now = timezone.now()
    customer = make_customer(name="Maria Holm", phone=f"+474061{next(numbers):04}", time_zone="Europe/Oslo")
    touchpoint = make_touchpoint(customer, kind="visit", occurred_at=now - DAY, agent="Kim", product="House painting")
    return make_case(touchpoint, **{"opened_at": now, "next_at": now - HOUR} | fields)


def next_call(client: Client) -> Any:
    return client.post("/calls/next/", follow=True)


def result(page: Any, client: Client, outcome: str, **fields: str) -> Any:
    """Log how the call on the page ended."""
    case, offer = page.context["case"], page.context["form"]["offer"].value()
    named = {f"call.{name}": value for name, value in fields.items() if name in {"day", "starts_at", "ends_at", "note"}}
    answers = {name: value for name, value in fields.items() if f"call.{name}" not in named}
    data = {"call.outcome": outcome, "call.offer": offer, "call.talk": "5", **named, **answers}
    return client.post(f"/calls/{case.pk}/result/", data)


def text(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def test_one_button_leads_to_the_page_of_the_next_case(desk: Client) -> None:
    case = fresh_case()
    assert "Next call" in desk.get("/calls/").content.decode()

    page = next_call(desk)

    assert page.redirect_chain == [(f"/calls/{case.pk}/", 302)]
    told = text(page)
    for fact in ("Maria Holm", "your visit", "Kim", "House painting", "(Europe/Oslo)", "allowed", "Visit (shop)"):
        assert fact in told, fact
    number = case.customer.identifiers.get(type="phone").value
    assert f'href="tel:{number}"' in page.content.decode()


def test_the_script_is_in_the_customers_language_with_a_field_for_each_question(desk: Client) -> None:
    fresh_case(language="de")

    html = next_call(desk).content.decode()

    assert "Guten Tag Maria Holm," in html
    assert "Wie wahrscheinlich ist es" in html
    assert html.count('type="radio" name="score"') == 11
    assert '<textarea id="reason"' in html
    assert '<input type="checkbox" name="call_me"' in html


def test_when_nobody_may_be_called_she_is_told(desk: Client) -> None:
    page = next_call(desk)

    assert page.redirect_chain == [("/calls/", 302)]
    assert "Nobody may be called now" in text(page)


def test_an_interview_is_stored_and_leads_back_to_the_next_call(desk: Client) -> None:
    case = fresh_case()

    done = result(next_call(desk), desk, "completed", score="9", reason="Lovely walls")

    assert (done.status_code, done["Location"]) == (302, "/calls/")
    case.refresh_from_db()
    assert case.response
    assert {str(answer) for answer in case.response.answers.all()} == {"9", "Lovely walls"}
    assert "Maria Holm: completed. The call is logged and counts." in text(desk.get("/calls/"))


def test_answers_that_cannot_be_stored_are_shown_with_what_was_given(desk: Client) -> None:
    fresh_case()

    page = result(next_call(desk), desk, "completed", reason="Lovely walls")

    assert page.status_code == 422
    html = page.content.decode()
    assert "Please choose an answer." in html
    assert "Lovely walls" in html
    assert page.context["form"]["offer"].value(), "the same page can be sent again"
    assert not CallAttempt.objects.exists()


def test_a_time_is_read_off_the_customers_clock(desk: Client) -> None:
    case = fresh_case()
    day = str((timezone.now() + 2 * DAY).date())

    done = result(next_call(desk), desk, "not_now", day=day, starts_at="15:00", ends_at="16:00", note="After work")

    assert done.status_code == 302
    appointment = Appointment.objects.get()
    local = appointment.starts_at.astimezone(ZoneInfo("Europe/Oslo"))
    assert (str(local.date()), local.hour, appointment.touchpoint) == (day, 15, case.touchpoint)
    assert "15:00 (Europe/Oslo)" in text(desk.get("/calls/"))
    assert CallAttempt.objects.get().note == "After work"


@pytest.mark.parametrize(
    ("outcome", "fields", "told"),
    [
        ("", {}, "Say how the call ended"),
        ("not_now", {"day": "2099-01-01"}, "Give day, from and until, or none of them."),
        ("not_now", {"day": "2020-01-01", "starts_at": "10:00", "ends_at": "11:00"}, "This has passed already"),
        ("busy", {"day": "2099-01-01", "starts_at": "10:00", "ends_at": "11:00"}, "Only a call at a bad moment"),
    ],
)
def test_what_cannot_be_is_refused_in_its_place(desk: Client, outcome: str, fields: dict[str, str], told: str) -> None:
    fresh_case()

    page = result(next_call(desk), desk, outcome, **fields)

    assert page.status_code == 400
    assert told in text(page)
    assert not Contact.objects.exists()


def test_she_can_give_a_case_back(desk: Client) -> None:
    case = fresh_case()
    next_call(desk)

    desk.post(f"/calls/{case.pk}/release/")

    case.refresh_from_db()
    assert case.claimed_by is None
    assert next_call(login("otto")).context["case"] == case


def test_what_somebody_else_has_can_be_seen_and_not_called(desk: Client) -> None:
    case = fresh_case()
    next_call(login("otto"))

    page = desk.get(f"/calls/{case.pk}/")

    assert "Otto has this case in hand." in text(page)
    assert "tel:" not in page.content.decode()
    taken = desk.post(f"/calls/{case.pk}/take/", follow=True)
    assert "Somebody else has this case" in text(taken)


def test_a_result_without_the_case_logs_nothing(desk: Client) -> None:
    case = fresh_case()
    others_page = next_call(login("otto"))

    page = result(others_page, desk, "completed", score="9")

    assert page.status_code == 409
    assert "This case was not given to you" in text(page)
    assert not Contact.objects.exists()
    forged = desk.post(f"/calls/{case.pk}/result/", {"call.outcome": "busy", "call.offer": "x"})
    assert forged.status_code == 409


def test_answered_on_the_web_meanwhile_the_screen_says_so_and_the_result_is_kept(desk: Client) -> None:
    case = fresh_case()
    page = next_call(desk)
    assert desk.get(f"/calls/{case.pk}/state/").json() == {"state": "yours", "text": ""}
    make_response(9, touchpoint=case.touchpoint)

    seen = desk.get(f"/calls/{case.pk}/state/?dialled=1").json()
    late = result(page, desk, "completed", score="2")

    assert (seen["state"], "answered on the web" in seen["text"]) == ("answered", True)
    assert late.status_code == 409
    assert "The customer has answered meanwhile: the answers of this call are not kept." in text(late)
    assert Contact.objects.filter(purpose="call").count() == 1


def test_the_screen_tells_what_became_of_the_case(desk: Client) -> None:
    put_in_force(cap(1, "30 days", "call_attempts"))
    states = {}
    for what in ("refused", "taken", "over", "wait", "closed"):
        case = fresh_case()
        take(case.pk, interviewer(), timezone.now())
        if what == "refused":
            consent.opt_out(case.customer_id, "", at=timezone.now(), via="link")
        elif what == "taken":
            CallCase.objects.filter(pk=case.pk).update(claimed_by=interviewer("otto"))
        elif what == "over":
            CallCase.objects.filter(pk=case.pk).update(claimed_until=timezone.now() - HOUR)
        elif what == "wait":
            gate.log_call(case.customer_id, "busy", at=timezone.now() - HOUR, by_id=interviewer())
            assert desk.get(f"/calls/{case.pk}/state/?dialled=1").json()["state"] == "yours", "she is on the phone"
        else:
            CallCase.objects.filter(pk=case.pk).update(state="closed", disposition="3.11", closed_at=timezone.now())
        states[what] = desk.get(f"/calls/{case.pk}/state/").json()["state"]

    assert states == {what: what for what in states}


def test_looking_writes_nothing(desk: Client) -> None:
    case = fresh_case()
    next_call(desk)
    before = CallCase.objects.values().get()

    for address in ("/calls/", f"/calls/{case.pk}/", f"/calls/{case.pk}/state/"):
        assert desk.get(address).status_code == 200
        assert desk.post(address).status_code == 405

    assert CallCase.objects.values().get() == before


def test_she_holds_the_case_by_working_on_it(desk: Client) -> None:
    case = fresh_case()
    next_call(desk)
    CallCase.objects.update(claimed_until=timezone.now() + timedelta(minutes=1))

    assert desk.post(f"/calls/{case.pk}/hold/").json() == {"held": True}

    case.refresh_from_db()
    assert case.claimed_until
    assert case.claimed_until > timezone.now() + timedelta(minutes=14)
    assert login("otto").post(f"/calls/{case.pk}/hold/").json() == {"held": False}


def test_a_call_that_is_not_allowed_is_told_with_rule_calls_next_day_and_what_can_be_done(desk: Client) -> None:
    put_in_force(cap(1, "10 days", "call_attempts"))
    login("mona", "CX manager")
    case = fresh_case()
    gate.log_call(case.customer_id, "no_answer", at=timezone.now() - DAY, by_id=interviewer())
    desk.post(f"/calls/{case.pk}/take/")

    page = desk.get(f"/calls/{case.pk}/")

    told = text(page)
    assert "No call may be made about this now" in told
    assert "The rule “call_attempts” allows 1, and 1 are used; free again on" in told
    assert "call, no answer, by Ines" in told
    assert "The next call is allowed on" in told
    assert "ask Mona for an override" in told
    assert "tel:" not in page.content.decode()


def test_a_case_that_is_too_old_names_no_day_for_a_call_about_it(desk: Client) -> None:
    case = fresh_case(expires_at=timezone.now() - HOUR)

    told = text(desk.get(f"/calls/{case.pk}/"))

    assert "too old to be asked about" in told
    assert "The next call is allowed on" not in told
    assert "No date makes this call allowed. A call about something else is allowed now." in told


def test_an_answered_case_only_says_so(desk: Client) -> None:
    case = fresh_case()
    result(next_call(desk), desk, "completed", score="9")

    told = text(desk.get(f"/calls/{case.pk}/"))

    assert "This case is closed: 1.1 Complete." in told
    assert "No call may be made" not in told
    assert "Take this case" not in told


def test_an_interviewer_sees_how_the_experience_ended_and_in_which_language_to_ask(desk: Client) -> None:
    case = fresh_case()
    Touchpoint.objects.filter(pk=case.touchpoint_id).update(outcome="damaged")

    told = text(desk.get(f"/calls/{case.pk}/"))

    assert "Outcome: damaged" in told
    assert "Language of the questions: English." in told
    assert "Times are UTC, unless another zone is named." in told


def test_an_interview_goes_on_at_the_first_question_that_is_not_answered(desk: Client) -> None:
    fresh_case(answers={"score": "8"})

    html = next_call(desk).content.decode()

    assert "Answered before: How likely is it that you would recommend" in html
    assert re.search(r'value="8" required checked', html)
    assert html.index('<details class="asked">') < html.index('<div class="ask">')


def test_one_message_on_a_machine_is_enough(desk: Client) -> None:
    case = fresh_case()
    first = next_call(desk)
    assert "leave one short message" in text(first)
    result(first, desk, "voicemail", note="Left one")
    CallAttempt.objects.update(at=timezone.now() - 2 * DAY)
    Contact.objects.update(at=timezone.now() - 2 * DAY)
    CallCase.objects.update(next_at=timezone.now())

    again = next_call(desk)

    assert again.context["case"] == case
    assert "A message was left already" in text(again)
    assert "Left one" in text(again), "who calls next reads the note"


def test_times_that_were_named_are_listed_and_can_be_taken(desk: Client) -> None:
    case = fresh_case()
    appoint(case, timezone.now() + HOUR, timezone.now() + 2 * HOUR, timezone.now(), by="otto")

    page = desk.get("/calls/")

    [listed] = page.context["appointments"]
    assert listed["case"] == case
    assert "Agreed with Otto." in text(page)
    assert desk.post(f"/calls/{case.pk}/take/").status_code == 302


def test_only_managers_see_response_rates(desk: Client) -> None:
    case = fresh_case()
    CallCase.objects.update(state="closed", disposition="1.1", closed_at=timezone.now())

    assert "Response rates" not in text(desk.get("/calls/"))
    manager = text(login("mona", "CX manager").get("/calls/"))
    assert f"{case.program} 1 too few cases" in manager


def test_the_pages_are_strict_about_what_they_load(desk: Client) -> None:
    fresh_case()
    page = next_call(desk)

    policy = page["Content-Security-Policy"].split("; ")
    assert {"script-src 'self'", "default-src 'none'"} <= {*policy}
    assert not re.search(r"<script(?![^>]*src)|\son\w+=|\sstyle=", page.content.decode())


def test_the_admin_shows_cases_with_their_calls_and_nothing_of_the_answers(desk: Client) -> None:
    case = fresh_case(answers={"reason": "Private words"})
    result(next_call(desk), desk, "busy", note="Line engaged")
    boss = Client()
    boss.force_login(User.objects.create(username="boss", is_staff=True, is_superuser=True))

    listed = boss.get("/admin/surveys/callcase/").content.decode()
    shown = boss.get(f"/admin/surveys/callcase/{case.pk}/change/").content.decode()

    assert f'href="/calls/{case.pk}/"' in listed
    assert "Line engaged" in shown
    assert "Private words" not in shown
