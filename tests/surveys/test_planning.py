from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from contacts import consent, gate
from contacts.models import Contact, Decision, Touchpoint
from contacts.models.words import Via
from contacts.policies import publish as publish_policy
from surveys.candidates import draw
from surveys.models import Invitation, Program, SurveyVersion, Wave
from surveys.planning import plan
from tests.surveys.makers import NOON, make_customer, make_program, make_touchpoint, make_version

DAY = timedelta(days=1)


@pytest.fixture
def no_caps(db: None) -> None:
    publish_policy("free", "No caps", {}, at=NOON)


def asked(at: datetime = NOON) -> int:
    return sum(program.asked for program in plan(at).programs)


def test_a_ripe_touchpoint_becomes_an_invitation(db: None) -> None:
    program, touchpoint = make_program(), make_touchpoint()
    plan(NOON)
    invitation = Invitation.objects.get()
    assert (invitation.program, invitation.touchpoint) == (program, touchpoint)
    assert (invitation.customer, invitation.address) == (touchpoint.customer, touchpoint.customer.identifiers.get())
    assert (invitation.state, invitation.channel, invitation.purpose) == ("planned", "email", "invitation")
    assert (invitation.due_at, invitation.expires_at) == (NOON, touchpoint.occurred_at + 14 * DAY)
    assert (invitation.closes_at, invitation.created_at) == (NOON + 30 * DAY, NOON)
    assert invitation.wave == Wave.objects.get()


def test_its_place_and_its_decision_are_kept(db: None) -> None:
    program, touchpoint = make_program(share=1), make_touchpoint(simulated=True)
    plan(NOON)
    contact, decision = Contact.objects.get(), Decision.objects.get()
    assert (contact.outcome, contact.program, contact.survey) == ("reserved", program.slug, "nps")
    assert (contact.seconds, contact.simulated, Invitation.objects.get().simulated) == (20, True, True)
    assert (decision.touchpoint, decision.contact, decision.stage) == (touchpoint, contact, "plan")
    assert (decision.result, decision.probability, decision.decided_at) == ("send", 1, NOON)


def test_the_report_counts_everything_once(db: None) -> None:
    program = make_program(slug="shop")
    twice = make_customer()
    make_touchpoint(twice), make_touchpoint(twice)
    make_touchpoint(make_customer(email=""))
    make_touchpoint(make_customer(email="", phone="+12025550123"), external_id="sms")
    make_touchpoint(occurred_at=NOON - 15 * DAY)
    figures = {"touchpoints": 5, "asked": 2, "delayed": 0, "skipped": {"cap": 1, "consent": 1, "expiry": 1}}
    by_program = [{"program": program.slug, "problem": "", **figures}]
    assert plan(NOON).as_dict() == {"at": "2026-05-05T12:00:00+00:00", **figures, "programs": by_program}


def test_what_must_wait_is_asked_and_counted_as_delayed(db: None) -> None:
    make_program(contact_channels=["sms"])
    make_touchpoint(make_customer(phone="+12025550123"))
    [report] = plan(NOON.replace(hour=23)).programs
    assert (report.asked, report.delayed) == (1, 1)
    assert Invitation.objects.get().due_at == (NOON + DAY).replace(hour=9)


def test_a_second_pass_adds_nothing(db: None) -> None:
    make_program()
    make_touchpoint()
    assert [asked(), asked(), asked(NOON + DAY)] == [1, 0, 0]
    assert (Decision.objects.count(), Invitation.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("hours", "ripe"), [(-12, True), (-11, False), (12, False), (-24 * 30, True), (-24 * 30 - 1, False)]
)
def test_only_what_is_ripe_and_after_the_start_is_decided(db: None, hours: int, ripe: bool) -> None:
    make_program()
    make_touchpoint(occurred_at=NOON + timedelta(hours=hours))
    plan(NOON)
    assert Decision.objects.exists() == ripe


