"""The start page: what needs attention, in figures that lead to the people behind them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.consent import opt_out
from contacts.models import Customer, Decision
from contacts.proposing import Pair, propose
from contacts.readers import EVERYTHING
from cxsurvey.attention import burning, held_back, not_decided, refused, unowned
from recovery.followups import assign, open_due
from recovery.models import FollowUp
from surveys.models import Invitation
from surveys.pausing import pause
from tests.contacts.events.senders import make_source, take_in, track
from tests.staff import client_of
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_customer, make_invitation, make_program, make_version

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=1)


def decide(result: str, *kinds: str, stage: str = "plan") -> None:
    reasons = [{"rule": kind, "kind": kind} for kind in kinds]
    fields = {"customer": make_customer(), "purpose": "invitation", "channel": "email", "stage": stage}
    Decision.objects.create(at=NOON, decided_at=NOON, result=result, reasons=reasons, **fields)


def test_refusals_are_told_in_words_the_commonest_first() -> None:
    for kinds in [("consent",), ("cap", "hours"), ("cap",)]:
        decide("skip", *kinds)
    rows = refused(NOON, LATER)
    assert [(row["count"], row["kind"]) for row in rows] == [(2, "cap"), (1, "consent")]
    assert rows[0]["words"] == "were contacted often enough already"


@pytest.mark.parametrize(("result", "stage"), [("delay", "plan"), ("send", "plan"), ("skip", "call")])
def test_only_refusals_of_the_planner_are_counted(result: str, stage: str) -> None:
    decide(result, "cap", stage=stage)
    assert refused(NOON, LATER) == []


def test_what_nobody_has_decided_is_counted_and_leads_there() -> None:
    assert not_decided() == {"unmapped": 0, "proposals": 0}
    source, _ = make_source()
    take_in(source, track("m1"), track("m2"), track("m3", event="Ticket Solved"))
    propose([Pair(make_customer().pk, make_customer().pk, "email", "unverified")], NOON)
    assert not_decided() == {"unmapped": 2, "proposals": 1}
    shown = client_of("CX manager").get("/admin/").content.decode()
    assert f'{reverse("admin:contacts_proposal_changelist")}?state=open"><strong>1</strong> pair of customers' in shown
    assert "<strong>2</strong> kinds of events" in shown


def test_unowned_follow_ups_come_oldest_first_and_owned_ones_not_at_all() -> None:
    version = make_version()
    responses = [make_response(1, version=version, answered_at=NOON - timedelta(hours=n)) for n in range(3)]
    open_due(NOON)
    mine = FollowUp.objects.get(response=responses[0])
    user = User.objects.create(username="owner")
    assign(mine, user.pk, by_id=user.pk, at=NOON)
    shown = unowned(NOON + timedelta(days=9), EVERYTHING)
    assert {follow_up.response for follow_up in shown["unowned"]} == set(responses[1:])
    assert (shown["unowned_count"], shown["overdue_count"]) == (2, 3)


def test_messages_of_unknown_fate_are_counted() -> None:
    version = make_version()
    make_invitation(version, state="unknown")
    make_invitation(version, state="planned")
    assert held_back(NOON) == {"pauses": [], "unknown": 1, "stopped": 0}


def test_the_page_says_what_is_paused_and_why_and_where_to_resume(client: Client) -> None:
    boss = User.objects.create(username="boss", is_staff=True, is_superuser=True)
    pause("Wrong text.", at=NOON, channel="sms", by_id=boss.pk)
    make_invitation(state="unknown")
    client.force_login(boss)
    page = client.get("/admin/").content.decode()
    for text in (
        "Sending is paused: SMS",
        "by boss. Wrong text.",
        "</strong> message of unknown fate",
        "/admin/sending/",
    ):
        assert text in page


def send(program: object, opted_out: int, sent: int, via: str = "link") -> None:
    version = make_version()
    for number in range(sent):
        invitation = make_invitation(version, program=program, state="sent", sent_at=NOON)
        if number < opted_out:
            opt_out(invitation.customer_id, "", at=NOON + timedelta(days=1), via=via)


@pytest.mark.parametrize(
    ("opted_out", "sent", "shown"),
    [(1, 50, True), (0, 50, False), (5, 49, False)],
    ids=["two in a hundred", "none", "too few sent to say"],
)
def test_a_program_whose_customers_leave_is_shown(opted_out: int, sent: int, *, shown: bool) -> None:
    send(make_program(name="Calls"), opted_out, sent)
    assert [row["program"] for row in burning(NOON, LATER)] == (["Calls"] if shown else [])


def test_an_opt_out_of_another_record_of_the_person_counts_too() -> None:
    send(make_program(name="Calls"), 0, 50)
    person = make_customer()
    Customer.objects.filter(pk=Invitation.objects.earliest("pk").customer_id).update(merged_into=person)
    opt_out(person.pk, "", at=NOON + timedelta(days=1), via="complaint")
    assert [row["program"] for row in burning(NOON, LATER)] == ["Calls"]


def test_what_staff_recorded_is_not_held_against_a_program() -> None:
    send(make_program(), 5, 50, via="staff")
    assert burning(NOON, LATER) == []


def test_the_page_shows_the_weeks_score_beside_the_week_before(client: Client) -> None:
    version, now = make_version(), timezone.now()
    for days, score in [(1, 10)] * 10 + [(9, 0)] * 10:
        make_response(score, version=version, answered_at=now - timedelta(days=days))
    client.force_login(User.objects.create(username="boss", is_staff=True, is_superuser=True))
    page = client.get("/admin/").content.decode()
    assert '<p class="cx-big">100</p>' in page
    assert "The 7 days before: -100" in page


def test_an_empty_installation_says_what_it_has_not(client: Client) -> None:
    client.force_login(User.objects.create(username="boss", is_staff=True, is_superuser=True))
    page = client.get("/admin/").content.decode()
    assert not Invitation.objects.exists()
    for text in ("too few answers", "Nobody was refused", "Sending is not paused", "No message waits for a person"):
        assert text in page
    assert "Every unhappy answer has an owner" in page
