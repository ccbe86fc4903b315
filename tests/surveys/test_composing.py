import re
from datetime import timedelta
from typing import Any

import pytest

from surveys.channels.base import Message
from surveys.composing import compose, one_line
from surveys.defaults import ensure_fixed_survey
from surveys.links import url
from surveys.models import Attempt, Invitation, Translation
from surveys.texts import words
from tests.surveys.asked import ask, make_asked, page
from tests.surveys.makers import NOON, make_brand, make_customer, make_invitation, make_touchpoint, make_version


def composed(invitation: Invitation) -> Message:
    attempt = Attempt(pk=5, invitation=invitation, number=2, started_at=NOON)
    return compose(invitation, words(invitation.version, invitation.language), attempt)


def test_an_email_says_who_asks_about_what_and_for_how_long(db: None) -> None:
    invitation = make_invitation()
    message = composed(invitation)
    assert message.subject == "Northwind Outfitters asks about your purchase on Monday, May 4, 2026"
    for part in (message.text, message.html):
        assert "Hello Ada Example," in part
        assert "Northwind Outfitters would like to know how your purchase on Monday, May 4, 2026 was for you." in part
        assert "It takes about 20 seconds." in part
        assert "Ask us less often" in part
        assert url(invitation) in part


def test_an_email_in_german(db: None) -> None:
    message = composed(make_invitation(customer=make_customer(name="", time_zone="Asia/Tokyo"), language="de"))
    assert message.subject == "Northwind Outfitters fragt nach Ihrem Einkauf am Montag, 4. Mai 2026"
    assert message.text.startswith("Guten Tag,\n\nNorthwind Outfitters möchte wissen")
    assert '<html lang="de" dir="ltr">' in message.html


def test_the_scores_are_eleven_links_that_only_preselect(db: None) -> None:
    invitation = make_invitation()
    links = re.findall(r'<a href="([^"]+)">(\d+)</a>', composed(invitation).html)
    assert links == [(f"{url(invitation)}?score={score}", str(score)) for score in range(11)]


@pytest.mark.parametrize(
    ("kind", "labels"),
    [
        ("csat", ["1", "2", "3", "4", "5"]),
        ("ces", ["1", "2", "3", "4", "5", "6", "7"]),
        ("stars", ["1 ★", "2 ★", "3 ★", "4 ★", "5 ★"]),
        ("yes_no", ["Yes", "No"]),
    ],
)
def test_every_scale_can_be_answered_from_the_mail(db: None, kind: str, labels: list[str]) -> None:
    invitation = make_invitation(make_asked(ask("hello", "statement"), ask("first", kind)))
    links = re.findall(r'href="([^"?]+)\?first=(\d)">([^<]+)</a>', composed(invitation).html)
    assert [label for _, _, label in links] == labels
    assert {link for link, _, _ in links} == {url(invitation)}


@pytest.mark.parametrize(
    "questions",
    [
        [ask("why", "text")],
        [ask("team", "csat", fact="touchpoint.team")],
        [ask("one", "csat", module="a")],
        [ask("hello", "statement"), page("score")],
    ],
    ids=["a text", "perhaps known", "perhaps not drawn", "on the second page"],
)
def test_what_not_everybody_is_asked_at_once_has_one_button(db: None, questions: list[dict[str, Any]]) -> None:
    message = composed(make_invitation(make_asked(*questions)))
    assert ">Answer</a>" in message.html
    assert "=1" not in message.html
    assert "1 = " not in message.text


def test_a_scale_whose_ends_are_not_worded_has_none_in_the_mail(db: None) -> None:
    message = composed(make_invitation(make_asked(ask("first", "csat"))))
    assert 'class="ends"' not in message.html
    assert "1 = " not in message.text


def test_an_email_comes_from_the_brand_or_from_the_installation(db: None, settings: object) -> None:
    assert composed(make_invitation()).sender == "surveys@example.com"
    brand = make_brand("Other", sender_email="ask@other.example", legal_lines="Other Ltd\nReg. 12")
    message = composed(make_invitation(ensure_fixed_survey(NOON, brand)))
    assert (message.sender_name, message.sender) == ("Other", "ask@other.example")
    assert "Other Ltd\nReg. 12" in message.text
    assert "Other Ltd<br>Reg. 12" in message.html


def test_a_message_carries_its_reference_and_its_opt_out(db: None) -> None:
    invitation = make_invitation()
    message = composed(invitation)
    assert (message.attempt_id, message.reference, message.at) == (5, f"invitation-{invitation.pk}-attempt-2", NOON)
    assert message.unsubscribe == f"{url(invitation)}/unsubscribe"


def test_names_are_escaped_in_html_and_are_no_placeholders(db: None) -> None:
    name = "<script>alert(1)</script> {link} {{ settings.SECRET_KEY }}"
    message = composed(make_invitation(customer=make_customer(name=name)))
    assert "<script>" not in message.html
    assert "Hello &lt;script&gt;alert(1)&lt;/script&gt; {link} {{ settings.SECRET_KEY }}," in message.html
    assert f"Hello {name}," in message.text


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b"])
def test_a_line_break_in_a_brand_adds_no_header(db: None, break_: str) -> None:
    version = make_version(name=f"Good{break_}Bcc: all@example.com")
    message = composed(make_invitation(version))
    assert message.sender_name == "Good Bcc: all@example.com"
    assert message.subject.startswith("Good Bcc: all@example.com asks about")
    assert one_line(message.subject) == message.subject


def test_paragraphs_written_in_a_browser_are_paragraphs(db: None) -> None:
    invitation = make_invitation()
    Translation.objects.filter(field="message", language="en").update(text="One\r\nline\r\n\r\nTwo\r\n")
    message = composed(invitation)
    assert message.text.startswith("One\nline\n\nTwo\n\n")
    assert "<p>One<br>line</p>\n<p>Two</p>" in message.html


def test_without_an_address_there_is_no_message(db: None) -> None:
    invitation = make_invitation(customer=make_customer(email=""))
    with pytest.raises(ValueError, match="no address"):
        composed(invitation)


def test_the_visits_day_is_that_of_the_customers_clock(db: None) -> None:
    touchpoint = make_touchpoint(make_customer(time_zone="Pacific/Auckland"), occurred_at=NOON - timedelta(hours=1))
    assert "Tuesday, May 5" in composed(make_invitation(touchpoint=touchpoint)).subject
    touchpoint = make_touchpoint(make_customer(time_zone="Pacific/Auckland"), occurred_at=NOON)
    assert "Wednesday, May 6" in composed(make_invitation(touchpoint=touchpoint)).subject