@pytest.mark.parametrize(
    ("changed", "matches"),
    [
        ({}, True),
        ({"kinds": ["chat", "purchase"]}, True),
        ({"kinds": ["chat"]}, False),
        ({"kinds": []}, False),
        ({"channels": ["shop", "app"]}, True),
        ({"channels": ["app"]}, False),
        ({"filters": {"team": ["North"]}}, True),
        ({"filters": {"team": ["South"]}}, False),
        ({"filters": {"size__in": ["7"]}}, True),
        ({"filters": {"size__in": [7, 8]}}, True),
        ({"filters": {"size__in": ["8"]}}, False),
        ({"filters": {'we"ird': ["x"]}}, False),
        ({"filters": {"team": ["North"], "shop": ["Berlin", "Köln"]}}, True),
        ({"filters": {"team": ["North"], "shop": ["Bonn"]}}, False),
        ({"filters": {"team": []}}, False),
        ({"active": False}, False),
    ],
)
def test_which_touchpoints_a_program_is_about(db: None, changed: dict[str, Any], matches: bool) -> None:
    make_program(**changed)
    make_touchpoint(team="North", attributes={"shop": "Köln", "size__in": 7})
    plan(NOON)
    assert Decision.objects.exists() == matches


def test_what_arrives_late_is_still_found(db: None) -> None:
    make_program()
    make_touchpoint(occurred_at=NOON - DAY)
    plan(NOON)
    old, older = (make_touchpoint(occurred_at=NOON - days * DAY) for days in (5, 20))
    [report] = plan(NOON + DAY).programs
    assert (report.asked, report.skipped) == (1, {"expiry": 1})
    assert set(Decision.objects.values_list("touchpoint", flat=True)) >= {old.pk, older.pk}


def test_ids_committed_behind_the_newest_seen_are_looked_at_again(db: None) -> None:
    make_program()
    make_touchpoint(pk=9_000)
    plan(NOON)
    make_touchpoint(pk=5_000, occurred_at=NOON - 20 * DAY)
    assert plan(NOON + DAY).as_dict()["skipped"] == {"expiry": 1}


def test_a_pass_notes_how_far_it_came_and_an_earlier_one_does_not_turn_it_back(db: None) -> None:
    program, touchpoint = make_program(), make_touchpoint()
    plan(NOON)
    plan(NOON - DAY)
    program.refresh_from_db()
    assert (program.planned_at, program.seen_touchpoint) == (NOON, touchpoint.pk)


def test_a_pass_at_a_far_instant_by_mistake_loses_nothing(db: None) -> None:
    make_program()
    plan(NOON + 900 * DAY)
    make_touchpoint(pk=1)
    Program.objects.update(seen_touchpoint=90_000)
    assert asked() == 1


def test_the_draw_is_stable_and_even() -> None:
    assert draw("p", "s", "1") == draw("p", "s", "1")
    assert len({draw(*key) for key in (("p", "s", "1"), ("q", "s", "1"), ("p", "t", "1"), ("p", "s", "2"))}) == 4
    draws = sorted(draw("p", "s", str(number)) for number in range(2_000))
    assert 0 <= draws[0] < draws[-1] < 1
    # Kolmogorov's bound for 2,000 even draws at one in a thousand: 1.95 / sqrt(2000)
    assert max(abs(value - n / 2_000) for n, value in enumerate(draws)) < 0.0436


def test_who_is_not_drawn_is_kept_with_the_probability(no_caps: None) -> None:
    program = make_program(share=0.25)
    customer = make_customer()
    for _ in range(40):
        make_touchpoint(customer)
    plan(NOON)
    out = {t.pk for t in Touchpoint.objects.all() if draw(program.slug, t.source, t.external_id) >= 0.25}
    skipped = Decision.objects.filter(result="skip")
    assert set(skipped.values_list("touchpoint", flat=True)) == out
    assert {reason["kind"] for decision in skipped for reason in decision.reasons} == {"sampling"}
    assert set(Decision.objects.values_list("probability", flat=True)) == {0.25}
    assert Invitation.objects.count() == 40 - len(out)


@pytest.mark.parametrize(("share", "invited"), [(0.0, 0), (1.0, 5)])
def test_none_and_all(no_caps: None, share: float, invited: int) -> None:
    make_program(share=share)
    for _ in range(5):
        make_touchpoint()
    assert asked() == invited


def test_the_program_with_the_higher_priority_gets_the_place(db: None) -> None:
    version, customer = make_version(), make_customer()
    make_program(version, slug="chats", kinds=["chat"], priority=5)
    make_program(version, slug="purchases", kinds=["purchase"])
    make_touchpoint(customer, kind="purchase", occurred_at=NOON - 5 * DAY)
    make_touchpoint(customer, kind="chat", occurred_at=NOON - DAY)
    plan(NOON)
    assert Invitation.objects.get().program.slug == "chats"  # type: ignore[union-attr]


