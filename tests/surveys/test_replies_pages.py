"""A person reads what we could not be sure about: the list, the page of one reply, and what can be made of it."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.shortcuts import resolve_url
from django.test import Client

from contacts.models import OptOut
from contacts.readers import EVERYTHING
from surveys.defaults import ensure_fixed_survey
from surveys.models import Answer, IncomingSms, Response
from surveys.reply_answers import ASKS_MORE
from surveys.reply_list import ReplyError, mark_seen, questions_for, take_as_answer, take_as_opt_out, to_read
from surveys.replying import apply_waiting
from surveys.story import moments
from tests.surveys.makers import NOON, make_brand, make_customer
from tests.surveys.texting import PHONE, ask_by_sms, minutes, text_us

pytestmark = pytest.mark.django_db
LIST = "/admin/surveys/incomingsms/"


@pytest.fixture
def reader(client: Client) -> User:
    """Give a user of the role that reads replies, who is logged in."""
    user = User.objects.create(username="reader", is_staff=True)
    user.groups.add(Group.objects.get(name="Interviewer"))
    client.force_login(user)
    return user


def shown(client: Client, address: str) -> str:
    page = client.get(address)
    assert page.status_code == 200
    return page.content.decode()


def post(client: Client, sms: IncomingSms, step: str, **fields: Any) -> tuple[int, str]:
    """Press a button of the page; return status and text of where it leads."""
    page = client.post(f"/admin/replies/{sms.pk}/{step}/", fields, follow=True)
    return page.status_code, page.content.decode()


def test_the_list_has_what_waits_with_the_reason_the_newest_first(client: Client, reader: User) -> None:
    customer = ask_by_sms().customer
    for n, text in enumerate(["9 or 10", "11 perhaps", "9"]):
        text_us(text, minutes(n))
    page = shown(client, LIST)
    assert page.index("11 perhaps") < page.index("9 or 10")
    assert "It may be a score, but which one is not clear." in page
    assert resolve_url(customer) in page
    assert [sms.text for sms in to_read().order_by("at")] == ["9 or 10", "11 perhaps"]


def test_the_list_can_show_all_and_those_that_were_seen(client: Client, reader: User) -> None:
    ask_by_sms()
    waiting, answered = text_us("9 or 10 or 11"), text_us("8, splendid", minutes(12))
    assert answered.text in shown(client, f"{LIST}?read=all")
    assert waiting.text not in shown(client, f"{LIST}?read=seen")
    mark_seen([waiting.pk], by_id=reader.pk, at=minutes(20))
    assert waiting.text in shown(client, f"{LIST}?read=seen")
    assert waiting.text not in shown(client, LIST)


def test_several_are_marked_as_seen_at_once(client: Client, reader: User) -> None:
    ask_by_sms()
    ids = [text_us("9 or 10", minutes(n)).pk for n in range(3)]
    client.post(LIST, {"action": "seen", "_selected_action": ids[:2]})
    assert list(to_read().values_list("pk", flat=True)) == ids[2:]
    assert LogEntry.objects.filter(user=reader, change_message="Seen").count() == 2


def test_who_may_only_look_is_offered_nothing(client: Client) -> None:
    user = User.objects.create(username="looker", is_staff=True)
    rights = Group.objects.get(name="CX manager").permissions
    user.user_permissions.add(*rights.filter(codename__in=["view_incomingsms", "see_personal"]))
    client.force_login(user)
    sms = text_us("9 or 10")
    assert "Seen: nothing more to do" not in shown(client, LIST) + shown(client, f"/admin/replies/{sms.pk}/")
    assert post(client, sms, "seen")[0] == 403


def test_the_page_shows_text_reason_customer_and_what_else_came(client: Client, reader: User) -> None:
    customer = ask_by_sms().customer
    text_us("Nobody called back", minutes(1))
    sms = text_us("<b>9</b> or 10", minutes(2))
    page = shown(client, f"/admin/replies/{sms.pk}/")
    for text in (
        "&lt;b&gt;9&lt;/b&gt; or 10",
        "No score came with it yet",
        resolve_url(customer),
        "Nobody called back",
    ):
        assert text in page


def test_all_who_have_a_shared_number_are_named(client: Client, reader: User) -> None:
    ask_by_sms(customer=make_customer(phone=PHONE, name="Ada"))
    make_customer(phone=PHONE, name="Bea")
    page = shown(client, f"/admin/replies/{text_us('9').pk}/")
    assert "The story of Ada" in page
    assert "The story of Bea" in page


def test_seen_takes_it_off_the_list(client: Client, reader: User) -> None:
    sms = text_us("9")
    assert "off the list" in post(client, sms, "seen")[1]
    sms.refresh_from_db()
    assert sms.seen_by == reader
    assert not to_read().exists()


def test_a_reply_is_taken_as_the_score_that_a_person_reads_in_it(client: Client, reader: User) -> None:
    invitation = ask_by_sms()
    sms = text_us("9 or 10, lovely staff")
    assert "Taken as the answer" in post(client, sms, "answer", invitation=invitation.pk, number=9)[1]
    response = Response.objects.get(invitation=invitation)
    answers = set(Answer.objects.filter(response=response).values_list("number", "text"))
    assert answers == {(9, ""), (None, "9 or 10, lovely staff")}
    assert not to_read().exists()


def test_from_a_shared_number_a_person_says_whose_it_is(client: Client, reader: User) -> None:
    mine = ask_by_sms(customer=make_customer(phone=PHONE, name="Ada"))
    other = ask_by_sms(customer=make_customer(phone=PHONE, name="Bea"))
    sms = text_us("9")
    assert {one.invitation for one in questions_for(sms)} == {mine, other}
    post(client, sms, "answer", invitation=mine.pk, number=9)
    assert Response.objects.get().customer == mine.customer
    sms.refresh_from_db()
    assert sms.customer == mine.customer


@pytest.mark.parametrize("number", ["", "11", "-1", "nine"])
def test_what_is_no_score_is_refused_on_the_page(client: Client, reader: User, number: str) -> None:
    invitation = ask_by_sms()
    status, page = post(client, text_us("9 or 10"), "answer", invitation=invitation.pk, number=number)
    assert status == 400
    assert "errorlist" in page
    assert not Response.objects.exists()


def test_what_was_closed_when_it_was_written_takes_no_answer(client: Client, reader: User) -> None:
    invitation = ask_by_sms(closes_at=minutes(5))
    sms = text_us("9", minutes(6))
    assert "No question was open" in shown(client, f"/admin/replies/{sms.pk}/")
    with pytest.raises(ReplyError, match="any more"):
        take_as_answer(sms.pk, invitation.pk, 9, by_id=reader.pk, at=minutes(7))


def test_the_question_whether_it_is_fixed_takes_yes_or_no_only(client: Client, reader: User) -> None:
    invitation = ask_by_sms(ensure_fixed_survey(NOON, make_brand()), purpose="other")
    sms = text_us("not really")
    with pytest.raises(ReplyError, match="yes or no"):
        take_as_answer(sms.pk, invitation.pk, 7, by_id=reader.pk, at=minutes(20))
    post(client, sms, "answer", invitation=invitation.pk, number=0)
    assert Answer.objects.get().number == 0


def test_where_both_kinds_of_questions_are_open_the_form_offers_both(client: Client, reader: User) -> None:
    customer = ask_by_sms().customer
    ask_by_sms(ensure_fixed_survey(NOON, make_brand()), customer=customer, purpose="other")
    page = shown(client, f"/admin/replies/{text_us('9 or 10').pk}/")
    for offered in ("0, or no", "1, or yes", '<option value="10">10</option>'):
        assert offered in page


def test_what_counts_already_is_not_taken_for_another_question(reader: User) -> None:
    customer = ask_by_sms(sent_at=minutes(-10)).customer
    newer = ask_by_sms(customer=customer)
    sms = text_us("9")
    [other] = [one.invitation for one in questions_for(sms) if one.invitation != newer]
    with pytest.raises(ReplyError, match="another question already"):
        take_as_answer(sms.pk, other.pk, 9, by_id=reader.pk, at=minutes(20))


def test_what_cannot_be_stored_changes_nothing(client: Client, reader: User) -> None:
    invitation = ask_by_sms()
    invitation.version.questions.filter(key="call_me").update(required=True)
    sms = text_us("9 or 10")
    status, page = post(client, sms, "answer", invitation=invitation.pk, number=9)
    assert status == 400
    assert ASKS_MORE in page
    assert to_read().get() == sms


@pytest.mark.parametrize(("chosen", "channel"), [("sms", "sms"), ("all", "")])
def test_a_reply_is_taken_as_an_opt_out_in_the_customers_own_word(
    client: Client, reader: User, chosen: str, channel: str
) -> None:
    customer = ask_by_sms().customer
    sms = text_us("oh not you again")
    post(client, sms, "opt-out", channel=chosen)
    found = OptOut.objects.get()
    assert (found.customer, found.channel, found.via, found.wording) == (customer, channel, "reply", sms.text)
    assert not to_read().exists()


def test_an_opt_out_needs_its_extent(client: Client, reader: User) -> None:
    ask_by_sms()
    assert post(client, text_us("oh not you again"), "opt-out")[0] == 400
    assert not OptOut.objects.exists()


def test_an_opt_out_of_an_unknown_number_holds_once_somebody_has_it(reader: User) -> None:
    sms = text_us("oh not you again")
    take_as_opt_out(sms.pk, "sms", by_id=reader.pk, at=minutes(20))
    customer = make_customer(phone=PHONE)
    assert apply_waiting(minutes(30)) == 1
    assert OptOut.objects.get().customer == customer
    sms.refresh_from_db()
    assert sms.seen_by == reader


@pytest.mark.parametrize("step", ["seen", "answer", "opt-out"])
def test_looking_changes_nothing(client: Client, reader: User, step: str) -> None:
    sms = text_us("9 or 10")
    assert client.get(f"/admin/replies/{sms.pk}/{step}/").status_code == 405
    assert to_read().get() == sms


def test_the_start_page_counts_what_waits(client: Client, reader: User) -> None:
    assert "that we could not be sure about" not in shown(client, "/admin/")
    ask_by_sms()
    text_us("9 or 10")
    assert "<strong>1</strong> reply by SMS" in shown(client, "/admin/")


def test_the_customers_story_has_what_is_no_answer_and_no_opt_out() -> None:
    customer = ask_by_sms().customer
    for n, text in enumerate(["9 or 10", "9", "STOP", "HELP"]):
        text_us(text, minutes(n))
    told = [moment.text for moment in moments([customer.pk], EVERYTHING) if moment.what == "reply"]
    assert sorted(told) == ["9 or 10", "HELP"]
