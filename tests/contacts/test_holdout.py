"""The holdout at the gate: who is held out has 90 quiet days before each question, whichever way the gate is asked."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from contacts import gate
from contacts.arms import Arm
from contacts.gate import NamedTime
from contacts.gate.rounds import Terms
from contacts.holdouts import Choice, HoldoutError, choose, holdout_in_force
from contacts.merging import merge, split
from contacts.models import Contact, Customer, Decision, Holdout
from contacts.policies import rules_in_force
from tests.contacts.makers import NOON, cap, invite, make_customer, make_touchpoint, put_in_force, reserve, rules
from tests.contacts.turns import Turn, serve_all

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
CAP = cap(1, "30 days", "invitations")
TERMS = Terms("after-call", "nps", ("email",), "invitation", 40, 0)


def hold_out(share: float = 0.25, at: Any = NOON - 200 * DAY, **other: Any) -> Holdout:
    return choose(Choice(share, **other), at=at, by_id=None, why="To know what we do")


def drawn(arm: Arm, **fields: Any) -> Customer:
    """Make customers until one is drawn for the arm."""
    while True:
        customer = make_customer(**fields)
        if rules_in_force().arms.of_record(customer.pk) == arm:
            return customer


def got(customer: Customer, days_ago: float, **fields: Any) -> Contact:
    given = {"channel": "email", "purpose": "invitation", "outcome": "delivered", "source": "crm", "survey": "nps"}
    at = NOON - days_ago * DAY
    return Contact.objects.create(customer=customer, at=at, recorded_at=at, updated_at=at, **given | fields)


def by_wave(customer: Customer) -> Decision:
    turn = Turn(TERMS, customer.pk, make_touchpoint(customer).pk, NOON + 14 * DAY)
    with transaction.atomic():
        serve_all([turn], at=NOON)
    return Decision.objects.latest("pk")


@pytest.mark.parametrize(
    ("days_ago", "fields", "result"),
    [
        (40, {}, "skip"),
        (89.999, {"purpose": "reminder"}, "delay"),
        (90, {}, "send"),
        (80, {"purpose": "call", "channel": "phone", "outcome": "no_answer"}, "delay"),
        (80, {"purpose": "other"}, "delay"),
        (80, {"purpose": "other", "survey": ""}, "send"),
        (40, {"outcome": "bounced"}, "send"),
    ],
)
def test_a_held_out_customer_is_asked_after_90_days_without_a_contact_about_surveys(
    days_ago: float, fields: dict[str, Any], result: str
) -> None:
    put_in_force(CAP)
    hold_out()
    held, usual = drawn(Arm.HELD_OUT), drawn(Arm.USUAL)
    last = got(held, days_ago, **fields)
    got(usual, days_ago, **fields)

    [one, other] = reserve(*(invite(who, expires=NOON + 14 * DAY) for who in (held, usual)))
    same = by_wave(held) if one.contact is None else None

    assert (one.decision.result, other.decision.result) == (result, "send")
    assert same is None or (same.result, same.reasons) == (one.decision.result, one.decision.reasons)
    if result != "send":
        assert rules(one.decision)[0] == "holdout"
        assert one.decision.allowed_at == last.at + 90 * DAY


def test_after_its_one_question_the_90_days_begin_again_and_the_reminder_is_not_held_back() -> None:
    put_in_force(cap(9, "30 days"))
    hold_out()
    held = drawn(Arm.HELD_OUT)

    assert by_wave(held).result == "send"
    assert by_wave(held).result == "skip"
    [reminder, later] = reserve(
        invite(held, NOON + 5 * DAY, purpose="reminder"), invite(held, NOON + 95 * DAY), stage="person"
    )
    assert (reminder.decision.result, later.decision.allowed_at) == ("send", NOON + 95 * DAY)


def test_a_choice_made_meanwhile_applies_at_hand_over() -> None:
    put_in_force(CAP)
    customers = [make_customer() for _ in range(40)]
    for customer in customers:
        got(customer, 40)
    grants = reserve(*(invite(customer) for customer in customers))
    hold_out(at=NOON)
    arms = rules_in_force().arms

    with transaction.atomic():
        told = gate.recheck_all({grant.contact.pk: None for grant in grants if grant.contact}, at=NOON)

    moved = {decision.customer_id for decision in told.values() if decision.result == "delay"}
    assert moved == set(arms.apart(customer.pk for customer in customers))
    assert moved


def test_overrides_and_appointments_win_and_no_program_calls() -> None:
    put_in_force(CAP)
    hold_out()
    by = User.objects.create(username="manager")
    held, called = drawn(Arm.HELD_OUT), drawn(Arm.HELD_OUT)
    got(held, 10)
    gate.override(held.pk, "email", reason="A promise", ends_at=NOON + DAY, by_id=by.pk, at=NOON)
    [grant] = reserve(invite(held))
    refused = gate.log_call(called.pk, "completed", at=NOON, by_id=by.pk, program="calls", survey="nps")
    gate.appoint(called.pk, NamedTime(NOON, NOON + timedelta(hours=1)), at=NOON, by_id=by.pk)
    agreed = gate.log_call(called.pk, "completed", at=NOON, by_id=by.pk, program="calls", survey="nps")

    assert (grant.decision.result, rules(grant.decision)[0]) == ("send", "override")
    assert (refused.result, rules(refused), agreed.result) == ("skip", ["holdout"], "send")
    assert gate.log_call(drawn(Arm.HELD_OUT).pk, "completed", at=NOON, by_id=by.pk).result == "send", "a call back"


def test_merged_records_are_held_out_while_they_are_one_person() -> None:
    put_in_force(CAP)
    hold_out()
    by = User.objects.create(username="manager")
    held, usual = drawn(Arm.HELD_OUT), drawn(Arm.USUAL)
    got(usual, 40)

    merge(held.pk, into=usual.pk, at=NOON, by_id=by.pk, why="The same phone")
    assert "holdout" in [reason.rule for reason in gate.eligibility(usual.pk, "email", at=NOON).reasons]
    split(held.pk, at=NOON, by_id=by.pk)
    assert gate.eligibility(usual.pk, "email", at=NOON).decision == "send"


def test_another_limit_holds_for_its_arm_and_ends_with_the_rule() -> None:
    put_in_force(CAP)
    hold_out(0.0, cap="invitations", limit=2, limit_share=0.25)
    more, usual = drawn(Arm.OTHER_LIMIT), drawn(Arm.USUAL)
    for who in (more, usual):
        got(who, 10)
    assert [gate.eligibility(who.pk, "email", at=NOON).decision for who in (more, usual)] == ["send", "delay"]
    assert by_wave(more).result == "send"
    assert by_wave(more).result == "skip", "two in 30 days, and no more"

    put_in_force(CAP | {"window": "60 days"})
    assert gate.eligibility(more.pk, "email", at=NOON).decision == "delay"


def test_every_choice_is_kept_and_a_change_keeps_who_is_drawn() -> None:
    put_in_force(CAP)
    first, grown = hold_out(0.05), hold_out(0.1)
    assert first.salt == grown.salt
    ended = hold_out(0.0)
    assert holdout_in_force() is None
    assert hold_out(0.05).salt != ended.salt
    assert Holdout.objects.count() == 4
    assert Holdout.objects.filter(in_force=True).count() == 1


@pytest.mark.parametrize(
    ("choice", "why", "field"),
    [
        (Choice(0.05), " ", "why"),
        (Choice(0.3), "So", "share"),
        (Choice(0.0, "invitations", 1, 0.3), "So", "limit_share"),
        (Choice(0.0, "nothing", 1, 0.1), "So", "cap"),
        (Choice(0.0, "contacts", 1, 0.1), "So", "cap"),
        (Choice(0.0, "invitations", 1, 0.1), "So", "limit"),
        (Choice(0.0, "invitations", 3, 0.1), "So", "limit"),
        (Choice(0.0, "invitations", 0, 0.1), "So", "limit"),
    ],
)
def test_what_cannot_be_chosen_is_named(choice: Choice, why: str, field: str) -> None:
    put_in_force(CAP, cap(5, "30 days", per="account"))
    with pytest.raises(HoldoutError) as refused:
        choose(choice, at=NOON, by_id=None, why=why)
    assert refused.value.field == field


@pytest.mark.parametrize("wrong", [{"share": 1.1}, {"limit_share": 0.1}, {"limit": 1}, {"why": ""}, {"share": -0.1}])
def test_a_choice_that_must_not_exist_cannot_be_stored(wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        Holdout.objects.create(**{"salt": "x", "share": 0.05, "at": NOON, "why": "So"} | wrong)