@pytest.mark.parametrize("later_first", [True, False])
def test_of_equal_programs_the_oldest_experience_gets_the_place(db: None, later_first: bool) -> None:
    version, customer = make_version(), make_customer()
    for kind in ("chat", "purchase"):
        make_program(version, kinds=[kind])
    days = {"chat": 3, "purchase": 5} if later_first else {"chat": 5, "purchase": 3}
    for kind, ago in days.items():
        make_touchpoint(customer, kind=kind, occurred_at=NOON - ago * DAY)
    plan(NOON)
    invited = Invitation.objects.get().touchpoint
    assert invited
    assert invited.occurred_at == NOON - 5 * DAY


@pytest.mark.parametrize(
    ("customer", "brand", "language"), [("de", "en", "de"), ("", "de", "de"), ("", "en", "en"), ("fr", "de", "fr")]
)
def test_the_language_is_the_customers_or_the_brands(db: None, customer: str, brand: str, language: str) -> None:
    make_program(make_version(default_language=brand))
    make_touchpoint(make_customer(language=customer))
    plan(NOON)
    assert Invitation.objects.get().language == language


def test_without_a_published_version_nothing_is_decided_and_the_program_says_why(db: None) -> None:
    program = make_program()
    SurveyVersion.objects.update(state="closed")
    make_touchpoint()
    [report] = plan(NOON).programs
    assert "has no published version" in report.problem
    assert (Decision.objects.count(), Program.objects.get().planned_at, report.touchpoints) == (0, None, 0)
    SurveyVersion.objects.update(state="published")
    assert plan(NOON).programs[0].program == program.slug
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize("channels", [[], ["phone", "email"], ["email", "pigeon"]])
def test_without_a_channel_that_carries_messages_it_says_so(db: None, channels: list[str]) -> None:
    make_program(contact_channels=channels)
    make_touchpoint()
    assert plan(NOON).programs[0].problem == (
        "Name one or both of email and sms as the channels to ask by, or phone alone: interviewers call then."
    )


def test_an_opt_out_is_kept_as_a_reason(db: None) -> None:
    make_program()
    touchpoint = make_touchpoint()
    consent.opt_out(touchpoint.customer_id, "", at=NOON - DAY, via=Via.REPLY)
    assert plan(NOON).as_dict()["skipped"] == {"consent": 1}
    assert Decision.objects.get().reasons[0]["rule"] == "opt-out"


def test_more_than_a_batch_is_planned(no_caps: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surveys.waves.LENGTHS", {connection.vendor: 3})
    make_program()
    for _ in range(7):
        make_touchpoint()
    assert asked() == 7


@pytest.mark.django_db(transaction=True)
def test_planners_at_the_same_time_never_ask_twice() -> None:
    customers = [make_customer() for _ in range(5)]
    make_program()
    for customer in customers * 4:
        make_touchpoint(customer)
    start, counts = Barrier(3), []

    def work() -> None:
        start.wait()
        counts.append(asked())
        connection.close()

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == Invitation.objects.count() == 5
    assert Decision.objects.count() == 20


@pytest.mark.parametrize(("contact_channels", "channel"), [(["sms", "email"], "email"), (["email"], "email")])
def test_a_channel_without_gateway_is_left_out(
    db: None, settings: Any, contact_channels: list[str], channel: str
) -> None:
    settings.CHANNEL_GATEWAYS = {"email": "outbox"}
    make_program(contact_channels=contact_channels)
    make_touchpoint(make_customer(phone="+12025550123"))
    assert plan(NOON).as_dict()["asked"] == 1
    assert Invitation.objects.get().channel == channel


def test_a_program_that_only_asks_where_there_is_no_gateway_says_so(db: None, settings: Any) -> None:
    settings.CHANNEL_GATEWAYS = {"email": "outbox"}
    make_program(contact_channels=["sms"])
    make_touchpoint()
    assert "has no gateway for sms" in plan(NOON).programs[0].problem


def test_an_override_lets_a_program_ask_once_more(db: None) -> None:
    make_program()
    customer = make_customer()
    by = User.objects.create(username="manager")
    gate.override(customer.pk, "email", reason="A promise", ends_at=NOON + DAY, by_id=by.pk, at=NOON)
    for _ in range(3):
        make_touchpoint(customer)
    assert asked() == 2
    assert Contact.objects.filter(override=None).count() == 1
