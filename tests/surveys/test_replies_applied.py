"""A customer's SMS takes effect: no means no, a score is an answer, and the rest reaches a person."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.consent import opt_out
from contacts.gate import eligibility
from contacts.models import Contact, Customer, Identifier, OptOut
from recovery.followups import open_due
from surveys import replying
from surveys.answering import submit
from surveys.defaults import ensure_fixed_survey
from surveys.models import Answer, IncomingSms, Invitation, Response
from surveys.questionnaires import questionnaire
from surveys.reply_answers import ASKS_MORE, FURTHER, NO_SCORE, PHONE_NUMBER, TOO_LONG
from surveys.replying import apply_waiting, take_in
from tests.surveys.makers import NOON, make_brand, make_customer, make_invitation, make_touchpoint, make_version
from tests.surveys.texting import LATER, PHONE, ask_by_sms, message, minutes, text_us

pytestmark = pytest.mark.django_db


def answers(invitation: Invitation) -> tuple[int | None, str]:
    """Return score and comment of the response, None and nothing where there is none."""
    found = Answer.objects.filter(response__invitation=invitation)
    told = {answer.question.kind: answer for answer in found.select_related("question")}
    return told["nps"].number if "nps" in told else None, told["text"].text if "text" in told else ""


def stopped(customer: Customer) -> set[str]:
    """Return the channels of the open opt-outs; empty means everything."""
    return set(OptOut.objects.filter(customer=customer, reopened_at=None).values_list("channel", flat=True))


def test_a_score_is_the_answer_to_the_question() -> None:
    invitation = ask_by_sms()
    sms = text_us("I'd say 9")
    assert (sms.meaning, sms.number, sms.for_person, sms.invitation) == ("score", 9, "", invitation)
    assert answers(invitation) == (9, "")
    response = Response.objects.get()
    assert (response.source, response.channel, response.answered_at) == ("cxsurvey", "sms", LATER)


def test_an_answer_starts_the_clock_of_the_rules() -> None:
    ask_by_sms()
    text_us("9")
    clock = Contact.objects.get(purpose="response")
    assert (clock.at, clock.survey, clock.external_id) == (LATER, "nps", f"response:{Response.objects.get().pk}")


def test_an_unhappy_score_gets_a_follow_up_also_where_it_came_a_week_late() -> None:
    ask_by_sms()
    ask_by_sms(make_version(), phone="+447700900456")
    text_us("1", sender="+447700900456", at=minutes(60 * 24 * 8))
    open_due(minutes(60 * 24 * 8 + 1))
    text_us("2", minutes(5), arrives=minutes(60 * 24 * 9))
    assert open_due(minutes(60 * 24 * 9 + 1)) == 1


def test_a_score_that_is_lowered_later_gets_a_follow_up_too() -> None:
    ask_by_sms()
    text_us("9")
    assert open_due(minutes(11)) == 0
    text_us("Sorry, I meant 2", minutes(20))
    assert open_due(minutes(21)) == 1


def test_the_next_message_is_the_comment_and_later_ones_reach_a_person() -> None:
    invitation = ask_by_sms()
    text_us("3")
    comment = text_us("Nobody called back.", minutes(12))
    further = text_us("And it was cold.", minutes(13))
    assert answers(invitation) == (3, "Nobody called back.")
    assert (comment.meaning, comment.for_person) == ("comment", "")
    assert (further.meaning, further.for_person) == ("comment", FURTHER)


def test_words_beside_the_score_are_its_comment() -> None:
    invitation = ask_by_sms()
    assert text_us("9, lovely staff").for_person == ""
    assert answers(invitation) == (9, "9, lovely staff")


def test_words_before_the_score_wait_for_it_on_a_persons_list() -> None:
    invitation = ask_by_sms()
    early = text_us("Nobody called back.")
    assert early.for_person == NO_SCORE
    assert not Response.objects.exists()
    text_us("3", minutes(12))
    early.refresh_from_db()
    assert early.for_person == ""
    assert answers(invitation) == (3, "Nobody called back.")


@pytest.mark.parametrize("text", ["thanks", "Ok", "Vielen Dank!"])
def test_thanks_are_no_comment_and_nobody_is_bothered(text: str) -> None:
    invitation = ask_by_sms()
    text_us("9")
    assert text_us(text, minutes(11)).for_person == ""
    assert answers(invitation) == (9, "")


def test_a_phone_number_in_a_comment_is_shown_to_a_person() -> None:
    invitation = ask_by_sms()
    text_us("3")
    assert text_us("call me at 0170 1234567", minutes(11)).for_person == PHONE_NUMBER
    assert answers(invitation) == (3, "call me at 0170 1234567")


@pytest.mark.parametrize("text", ["9 or 10", "11", "-1", "9.5", "0170 1234567", "9pm"])
def test_what_may_be_a_score_is_left_to_a_person(text: str) -> None:
    ask_by_sms()
    assert text_us(text).for_person == replying.UNCLEAR
    assert not Response.objects.exists()


def test_the_last_score_before_the_link_closes_counts_and_both_are_kept() -> None:
    invitation = ask_by_sms()
    text_us("9")
    text_us("7", minutes(20))
    assert answers(invitation) == (7, "")
    assert list(IncomingSms.objects.order_by("at").values_list("number", flat=True)) == [9, 7]
    assert Response.objects.count() == 1
    assert Contact.objects.filter(purpose="response").count() == 1


def test_a_late_score_is_kept_for_a_person_and_changes_nothing() -> None:
    invitation = ask_by_sms()
    text_us("9")
    late = text_us("2", invitation.closes_at + timedelta(seconds=1))
    assert (late.number, late.for_person, late.invitation) == (2, replying.LATE, invitation)
    assert answers(invitation) == (9, "")


def test_at_the_very_instant_of_closing_it_still_counts() -> None:
    invitation = ask_by_sms()
    text_us("2", invitation.closes_at)
    assert answers(invitation) == (2, "")


def test_a_reply_that_arrives_after_the_end_counts_if_it_was_written_before() -> None:
    invitation = ask_by_sms()
    text_us("2", minutes(5), arrives=invitation.closes_at + timedelta(hours=1))
    assert answers(invitation) == (2, "")


def test_a_closed_survey_takes_no_answer() -> None:
    invitation = ask_by_sms()
    invitation.version.__class__.objects.update(state="closed")
    assert text_us("9").for_person == replying.LATE


def test_a_web_answer_is_corrected_by_a_later_sms_and_keeps_its_comment() -> None:
    invitation = ask_by_sms()
    submit(invitation, {"score": "9", "reason": "From the web."}, at=minutes(5))
    assert text_us("4, slow", minutes(10)).for_person == FURTHER
    assert answers(invitation) == (4, "From the web.")


def test_a_web_answer_that_came_later_than_the_sms_stands() -> None:
    invitation = ask_by_sms()
    submit(invitation, {"score": "9"}, at=minutes(15))
    text_us("4", minutes(10), arrives=minutes(20))
    assert answers(invitation) == (9, "")


def test_a_comment_by_sms_completes_a_web_answer() -> None:
    invitation = ask_by_sms()
    submit(invitation, {"score": "9"}, at=minutes(5))
    text_us("Lovely staff", minutes(10))
    assert answers(invitation) == (9, "Lovely staff")


def test_a_comment_that_is_too_long_is_kept_whole_and_not_cut() -> None:
    invitation = ask_by_sms()
    text_us("9")
    long = text_us("wonderful " * 10_000, minutes(11))
    assert (len(long.text), long.for_person) == (100_000, TOO_LONG)
    assert answers(invitation) == (9, "")


def test_a_survey_that_must_have_other_answers_takes_none_by_sms() -> None:
    invitation = ask_by_sms()
    invitation.version.questions.filter(key="call_me").update(required=True)
    assert text_us("9").for_person == ASKS_MORE
    assert not Response.objects.exists()


@pytest.mark.parametrize(("text", "number"), [("No, nothing", None), ("No", 0), ("yes please", 1), ("Nein", 0)])
def test_yes_and_no_answer_the_question_whether_it_is_fixed(text: str, number: int | None) -> None:
    ask_by_sms(ensure_fixed_survey(NOON, make_brand()), purpose="other")
    sms = text_us(text)
    assert sms.number == number
    assert (sms.for_person == "") == (number is not None)
    assert list(Answer.objects.values_list("number", flat=True)) == ([] if number is None else [number])


@pytest.mark.parametrize("text", ["yes", "no"])
def test_yes_and_no_are_no_score(text: str) -> None:
    ask_by_sms()
    assert text_us(text).for_person == replying.NO_ANSWER


def test_a_number_is_no_yes() -> None:
    ask_by_sms(ensure_fixed_survey(NOON, make_brand()), purpose="other")
    assert text_us("1").for_person == replying.NO_ANSWER


def test_an_empty_message_reaches_a_person() -> None:
    ask_by_sms()
    assert text_us("").for_person == replying.NO_TEXT


def test_it_joins_the_newest_invitation_that_is_open() -> None:
    customer = make_customer(phone=PHONE)
    older = ask_by_sms(customer=customer, sent_at=minutes(-60))
    newer = ask_by_sms(customer=customer)
    closed = ask_by_sms(customer=customer, sent_at=minutes(5), closes_at=minutes(6))
    assert text_us("9").invitation == newer
    assert [answers(one)[0] for one in (older, newer, closed)] == [None, 9, None]


@pytest.mark.parametrize("state", ["claimed", "unknown"])
def test_who_replies_has_got_the_message_whatever_we_know(state: str) -> None:
    invitation = ask_by_sms(state=state, sent_at=None, claimed_at=NOON)
    text_us("9")
    assert answers(invitation) == (9, "")


@pytest.mark.parametrize("state", ["planned", "failed", "cancelled"])
def test_what_was_not_sent_is_not_answered(state: str) -> None:
    ask_by_sms(state=state, sent_at=None)
    assert text_us("9").for_person == replying.NOT_ASKED


def test_a_question_by_email_is_not_answered_by_sms() -> None:
    customer = make_customer(phone=PHONE)
    make_invitation(touchpoint=make_touchpoint(customer), state="sent", sent_at=NOON)
    sms = text_us("9")
    assert (sms.for_person, sms.customer) == (replying.NOT_ASKED, customer)


def test_what_was_sent_after_the_reply_is_not_what_it_answers() -> None:
    ask_by_sms(sent_at=minutes(60))
    assert text_us("9").for_person == replying.NOT_ASKED


def test_a_reply_to_a_reminder_answers_what_it_reminds_of() -> None:
    first = ask_by_sms()
    ask_by_sms(first.version, customer=first.customer, first=first, purpose="reminder", sent_at=minutes(5))
    assert text_us("9").invitation == first
    assert answers(first) == (9, "")


def test_a_merged_record_is_the_same_person() -> None:
    invitation = ask_by_sms()
    other = make_customer(phone=PHONE)
    Customer.objects.filter(pk=other.pk).update(merged_into=invitation.customer)
    text_us("9")
    assert answers(invitation) == (9, "")


@pytest.mark.parametrize("sender", ["447700900123", "00447700900123", " +44 7700 900123 "])
def test_a_number_is_known_however_the_provider_writes_it(sender: str) -> None:
    invitation = ask_by_sms()
    assert text_us("9", sender=sender).sender == PHONE
    assert answers(invitation) == (9, "")


def test_a_copy_changes_nothing() -> None:
    invitation = ask_by_sms()
    copies = [message("9", key="same"), message("9", key="same")]
    for _ in range(3):
        take_in("test", copies, LATER)
    take_in("test", [message("0", minutes(20), key="same")], minutes(20))
    assert IncomingSms.objects.count() == 1
    assert answers(invitation) == (9, "")


def test_another_gateway_has_keys_of_its_own() -> None:
    ask_by_sms()
    for gateway in ("one", "other"):
        take_in(gateway, [message("9", key="1")], LATER)
    assert IncomingSms.objects.count() == 2


@pytest.mark.parametrize("text", ["9\x00", "\ud8009", "\u202e9", "9 \U0001f600"])
def test_odd_characters_are_kept_where_a_database_can(text: str) -> None:
    invitation = ask_by_sms()
    text_us(text)
    assert answers(invitation) == (9, "")


@pytest.mark.parametrize("sender", ["+15005550006", "40404", "INFO", "", "+0", "x" * 99])
def test_an_unknown_sender_is_kept_for_a_person_and_gets_no_reply(sender: str) -> None:
    ask_by_sms()
    sms = text_us("9", sender=sender)
    assert (sms.customer, sms.for_person, sms.reply_due) == (None, replying.UNKNOWN_NUMBER, False)


def test_our_own_number_bothers_nobody() -> None:
    make_brand(sender_phone="+15005550006")
    assert text_us("Thank you.", sender="+15005550006").for_person == ""


@pytest.mark.parametrize(
    ("text", "channels"),
    [("STOP", {"sms"}), ("10 stop", {"sms"}), ("please stop texting me", {"sms"}), ("Leave me alone", {""})],
)
def test_a_stop_closes_the_channel_or_everything(text: str, channels: set[str]) -> None:
    invitation = ask_by_sms()
    sms = text_us(text)
    assert (sms.meaning, sms.for_person, sms.number) == ("stop", "", None)
    assert stopped(invitation.customer) == channels
    assert not Response.objects.exists()
    found = OptOut.objects.get()
    assert (found.via, found.at, found.wording) == ("reply", LATER, text)


def test_a_stop_that_asks_for_more_is_also_read_by_a_person() -> None:
    ask_by_sms()
    assert text_us("STOP. Where is my refund?").for_person == replying.STOPPED_AND_MORE


def test_a_stop_without_any_invitation_counts() -> None:
    customer = make_customer(phone=PHONE)
    sms = text_us("STOP")
    assert stopped(customer) == {"sms"}
    assert (sms.customer, sms.reply_due) == (customer, False)


def test_a_closed_number_can_still_say_stop() -> None:
    customer = make_customer(phone=PHONE)
    customer.identifiers.update(closed_at=NOON, closed_reason="bounced")
    text_us("STOP")
    assert stopped(customer) == {"sms"}


def test_a_stop_from_a_shared_number_holds_for_all_who_have_it() -> None:
    invitation, other = ask_by_sms(), make_customer(phone=PHONE)
    text_us("STOP")
    assert stopped(invitation.customer) == stopped(other) == {"sms"}


@pytest.mark.parametrize("text", ["9", "Lovely staff", "START"])
def test_anything_else_from_a_shared_number_goes_to_a_person(text: str) -> None:
    invitation = ask_by_sms()
    opt_out(make_customer(phone=PHONE).pk, "sms", at=NOON, via="link")
    sms = text_us(text)
    assert (sms.for_person, sms.customer, sms.reply_due) == (replying.SHARED, None, False)
    assert answers(invitation) == (None, "")
    assert OptOut.objects.filter(reopened_at=None).count() == 1


def test_a_stop_of_an_unknown_number_holds_as_soon_as_somebody_has_it() -> None:
    sms = text_us("STOP")
    assert (sms.customer, sms.for_person) == (None, "")
    assert apply_waiting(minutes(20)) == 0
    customer = make_customer(phone=PHONE)
    assert apply_waiting(minutes(30)) == 1
    assert stopped(customer) == {"sms"}
    assert apply_waiting(minutes(40)) == 0


def test_a_wrong_number_is_closed_and_a_person_told_but_the_customer_stays_in() -> None:
    invitation = ask_by_sms()
    assert text_us("Wrong number").for_person == replying.WRONG_NUMBER
    assert Identifier.objects.get(type="phone").closed_reason == "wrong number"
    assert stopped(invitation.customer) == set()


@pytest.mark.parametrize(("back", "channels"), [("START", {"email", "phone"}), ("unstop", {"email", "phone"})])
def test_start_reopens_only_the_channel_it_came_by(back: str, channels: set[str]) -> None:
    invitation = ask_by_sms()
    text_us("stop everything")
    text_us(back, minutes(20))
    assert stopped(invitation.customer) == channels


def test_a_yes_right_after_a_stop_takes_it_back() -> None:
    invitation = ask_by_sms()
    text_us("STOP")
    text_us("Yes", minutes(20))
    assert stopped(invitation.customer) == set()


def test_a_yes_some_time_after_a_stop_does_not() -> None:
    invitation = ask_by_sms()
    text_us("STOP")
    text_us("By the way, nice shop", minutes(15))
    text_us("Yes", minutes(20))
    assert stopped(invitation.customer) == {"sms"}


def test_start_takes_back_no_later_no_by_another_way() -> None:
    invitation = ask_by_sms()
    opt_out(invitation.customer_id, "", at=minutes(30), via="link")
    assert text_us("START", minutes(20), arrives=minutes(40)).for_person == replying.LATER_NO
    assert stopped(invitation.customer) == {""}


def test_after_a_stop_the_gate_says_no_at_once() -> None:
    invitation = ask_by_sms()
    text_us("STOP")
    verdict = eligibility(invitation.customer_id, "sms", at=LATER + timedelta(days=90))
    assert (verdict.decision, verdict.reasons[0].rule) == ("skip", "opt-out")


def test_what_was_stored_and_not_applied_is_applied_after_a_crash() -> None:
    invitation = ask_by_sms()
    IncomingSms.objects.create(gateway="test", key="1", sender=PHONE, text="STOP", at=LATER, received_at=LATER)
    assert apply_waiting(minutes(12)) == 1
    assert stopped(invitation.customer) == {"sms"}
    assert apply_waiting(minutes(13)) == 0


def test_an_error_of_ours_reaches_a_person_and_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    invitation = ask_by_sms()
    questionnaire(invitation.version, "en")
    # A published version that somebody changed by hand: the words in memory know no such question.
    invitation.version.questions.filter(key="score").update(key="renamed")
    take_in("test", [message("9", key="a"), message("STOP", minutes(11), key="b")], minutes(12))
    assert IncomingSms.objects.get(key="a").for_person == replying.BROKEN
    assert "UnknownQuestionError" in caplog.text
    assert stopped(invitation.customer) == {"sms"}


def test_a_stop_is_quick() -> None:
    ask_by_sms()
    with CaptureQueriesContext(
        connection,
    ) as statements:
        text_us("STOP")
    said = [one["sql"] for one in statements if "SAVEPOINT" not in one["sql"]]
    assert len(said) <= 16, "\n".join(said)
