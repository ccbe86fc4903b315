from datetime import timedelta

import pytest

from contacts import consent
from contacts.models import Decision
from contacts.models.words import Via
from surveys.asking import ask_person, main_reason
from surveys.defaults import ensure_fixed_survey
from surveys.delivery import deliver
from surveys.models import Invitation
from tests.surveys.makers import NOON, make_brand, make_customer, make_invitation, make_program, make_touchpoint

LATER = NOON + timedelta(days=10)


def check(**changed: object) -> Invitation | Decision:
    """Ask whether it is fixed, as a closed follow-up does."""
    touchpoint = make_touchpoint(make_customer(language="de"))
    values = {"purpose": "other", "channels": ("email",), "expires": LATER, "closes": LATER, "touchpoint": touchpoint}
    version = ensure_fixed_survey(NOON, make_brand())
    return ask_person(touchpoint.customer_id, version, at=NOON, **values | changed)  # type: ignore[arg-type]


def test_one_person_is_asked_beside_the_programs(db: None) -> None:
    invitation = check()
    assert isinstance(invitation, Invitation)
    assert (invitation.purpose, invitation.program, invitation.language) == ("other", None, "de")
    assert (invitation.due_at, invitation.expires_at, invitation.closes_at) == (NOON, LATER, LATER)
    assert (invitation.contact.outcome, invitation.contact.purpose) == ("reserved", "other")
    assert Decision.objects.get().stage == "person"


def test_it_goes_out_like_any_other(db: None) -> None:
    check()
    assert deliver(NOON).sent == 1


def test_the_same_touchpoint_can_be_asked_about_again(db: None) -> None:
    touchpoint = make_touchpoint()
    for _ in range(2):
        check(touchpoint=touchpoint)
    assert Decision.objects.filter(touchpoint=touchpoint, stage="person").count() == 2


def test_a_refusal_is_returned_with_its_reasons(db: None) -> None:
    touchpoint = make_touchpoint()
    consent.opt_out(touchpoint.customer_id, "", at=NOON, via=Via.LINK)
    version = ensure_fixed_survey(NOON, make_brand())
    refused = ask_person(
        touchpoint.customer_id, version, at=NOON, purpose="other", channels=("email",), expires=LATER, closes=LATER
    )
    assert isinstance(refused, Decision)
    assert main_reason(refused.reasons)["rule"] == "opt-out"
    assert not Invitation.objects.exists()


@pytest.fixture
def first(db: None) -> Invitation:
    return make_invitation(program=make_program(), state="sent", sent_at=NOON)


def remind(first: Invitation) -> Invitation | Decision:
    return ask_person(
        first.customer_id, first.version, at=NOON, purpose="reminder", channels=("email",),
        expires=LATER, closes=LATER, touchpoint=first.touchpoint, first=first,
    )  # fmt: skip


def test_a_reminder_belongs_to_its_first_and_to_the_program(first: Invitation) -> None:
    reminder = remind(first)
    assert isinstance(reminder, Invitation)
    assert (reminder.first, reminder.program, reminder.touchpoint) == (first, first.program, first.touchpoint)
    assert first.program
    assert reminder.contact.program == first.program.slug


def test_a_second_click_makes_no_second_reminder(first: Invitation) -> None:
    assert remind(first) == remind(first)
    assert Invitation.objects.filter(first=first).count() == 1


def test_after_a_reminder_was_sent_there_can_be_another(first: Invitation) -> None:
    reminder = remind(first)
    Invitation.objects.filter(pk=reminder.pk).update(state="sent", sent_at=NOON)
    assert remind(first) != reminder


@pytest.mark.parametrize(
    ("reasons", "named"),
    [
        ("email quarantine cap, email expiry expiry", "quarantine"),
        ("email expiry expiry", "expiry"),
        ("email hours hours, email quarantine cap", "hours"),
        ("email no-address consent, sms quarantine cap", "quarantine"),
        ("email no-address consent, sms no-address consent", "no-address"),
        ("email closed-address consent, sms expiry expiry", "expiry"),
        ("email expiry expiry, sms opt-out consent", "expiry"),
    ],
)
def test_the_reason_to_name_is_that_of_the_first_channel_that_leads_there(reasons: str, named: str) -> None:
    kept = [dict(zip(("channel", "rule", "kind"), reason.split(), strict=True)) for reason in reasons.split(", ")]
    assert main_reason(kept)["rule"] == named
